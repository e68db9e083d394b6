"""What goods, fees and discounts come to on one invoice: shares of lines without a yen lost, tax by rate rounded once.

Pure. 適格請求書: one rounding per rate per invoice (消費税法施行令 第70条の10), never per line.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from orders.money import RateTotal, Rounding, Taxable, allocate, total_by_rate


class Line(Protocol):
    """What is asked of an order line; amounts are for its whole quantity."""

    id: UUID
    quantity: int
    amount: int
    discount_amount: int
    points_amount: int
    tax_rate: Decimal | None
    tax_included: bool


class Fee(Protocol):
    amount: int
    discount_amount: int
    tax_rate: Decimal | None
    tax_included: bool


SoldLine_co = TypeVar("SoldLine_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Sold(Generic[SoldLine_co]):
    """What one invoice is about: lines, each once, and how many units of them; `before` are those of earlier invoices,
    by line.
    """

    lines: Sequence[tuple[SoldLine_co, int]]
    fees: Sequence[Fee] = ()
    before: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """`amounts` are those of the lines sold, before discounts; `by_rate` highest first; `tax_outside` is not in the
    prices.

    goods + fees − discount − points + tax_outside = total = the gross of all rates.
    """

    amounts: Sequence[int]
    fees: int
    discount: int
    points: int
    by_rate: tuple[RateTotal, ...]
    tax_outside: int
    total: int

    @property
    def goods(self) -> int:
        return sum(self.amounts)


def share_out(amount: int, whole: int, before: int, taken: int) -> int:
    """Return the share of `taken` units out of `whole`, after `before` of them: all shares add up to the amount."""
    if whole <= 0:
        return amount if before == 0 else 0
    return amount * min(before + taken, whole) // whole - amount * min(before, whole) // whole


def add_up(sold: Sold[Line], rounding: Rounding) -> Figures | None:
    """Return the figures of one invoice; None when a rate is not known: then there can be none."""
    amounts: list[int] = []
    bases: dict[tuple[Decimal, bool], int] = defaultdict(int)
    discount = points = 0
    for line, taken in sold.lines:
        rate, whole = line.tax_rate, line.quantity
        if rate is None:
            return None
        amount, off, paid = line.amount, line.discount_amount, line.points_amount
        before = sold.before.get(line.id, 0) if sold.before else 0
        if before or taken < whole:
            amount, off, paid = (share_out(each, whole, before, taken) for each in (amount, off, paid))
        amounts.append(amount)
        discount, points = discount + off, points + paid
        bases[rate, line.tax_included] += amount - off - paid
    for fee in sold.fees:
        discount += fee.discount_amount
        if fee.amount == fee.discount_amount:
            continue  # Free delivery bears no tax, and shops tell no rate of it.
        if fee.tax_rate is None:
            return None
        bases[fee.tax_rate, fee.tax_included] += fee.amount - fee.discount_amount
    by_rate = tuple(total_by_rate([Taxable(base, *kind) for kind, base in bases.items()], rounding))
    total = sum([each.gross for each in by_rate])
    return Figures(
        amounts=amounts,
        fees=sum([fee.amount for fee in sold.fees]),
        discount=discount,
        points=points,
        by_rate=by_rate,
        tax_outside=total - sum(bases.values()),
        total=total,
    )


@dataclass(frozen=True)
class Returned:
    """Units of a line that were paid back; `amount` as the order's prices are, with or without tax."""

    amount: int
    rate: Decimal
    tax_included: bool


def split_refund(
    amount: int, lines: Iterable[Returned], sold: Iterable[RateTotal], rounding: Rounding
) -> list[RateTotal]:
    """Return a refund by rate: what its lines say, the rest in proportion to what was sold at each rate.

    The gross of all rates is the amount that was paid back.
    """
    weights: dict[Decimal, int] = defaultdict(int)
    for each in sold:
        weights[each.rate.normalize()] += max(each.gross, 0)
    items = [Taxable(line.amount, line.rate, line.tax_included) for line in lines]
    told = total_by_rate(items, rounding)
    rest = amount - sum(each.gross for each in told)
    gross: dict[Decimal, int] = {each.rate: each.gross for each in told}
    for rate, share in zip(weights, allocate(rest, list(weights.values())), strict=True):
        gross[rate] = gross.get(rate, 0) + share
    whole = [Taxable(paid, rate, tax_included=True) for rate, paid in gross.items() if paid]
    return total_by_rate(whole, rounding)
