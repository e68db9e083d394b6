"""What went of which order in which box: so that boxes sent apart share an order's sums without a yen lost."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import is_among
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.states import ShipmentState

_GONE = (ShipmentState.CANCELLED, ShipmentState.MERGED)


class SentLine(NamedTuple):
    """Units of an order line in a live box; the lower `serial` is the older box."""

    order_id: UUID
    order_line_id: UUID
    serial: int
    quantity: int
    handed_over_at: datetime | None


@dataclass(frozen=True)
class Sent:
    """All live boxes of some orders."""

    lines: Sequence[SentLine]

    @cached_property
    def by_order(self) -> dict[UUID, list[SentLine]]:
        found: dict[UUID, list[SentLine]] = defaultdict(list)
        for line in self.lines:
            found[line.order_id].append(line)
        return dict(found)

    def list_earlier(self, shipment: Shipment, order_ids: Collection[UUID]) -> dict[UUID, int]:
        """Return how many units of each line of these orders went in older boxes."""
        units: dict[UUID, int] = defaultdict(int)
        serial = shipment.serial
        for order_id in order_ids:
            for line in self.by_order.get(order_id, ()):
                if line.serial < serial:
                    units[line.order_line_id] += line.quantity
        return units

    def find_fees_of(self, shipment: Shipment, order_ids: Collection[UUID]) -> frozenset[UUID]:
        """Return the orders whose fees this box bears: those of which nothing went before."""
        serial = shipment.serial
        return frozenset(
            order_id for order_id in order_ids if all(line.serial >= serial for line in self.by_order.get(order_id, ()))
        )

    def find_left_at(self, order_id: UUID) -> datetime | None:
        """Return when the last box of an order left; None while any is still here."""
        moments = [line.handed_over_at for line in self.lines if line.order_id == order_id]
        known = [moment for moment in moments if moment is not None]
        return max(known) if known and len(known) == len(moments) else None


def load_sent(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> Sent:
    """Return what the live boxes of these orders hold; what is sent again was paid for with the first."""
    rows = session.execute(
        select(
            ShipmentLine.order_id,
            ShipmentLine.order_line_id,
            Shipment.serial,
            ShipmentLine.quantity,
            Shipment.handed_over_at,
        )
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(ShipmentLine.shop_id == shop_id, is_among(ShipmentLine.order_id, order_ids))
        .where(Shipment.state.not_in(_GONE), Shipment.resend_of_id.is_(None))
    )
    return Sent([SentLine._make(row) for row in rows])
