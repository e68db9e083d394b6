"""The face shop's goods and inserts, read from the tables beside it."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from app.demo.gtins import FACE_PREFIX, make_gtin13

DATA: Final = Path(__file__).parent / "data"
_FIRST_INSERT: Final = 801  # Goods count from 1; inserts keep apart.


@dataclass(frozen=True)
class DemoProduct:
    """`price_yen` includes tax; a set has components (SKU → quantity) and their weight."""

    sku: str
    name: str
    category: str
    gtin: str
    price_yen: int
    tax_percent: int
    weight_g: int
    thickness_mm: int
    temperature_zone: str
    shape: str
    colour: str
    components: Mapping[str, int]


@dataclass(frozen=True)
class DemoInsert:
    key: str
    name: str
    name_en: str
    kind: str
    gtin: str
    weight_g: int
    thickness_mm: int
    cost_yen: int
    market_value_yen: int
    stock: int
    out_of_stock: str
    shape: str
    colour: str


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _parse_components(text: str) -> dict[str, int]:
    parts = (part.split(":") for part in text.split("|") if part)
    return {sku: int(quantity) for sku, quantity in parts}


@lru_cache
def load_products() -> tuple[DemoProduct, ...]:
    """Return all goods; a set weighs what its components weigh and is as thick as the thickest."""
    rows = _read("face_products.csv")
    weights = {row["sku"]: int(row["weight_g"]) for row in rows}
    heights = {row["sku"]: int(row["thickness_mm"]) for row in rows}
    products = []
    for number, row in enumerate(rows, start=1):
        components = _parse_components(row["components"])
        products.append(
            DemoProduct(
                sku=row["sku"],
                name=row["name"],
                category=row["category"],
                gtin=make_gtin13(FACE_PREFIX, number),
                price_yen=int(row["price"]),
                tax_percent=int(row["tax"]),
                weight_g=sum(weights[sku] * n for sku, n in components.items()) or weights[row["sku"]],
                thickness_mm=max((heights[sku] for sku in components), default=heights[row["sku"]]),
                temperature_zone=row["zone"],
                shape=row["shape"],
                colour=row["colour"],
                components=components,
            )
        )
    return tuple(products)


@lru_cache
def load_inserts() -> tuple[DemoInsert, ...]:
    return tuple(
        DemoInsert(
            key=row["key"],
            name=row["name"],
            name_en=row["name_en"],
            kind=row["kind"],
            gtin=make_gtin13(FACE_PREFIX, number),
            weight_g=int(row["weight_g"]),
            thickness_mm=int(row["thickness_mm"]),
            cost_yen=int(row["cost_yen"]),
            market_value_yen=int(row["market_value_yen"]),
            stock=int(row["stock"]),
            out_of_stock=row["out_of_stock"],
            shape=row["shape"],
            colour=row["colour"],
        )
        for number, row in enumerate(_read("face_inserts.csv"), start=_FIRST_INSERT)
    )
