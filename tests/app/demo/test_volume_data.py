"""Cleaning of the real purchases."""

import pandas as pd
import pytest

from app.demo.volume_data import DECEMBER, describe_products, drop_lines, load_lines, weigh

PRODUCTS = pd.DataFrame(
    [
        (1, "GROCERY", "BREAD", "BREAD:WHITE"),
        (2, "FUEL", "FUEL", "GASOLINE-REG UNLEADED"),
        (3, "MISCELLANEOUS", "COUPON/MISC ITEMS", "GASOLINE-REG UNLEADED"),
        (4, "COUPON", "COUPONS/STORE & MFG", "COUPONS"),
        (5, "MISCELLANEOUS", None, None),
    ],
    columns=["product_id", "department", "product_category", "product_type"],
)


def make_lines(*rows: tuple[int, int, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"household_id": 1, "basket_id": 10, "product_id": product_id, "quantity": quantity, "sales_value": value,
             "transaction_timestamp": pd.Timestamp("2017-12-01 10:00")}
            for product_id, quantity, value in rows
        ]
    )  # fmt: skip


def test_each_line_is_dropped_for_its_first_reason_and_counted_once() -> None:
    cleaned = drop_lines(
        make_lines((1, 2, 3.0), (1, 0, 0.0), (2, 1, 5.0), (3, 9000, 20.0), (4, 0, 0.0), (5, 1, 1.0), (99, 1, 1.0)),
        PRODUCTS,
    )
    assert cleaned.dropped == {"without_product": 2, "fuel": 2, "coupon": 1, "zero_quantity": 1}
    assert cleaned.lines[["product_id", "quantity", "unit_yen", "amount"]].values.tolist() == [[1, 2, 168, 336]]


@pytest.mark.parametrize(("size", "grams"), [("16 OZ", 454), ("2 L", 2000), ("1 LB", 454), ("12 CT", 144)])
def test_a_package_size_gives_the_weight(size: str, grams: int) -> None:
    assert weigh(size, 1) == grams


def test_without_a_package_size_the_guess_is_fixed_and_bounded() -> None:
    assert weigh(None, 5) == weigh("EACH", 5)
    assert all(60 <= weigh("", number) <= 900 for number in range(1000))


def test_every_line_of_the_year_is_kept_or_counted() -> None:
    cleaned = load_lines()
    assert len(cleaned.lines) + sum(cleaned.dropped.values()) == 1_469_307
    assert cleaned.december["basket_id"].nunique() == 11_961
    assert cleaned.history["at"].max() < DECEMBER
    assert (cleaned.lines["amount"] == cleaned.lines["unit_yen"] * cleaned.lines["quantity"]).all()


def test_every_product_of_december_has_a_name_and_a_weight() -> None:
    december = load_lines().december
    described = describe_products(december["product_id"])
    assert set(described["product_id"]) == set(december["product_id"])
    assert described["name"].str.len().min() > 3
    assert described["weight_g"].between(5, 20_000).all()
