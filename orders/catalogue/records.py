"""What is handed to the catalogue: a product with its codes and components, checked. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from orders.catalogue.gtin import read_gtin
from orders.faults import Fault
from orders.normalised import TemperatureZone


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductIn:
    """`components` is (SKU, quantity); a value left None keeps what is known. `gtin` in any printed form."""

    sku: str
    name: str
    gtin: str | None = None
    name_en: str | None = None
    category: str | None = None
    price: int | None = None
    tax_rate: Decimal | None = None
    weight_g: int | None = None
    thickness_mm: int | None = None
    width_mm: int | None = None
    length_mm: int | None = None
    temperature_zone: TemperatureZone | None = None
    ships: bool | None = None
    sold_out: bool | None = None
    picture_file_id: UUID | None = None
    aliases: tuple[str, ...] = ()
    components: tuple[tuple[str, int], ...] | None = None
    attributes: Mapping[str, Any] | None = field(default=None)


class UpsertState(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class UpsertedProducts:
    """What became of each product, by SKU."""

    states: Mapping[str, UpsertState]
    ids: Mapping[str, UUID]

    def count(self, state: UpsertState) -> int:
        return sum(1 for found in self.states.values() if found is state)


def check_product(product: ProductIn) -> list[Fault]:
    faults = [Fault(name, "missing") for name in ("sku", "name") if not getattr(product, name)]
    if product.gtin and read_gtin(product.gtin) is None:
        faults.append(Fault("gtin", "bad_check_digit"))
    for name in ("price", "weight_g", "thickness_mm", "width_mm", "length_mm"):
        value = getattr(product, name)
        if value is not None and not 0 <= value <= 10**9:
            faults.append(Fault(name, "out_of_range", ">= 0"))
    if product.tax_rate is not None and not 0 <= product.tax_rate < 1:
        faults.append(Fault("tax_rate", "out_of_range", "0 <= rate < 1"))
    if any(quantity < 1 for _, quantity in product.components or ()):
        faults.append(Fault("components", "out_of_range", ">= 1"))
    return faults


def find_ring(components: Mapping[str, Sequence[str]], starts: Sequence[str]) -> str | None:
    """Return one of `starts` that contains itself, through however many sets; None when none does."""
    for start in starts:
        seen: set[str] = set()
        waiting = list(components.get(start, ()))
        while waiting:
            part = waiting.pop()
            if part == start:
                return start
            if part not in seen:
                seen.add(part)
                waiting += components.get(part, ())
    return None
