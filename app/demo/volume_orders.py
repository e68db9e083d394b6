"""The volume shop's December: its real baskets as orders, oldest first, bought by invented people."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from app.demo.gtins import VOLUME_PREFIX, make_gtin13
from app.demo.people import DemoPerson, make_people
from app.demo.shopify_payloads import DemoLine, DemoOrder
from app.demo.volume_data import TIME_ZONE, describe_products, load_lines
from app.demo.volume_history import split_baskets

FIRST_NUMBER: Final = 200_001
_ZONE: Final = ZoneInfo(TIME_ZONE)
_BORN_BEFORE: Final = date(2017, 1, 1)


@lru_cache(maxsize=2)
def make_households(seed: int) -> dict[int, DemoPerson]:
    """Return an invented person for each of the 2,469 households."""
    numbers = sorted(load_lines().lines["household_id"].unique().tolist())
    people = make_people(seed, max(numbers), mail_prefix="household", born_before=_BORN_BEFORE)
    return {number: people[number - 1] for number in numbers}


def shop_ref(household: int) -> str:
    """Return the id of a household's account in the web shop."""
    return str(6_200_000_000_000 + household)


def gtin_of(product_id: int) -> str:
    return make_gtin13(VOLUME_PREFIX, product_id)


@lru_cache(maxsize=1)
def describe_december() -> pd.DataFrame:
    """Return every product sold in December (see `volume_data.describe_products`)."""
    return describe_products(load_lines().december["product_id"])


def cut_baskets(count: int | None) -> tuple[pd.DataFrame, list[int]]:
    """Return the lines of December's first `count` baskets, and where each begins, with the end after them."""
    lines = load_lines().december
    starts = split_baskets(lines).tolist()
    starts = starts if count is None else starts[: count + 1]
    return lines.iloc[: starts[-1]], starts


def find_sold_products(count: int | None) -> set[int]:
    """Return the products that December's first `count` baskets hold."""
    return set(cut_baskets(count)[0]["product_id"].tolist())


def make_december_orders(households: Mapping[int, DemoPerson], count: int | None = None) -> list[DemoOrder]:
    """Return the first `count` baskets of December (all without a count) as orders at their real times."""
    lines, starts = cut_baskets(count)
    known = {row.product_id: row for row in describe_december().itertuples(index=False)}
    rows: list[Any] = list(lines.itertuples(index=False))
    orders = []
    for place, (start, end) in enumerate(pairwise(starts)):
        first = rows[start]
        orders.append(
            DemoOrder(
                number=FIRST_NUMBER + place,
                placed_at=first.at.to_pydatetime().replace(tzinfo=_ZONE),
                lines=tuple(
                    _make_line(number, row, known[row.product_id])
                    for number, row in enumerate(rows[start:end], start=1)
                ),
                buyer=households[first.household_id],
                buyer_ref=shop_ref(first.household_id),
            )
        )
    return orders


def _make_line(number: int, row: Any, product: Any) -> DemoLine:
    return DemoLine(
        number=number,
        sku=str(row.product_id),
        title=product.name,
        quantity=row.quantity,
        unit_yen=row.unit_yen,
        tax_percent=product.tax_percent,
        weight_g=product.weight_g,
    )
