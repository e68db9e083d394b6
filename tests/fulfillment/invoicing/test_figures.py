"""Tax is rounded once per rate per invoice, however its lines are split; boxes share an order without a yen lost."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInputError
from fulfillment.invoicing.figures import Returned, Sold, add_up, share_out, split_refund
from fulfillment.invoicing.settings import InvoiceForm, InvoiceScope, check_profile, read_settings
from orders.money import Rounding, round_fraction

RATES = [Decimal("0.08"), Decimal("0.10")]
ROUNDINGS = st.sampled_from(list(Rounding))


@dataclass
class Line:
    """An order line as the figures ask for it."""

    quantity: int
    amount: int
    discount_amount: int = 0
    points_amount: int = 0
    tax_rate: Decimal | None = RATES[0]
    tax_included: bool = True
    id: UUID = field(default_factory=uuid4)


@st.composite
def draw_lines(draw: st.DrawFn) -> list[Line]:
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        quantity, price = draw(st.integers(1, 9)), draw(st.integers(1, 20_000))
        amount = quantity * price
        discount = draw(st.integers(0, amount))
        points = draw(st.integers(0, amount - discount))
        rate, included = draw(st.sampled_from(RATES)), draw(st.booleans())
        lines.append(Line(quantity, amount, discount, points, rate, included))
    return lines


def whole(lines: list[Line]) -> Sold[Line]:
    return Sold(lines=[(line, line.quantity) for line in lines])


@given(draw_lines(), ROUNDINGS)
def test_tax_is_rounded_once_per_rate(lines: list[Line], rounding: Rounding) -> None:
    figures = add_up(whole(lines), rounding)

    assert figures is not None
    for each in figures.by_rate:
        mine = [line for line in lines if line.tax_rate == each.rate]
        exact = sum(
            Fraction(line.amount - line.discount_amount - line.points_amount)
            * Fraction(each.rate)
            / (1 + Fraction(each.rate) if line.tax_included else 1)
            for line in mine
        )
        assert each.tax == round_fraction(Fraction(exact), rounding)
    assert figures.goods + figures.fees - figures.discount - figures.points + figures.tax_outside == figures.total


@given(draw_lines(), ROUNDINGS, st.data())
def test_however_lines_are_split_the_invoice_is_the_same(lines: list[Line], rounding: Rounding, data: Any) -> None:
    """One line of many units or many lines of one unit: one rounding per rate, so the same tax."""
    split = []
    for line in lines:
        cut = data.draw(st.integers(0, line.quantity))
        for before, taken in ((0, cut), (cut, line.quantity - cut)):
            amount, discount, points = (
                share_out(each, line.quantity, before, taken)
                for each in (line.amount, line.discount_amount, line.points_amount)
            )
            if taken:
                split.append(Line(taken, amount, discount, points, line.tax_rate, line.tax_included))

    one, other = add_up(whole(lines), rounding), add_up(whole(split), rounding)

    assert one is not None
    assert other is not None
    assert one.by_rate == other.by_rate
    assert one.total == other.total


@given(draw_lines(), ROUNDINGS, st.data())
def test_boxes_sent_apart_share_every_amount(lines: list[Line], rounding: Rounding, data: Any) -> None:
    boxes = data.draw(st.integers(1, 4))
    before = dict.fromkeys((line.id for line in lines), 0)
    sums = {"goods": 0, "discount": 0, "points": 0}
    for number in range(boxes):
        left = {line.id: line.quantity - before[line.id] for line in lines}
        taken = {
            line_id: count if number == boxes - 1 else data.draw(st.integers(0, count))
            for line_id, count in left.items()
        }
        boxed = [(line, taken[line.id]) for line in lines if taken[line.id]]
        figures = add_up(Sold(lines=boxed, before=dict(before)), rounding)
        assert figures is not None
        sums = {name: value + getattr(figures, name) for name, value in sums.items()}
        before = {line_id: count + taken[line_id] for line_id, count in before.items()}

    assert sums == {
        "goods": sum(line.amount for line in lines),
        "discount": sum(line.discount_amount for line in lines),
        "points": sum(line.points_amount for line in lines),
    }


@given(draw_lines(), ROUNDINGS, st.integers(1, 200_000))
def test_a_refund_comes_to_what_was_paid_back(lines: list[Line], rounding: Rounding, amount: int) -> None:
    sale = add_up(whole(lines), rounding)
    assert sale is not None
    some = [Returned(line.amount // 2, line.tax_rate, line.tax_included) for line in lines[:2] if line.tax_rate]

    by_rate = split_refund(amount, some, sale.by_rate, rounding)

    assert sum(each.gross for each in by_rate) == amount
    assert all(each.net + each.tax == each.gross for each in by_rate)


def test_without_a_rate_there_is_no_invoice() -> None:
    assert add_up(whole([Line(1, 100, tax_rate=None)]), Rounding.FLOOR) is None
    line = Line(1, 100)
    paid, free = (replace(whole([line]), fees=[Line(1, 500, discount, tax_rate=None)]) for discount in (0, 500))
    assert add_up(paid, Rounding.FLOOR) is None
    # Free delivery bears no tax: shops tell no rate of it.
    figures = add_up(free, Rounding.FLOOR)
    assert figures is not None
    assert (figures.total, figures.fees, figures.discount) == (100, 500, 500)


@pytest.mark.parametrize("number", ["T1234567890123", "Ｔ１２３４５６７８９０１２３", "t1-2345-6789-0123"])
def test_a_registration_number_is_kept_in_one_form(number: str) -> None:
    checked = check_profile({"registration_number": number, "invoice_form": "qualified", "invoice_scope": "shipment"})

    settings = read_settings(checked)
    assert (settings.number, settings.form, settings.scope) == (
        "T1234567890123",
        InvoiceForm.QUALIFIED,
        InvoiceScope.SHIPMENT,
    )


@pytest.mark.parametrize(
    "values",
    [
        {"registration_number": "T123"},
        {"registration_number": "1234567890123"},
        {"registration_number": "", "invoice_form": "simplified"},
    ],
)
def test_what_is_no_registration_number_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_profile(values)
    assert refused.value.details["field"] == "registration_number"
