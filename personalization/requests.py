"""What is decided over: one request per shipment, built by fulfillment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class BoxSpace:
    """What the goods leave free in the box for what is added: grams, millimetres of thickness; None: no limit known."""

    grams: float | None = None
    millimetres: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionRequest:
    """`customer_id` is the buyer. Seniority is (`accepted_at`, `shipment_id`), never the time of deciding.

    `delivery_service` is the key in the shop's table; while it is open, 信書 beyond a cover note is not enclosed.
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

    @property
    def seniority(self) -> tuple[datetime, UUID]:
        return self.accepted_at, self.shipment_id

    @property
    def is_to_other(self) -> bool:
        """Whether the parcel goes to somebody else than the buyer."""
        return self.recipient_customer_id != self.customer_id
