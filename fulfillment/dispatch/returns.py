"""What is delivered and what comes back."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from core import clock
from core.context import get_context
from fulfillment.models import Parcel, Return, ReturnKind
from fulfillment.states import ParcelState, ShipmentAct
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
