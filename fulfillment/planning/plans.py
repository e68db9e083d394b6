"""What shipments an order asks for. Pure."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class PlannableLine:
    """`open_quantity` is what is still wanted, `sent_quantity` what left with earlier shipments."""

    order_line_id: UUID
    product_id: UUID | None
    position: int
    open_quantity: int
    sent_quantity: int
    temperature_zone: str

    @property
    def missing(self) -> int:
        return max(0, self.open_quantity - self.sent_quantity)


@dataclass(frozen=True)
class PlannedLine:
    order_line_id: UUID
    product_id: UUID | None
    position: int
    quantity: int


@dataclass(frozen=True)
class Address:
    """Whom a parcel goes to, or who sends it. Personal."""

    name: str | None = None
    name_kana: str | None = None
    company: str | None = None
    postal_code: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    address1: str | None = None
    address2: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class PlannedShipment:
    """What one temperature zone of one order asks to be sent now."""

    temperature_zone: str
    lines: tuple[PlannedLine, ...]
    recipient: Address | None
    sender: Address | None
    is_gift: bool
    desired_on: date | None
    desired_slot: str | None
    ship_not_before: date | None
    # What papers print besides: gift message, note, number. Changes of it are changes of the shipment.
    printed: Mapping[str, Any]

    def digest(self) -> bytes:
        """Return the SHA-256 of everything in it: equal plans have equal digests."""
        text = json.dumps(asdict(self), default=str, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).digest()


def group_lines(lines: Sequence[PlannableLine]) -> dict[str, tuple[PlannedLine, ...]]:
    """Return what is missing, by temperature zone: chilled and frozen goods travel apart."""
    zones: dict[str, list[PlannedLine]] = defaultdict(list)
    for line in lines:
        if line.missing:
            zones[line.temperature_zone].append(
                PlannedLine(line.order_line_id, line.product_id, line.position, line.missing)
            )
    return {zone: tuple(sorted(planned, key=lambda line: line.position)) for zone, planned in zones.items()}
