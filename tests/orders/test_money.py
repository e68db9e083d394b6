"""Tax by rate, rounded once; discounts shared so that nothing is lost."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.currency import parse_amount
from orders.money import RateTotal, Rounding, Taxable, allocate, allocate_discount, round_fraction, total_by_rate

amounts = st.integers(0, 10**9)
rates = st.sampled_from([Decimal("0.08"), Decimal("0.10"), Decimal(0)])
taxables = st.lists(st.builds(Taxable, amounts, rates, st.booleans()), max_size=20)


@given(st.integers(-(10**9), 10**9), st.lists(amounts, min_size=1, max_size=30))
def test_the_parts_add_up(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)

    assert sum(parts) == amount
    assert all(part * amount >= 0 for part in parts)


@given(amounts, st.lists(st.integers(1, 10**6), min_size=1, max_size=30))
def test_no_part_is_further_than_one_from_its_exact_share(amount: int, weights: list[int]) -> None:
    for part, weight in zip(allocate(amount, weights), weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1


@given(amounts, st.lists(amounts, max_size=9), st.lists(amounts, max_size=3))
def test_a_discount_never_takes_more_than_there_is(amount: int, goods: list[int], fees: list[int]) -> None:
    on_goods, on_fees = allocate_discount(amount, goods, fees)

    assert sum(on_goods) + sum(on_fees) == min(amount, sum(goods) + sum(fees))
    assert all(part <= whole for part, whole in zip([*on_goods, *on_fees], [*goods, *fees], strict=True))


@given(taxables, st.sampled_from(Rounding))
def test_tax_is_rounded_once_per_rate(items: list[Taxable], rounding: Rounding) -> None:
    totals = total_by_rate(items, rounding)

    assert len({total.rate for total in totals}) == len(totals)
    for total in totals:
        assert total.net + total.tax == total.gross
        own = [item for item in items if item.rate == total.rate]
        exact = sum(
            (item.amount * Fraction(item.rate) / (1 + Fraction(item.rate) if item.tax_included else 1) for item in own),
            Fraction(0),
        )
        assert abs(total.tax - exact) < 1


@given(taxables, st.sampled_from(Rounding))
def test_what_was_charged_with_tax_stays_what_was_charged(items: list[Taxable], rounding: Rounding) -> None:
    inside = [item for item in items if item.tax_included]

    assert sum(total.gross for total in total_by_rate(inside, rounding)) == sum(item.amount for item in inside)


def test_an_invoice_of_two_rates() -> None:
    items = [
        Taxable(1080, Decimal("0.08"), True),
        Taxable(1100, Decimal("0.1"), True),
        Taxable(99, Decimal("0.1"), True),
    ]

    assert total_by_rate(items, Rounding.FLOOR) == [
        RateTotal(Decimal("0.1"), 1090, 109, 1199),
        RateTotal(Decimal("0.08"), 1000, 80, 1080),
    ]


@pytest.mark.parametrize(
    ("value", "floor", "half_up", "ceiling"),
    [("1/2", 0, 1, 1), ("-1/2", -1, -1, 0), ("5/4", 1, 1, 2), ("7", 7, 7, 7)],
)
def test_the_three_ways_of_rounding(value: str, floor: int, half_up: int, ceiling: int) -> None:
    found = [round_fraction(Fraction(value), rounding) for rounding in Rounding]

    assert found == [floor, half_up, ceiling]


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1980", "JPY", 1980),
        ("1980.00", "JPY", 1980),
        ("19.8", "USD", 1980),
        ("1,980", "JPY", 1980),
        ("1.5", "KWD", 1500),
    ],
)
def test_amounts_are_read_into_the_smallest_unit(text: str, currency: str, amount: int) -> None:
    assert parse_amount(text, currency) == amount


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("19.80", "too_precise"),
        ("abc", "not_an_amount"),
        ("12,5", "not_an_amount"),
        ("NaN", "not_an_amount"),
        ("1e99", "out_of_range"),
        ("", "not_an_amount"),
    ],
)
def test_what_is_no_amount_says_why(text: str, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        parse_amount(text, "JPY")
