"""The face shop's goods, read from the table beside it."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from app.demo.gtins import FACE_PREFIX, make_gtin13

DATA: Final = Path(__file__).parent / "data"


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


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of the sample data."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _parse_components(text: str) -> dict[str, int]:
    parts = (part.split(":") for part in text.split("|") if part)
    return {sku: int(quantity) for sku, quantity in parts}


@lru_cache
def load_products() -> tuple[DemoProduct, ...]:
    """Return all goods; a set weighs what its components weigh and is as thick as the thickest."""
    rows = read_table("face_products.csv")
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
