"""Who stays out of a printing, and why: told with the part, beside those who were printed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fulfillment.models import HoldReason, Shipment, ShipmentHold
from fulfillment.packing.models import PrintJob


def name_shipments(shipments: Sequence[Shipment]) -> dict[UUID, str]:
    """Return their numbers by id, read before statements make their rows read anew."""
    return {shipment.id: shipment.number for shipment in shipments}


def note_left_out(session: Session, printing: PrintJob, left: Mapping[UUID, str]) -> None:
    """Write down these shipments (id → number, in packing order) with what holds each; those noted before remain."""
    if not left:
        return
    session.flush()  # Holds were placed just now.
    statement = select(ShipmentHold).where(ShipmentHold.shop_id == printing.shop_id, ShipmentHold.shipment_id.in_(left))
    reasons: dict[UUID, list[str]] = defaultdict(list)
    details: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for hold in session.scalars(statement.where(ShipmentHold.released_at.is_(None)).order_by(ShipmentHold.id)):
        reasons[hold.shipment_id].append(hold.reason.value)
        if hold.reason is HoldReason.CANNOT_DRAW:
            details[hold.shipment_id] = hold.details
    printing.held = [
        *printing.held,
        *(
            {"shipment": str(key), "number": number, "reasons": reasons[key], "details": details[key]}
            for key, number in left.items()
        ),
    ]
    printing.refused = len(printing.held)
