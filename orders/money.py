"""Tax by rate with one rounding per rate, and discounts allocated so that parts add up. Pure.

適格請求書: one rounding per rate per invoice (消費税法施行令 第70条の10);
a discount lowers each rate's base in proportion.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple


class Rounding(StrEnum):
    FLOOR = "floor"
    HALF_UP = "half_up"
    CEILING = "ceiling"


def round_fraction(value: Fraction, rounding: Rounding) -> int:
    """Round an exact value; half_up moves halves away from zero, the others go down or up the number line."""
    return _round_ratio(value.numerator, value.denominator, rounding)


def _round_ratio(value: int, divisor: int, rounding: Rounding) -> int:
    if rounding is Rounding.FLOOR:
        return value // divisor
    if rounding is Rounding.CEILING:
        return -(-value // divisor)
    sign = -1 if value < 0 else 1
    return sign * ((2 * abs(value) + divisor) // (2 * divisor))


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` in proportion to non-negative weights:
    the parts add up exactly, the largest remainders get the rest.

    Equal remainders favour the earlier part. Without any weight everything falls to the first part; no parts, nothing.
    """
    if not weights:
        return []
    total = sum(weights)
    if total == 0:
        return [amount, *[0] * (len(weights) - 1)]
    sign = -1 if amount < 0 else 1
    size = abs(amount)
    parts = [size * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % total), i))
    for i in by_remainder[: size - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def allocate_discount(amount: int, goods: Sequence[int], fees: Sequence[int]) -> tuple[list[int], list[int]]:
    """Take a discount off goods first and, beyond them, off fees; what exceeds both is dropped. Returns both shares."""
    on_goods = min(amount, sum(goods))
    on_fees = min(amount - on_goods, sum(fees))
    return allocate(on_goods, goods), allocate(on_fees, fees)


class Taxable(NamedTuple):
    """An amount after discounts. `rate` 0.08 means 8 %."""

    amount: int
    rate: Decimal
    tax_included: bool


class RateTotal(NamedTuple):
    """net + tax = gross, for one rate."""

    rate: Decimal
    net: int
    tax: int
    gross: int


def total_by_rate(items: Iterable[Taxable], rounding: Rounding) -> list[RateTotal]:
    """Add up by rate and round the tax once per rate, highest rate first."""
    sums: dict[Decimal, list[int]] = defaultdict(lambda: [0, 0])
    for item in items:
        sums[item.rate.normalize()][item.tax_included] += item.amount
    return [_total_rate(rate, sums[rate][False], sums[rate][True], rounding) for rate in sorted(sums, reverse=True)]


@lru_cache(maxsize=64)
def _share_inside(rate: Decimal) -> Fraction:
    """Return what part of a price with tax is tax."""
    exact = Fraction(rate)
    return exact / (1 + exact)


def _total_rate(rate: Decimal, without_tax: int, with_tax: int, rounding: Rounding) -> RateTotal:
    share = _share_inside(rate)
    held = _round_ratio(with_tax * share.numerator, share.denominator, rounding)
    tax = round_fraction(without_tax * Fraction(rate) + with_tax * share, rounding) if without_tax else held
    # Where both bases meet in one rate, the tax inside the tax-in part only tells net from gross.
    net = without_tax + with_tax - held
    return RateTotal(rate, net, tax, net + tax)
