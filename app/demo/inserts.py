"""The inserts of both shops, read from the tables beside it, and their rules, read from JSON."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from app.demo.face_catalogue import DATA, read_table
from app.demo.gtins import FACE_PREFIX, VOLUME_PREFIX, make_gtin13

# Goods count from 1 (face) or bear their own numbers of at most eight digits (volume); inserts keep apart.
_NUMBERING: Final = {"face": (FACE_PREFIX, 801), "volume": (VOLUME_PREFIX[:3] + "9", 80_000_001)}


@dataclass(frozen=True)
class DemoInsert:
    """`stock` is how many pieces were counted. `allergens` as care flags name them."""

    key: str
    name: str
    name_en: str
    kind: str
    letter_class: str
    gtin: str
    weight_g: int
    thickness_mm: int
    cost_yen: int
    market_value_yen: int
    stock: int
    out_of_stock: str
    substitute: str | None
    allergens: tuple[str, ...]
    shape: str
    colour: str


@lru_cache
def load_inserts(shop: str) -> tuple[DemoInsert, ...]:
    """Return the inserts of a shop, "face" or "volume"."""
    prefix, first = _NUMBERING[shop]
    rows = enumerate(read_table(f"{shop}_inserts.csv"), start=first)
    return tuple(_make_insert(row, make_gtin13(prefix, number)) for number, row in rows)


def _make_insert(row: dict[str, str], gtin: str) -> DemoInsert:
    return DemoInsert(
        key=row["key"],
        name=row["name"],
        name_en=row["name_en"],
        kind=row["kind"],
        letter_class=row["letter_class"],
        gtin=gtin,
        weight_g=int(row["weight_g"]),
        thickness_mm=int(row["thickness_mm"]),
        cost_yen=int(row["cost_yen"]),
        market_value_yen=int(row["market_value_yen"]),
        stock=int(row["stock"]),
        out_of_stock=row["out_of_stock"],
        substitute=row["substitute"] or None,
        allergens=tuple(row["allergens"].split()),
        shape=row["shape"],
        colour=row["colour"],
    )


def load_rules(shop: str) -> dict[str, Any]:
    """Return the ruleset of a shop in the published format (docs/rules.md)."""
    found: dict[str, Any] = json.loads((DATA / f"{shop}_rules.json").read_text(encoding="utf-8"))
    return found
