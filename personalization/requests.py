"""What is decided over: one request per shipment, built by fulfillment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class BoxSpace:
    """What the goods leave free in the box for what is added: grams, millimetres of thickness; None: no limit known."""

    grams: float | None = None
    millimetres: float | None = None


@dataclass(frozen=True, slots=True)
class Papers:
    """What is printed for a parcel besides what rules choose: one of these slips, the usual one first. Keys of
    templates.
    """

    slips: tuple[str, ...]
    language: str

    def name_slips(self, chosen: str | None) -> tuple[str, ...]:
        """Return the slips, one of which is printed when a rule has chosen this one; the usual one is no choice."""
        return self.slips if chosen is None or chosen == self.slips[0] else (chosen,)


class Part(StrEnum):
    """How a box relates to what was ordered. The inserts and letters of an order go with its first box."""

    WHOLE = "whole"
    REST = "rest"  # a further box of orders that have their first one
    CHOSEN = "chosen"  # sent again: what a person chose, and nothing that rules would add


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenAgain:
    """An insert that a person chose to send once more."""

    insert_key: str
    quantity: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionRequest:
    """`customer_id` is the buyer. Seniority is (`accepted_at`, `shipment_id`), never the time of deciding.

    `delivery_service` is the key in the shop's table; while it is open, 信書 beyond a cover note is not enclosed.
    `with_letter`: whether rules may choose a letter for a box of part CHOSEN. Shipments of one `root_id` (the first box
    of the order, the shipment that is sent again) count as one use of whatever is limited; None: the shipment itself.
    Without `papers` nobody asks whether what rules offer has a place on them.
    """

    shipment_id: UUID
    order_ids: Sequence[UUID]
    customer_id: UUID | None
    recipient_customer_id: UUID | None
    is_gift: bool
    moment: datetime
    accepted_at: datetime
    warehouse_id: UUID
    delivery_service: str | None = None
    country: str | None = None
    prefecture: str | None = None
    space: BoxSpace = BoxSpace()
    part: Part = Part.WHOLE
    with_letter: bool = True
    again: Sequence[GivenAgain] = ()
    root_id: UUID | None = None
    papers: Papers | None = None

    @property
    def root(self) -> UUID:
        return self.root_id or self.shipment_id

    @property
    def seniority(self) -> tuple[datetime, UUID]:
        return self.accepted_at, self.shipment_id

    @property
    def is_to_other(self) -> bool:
        """Whether the parcel goes to somebody else than the buyer."""
        return self.recipient_customer_id != self.customer_id
