"""What comes back, what is delivered, and what is sent again."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.ids import new_id
from fulfillment.errors import ActNotPossibleError, ReasonMissingError, ShipmentNotFoundError
from fulfillment.models import Parcel, Return, ReturnKind, Shipment, ShipmentLine
from fulfillment.states import SENT, ParcelState, ShipmentAct
from fulfillment.transitions import require_change
from personalization.service import return_allotments


def mark_delivered(session: Session, shop_id: UUID, shipment_id: UUID) -> None:
    require_change(session, shop_id, [shipment_id], ShipmentAct.DELIVER)


def take_back(session: Session, shop_id: UUID, shipment_id: UUID, kind: ReturnKind, note: str | None = None) -> Return:
    """Record a parcel that came back or could not be delivered; what it held by decision may be given again."""
    act = ShipmentAct.RETURN if kind is ReturnKind.RETURNED else ShipmentAct.FAIL_DELIVERY
    require_change(session, shop_id, [shipment_id], act)
    session.execute(
        update(Parcel)
        .where(Parcel.shipment_id == shipment_id, Parcel.state == ParcelState.HANDED_OVER)
        .values(state=ParcelState.RETURNED)
    )
    return_allotments(session, shop_id, [shipment_id])
    returned = Return(
        shop_id=shop_id, shipment_id=shipment_id, kind=kind, at=clock.now(), by=get_context().actor.id, note=note
    )
    session.add(returned)
    return returned


def send_again(
    session: Session, shop_id: UUID, shipment_id: UUID, *, reason: str, quantities: Mapping[UUID, int] | None = None
) -> Shipment:
    """Plan a shipment of what was missing or lost: all lines, or these quantities by shipment line. Returns it, to be
    decided.

    The first shipment stays as it is; whatever was enclosed once only counts as given, unless it came back.
    """
    if not reason.strip():
        raise ReasonMissingError("Sending again")
    original = session.get(Shipment, shipment_id)
    if original is None or original.shop_id != shop_id:
        raise ShipmentNotFoundError(shipment_id)
    if original.state not in SENT:
        raise ActNotPossibleError(ShipmentAct.RESEND, [original.number], [original.state])
    again = _copy_shipment(original)
    again.lines = _copy_lines(session, original, quantities)
    session.add(again)
    session.flush()  # The caller decides it by its id.
    details = {"again": str(again.id), "reason": reason[:200]}
    record(session, "fulfillment:shipment:resend", shop_id=shop_id, subject_id=shipment_id, details=details)
    return again


_COPIED = (
    "shop_id",
    "warehouse_id",
    "customer_id",
    "recipient_customer_id",
    "is_gift",
    "recipient_name",
    "recipient_key",
    "recipient",
    "sender",
    "language",
    "channel",
    "delivery_service",
    "temperature_zone",
    "accepted_at",
)


def _copy_shipment(original: Shipment) -> Shipment:
    values = {name: getattr(original, name) for name in _COPIED}
    shipment_id = new_id()
    return Shipment(id=shipment_id, plan_key=f"resend:{shipment_id}", resend_of_id=original.id, **values)


def _copy_lines(session: Session, original: Shipment, quantities: Mapping[UUID, int] | None) -> list[ShipmentLine]:
    lines = session.scalars(
        select(ShipmentLine).where(ShipmentLine.shipment_id == original.id).order_by(ShipmentLine.position)
    )
    wanted = [
        (line, min(line.quantity, (quantities or {}).get(line.id, 0 if quantities else line.quantity)))
        for line in lines
    ]
    return [
        ShipmentLine(
            shop_id=line.shop_id,
            order_id=line.order_id,
            order_line_id=line.order_line_id,
            product_id=line.product_id,
            position=line.position,
            quantity=quantity,
        )
        for line, quantity in wanted
        if quantity > 0
    ]
