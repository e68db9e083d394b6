"""What people do to shipments: hold, release, cancel. Callers own the transaction."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import Session

from fulfillment.deciding import enqueue_decisions
from fulfillment.errors import (
    ActNotPossibleError,
    ChangeNotAnsweredError,
    ReasonMissingError,
    ShipmentNotFoundError,
)
from fulfillment.holds import HoldIn, lift_holds, need_unerased, place_holds
from fulfillment.models import HoldReason, Shipment
from fulfillment.parts import find_siblings
from fulfillment.states import PENDING, ShipmentAct
from fulfillment.transitions import require_change
from personalization.service import return_allotments


def get_shipment(session: Session, shop_id: UUID, shipment_id: UUID) -> Shipment:
    shipment = session.get(Shipment, shipment_id)
    if shipment is None or shipment.shop_id != shop_id:
        raise ShipmentNotFoundError(shipment_id)
    return shipment


def hold_shipment(session: Session, shop_id: UUID, shipment_id: UUID, *, note: str) -> None:
    """Stop a shipment at once, wherever it is in the house; raises ActNotPossibleError when it has left or was
    cancelled.
    """
    if not note.strip():
        raise ReasonMissingError("Holding")
    shipment = get_shipment(session, shop_id, shipment_id)
    place_holds(session, shop_id, [HoldIn(shipment_id, HoldReason.PERSON, note=note.strip())])
    session.refresh(shipment)
    if shipment.state not in PENDING:
        raise ActNotPossibleError(ShipmentAct.HOLD, [shipment.number], [shipment.state])


def release_shipment(
    session: Session, shop_id: UUID, shipment_id: UUID, *, reasons: Collection[HoldReason] | None = None
) -> None:
    """Lift the holds (of these reasons, or all): a person answers for it. What changed meanwhile is decided again.

    A change after printing is answered by `interrupting`, not released. Raises ShipmentErasedError for whom nothing can
    be printed any more.
    """
    shipment = get_shipment(session, shop_id, shipment_id)
    changed = HoldReason.CHANGED_AFTER_PRINT
    if changed in (reasons or ()):
        raise ChangeNotAnsweredError(shipment.number)
    need_unerased(session, shop_id, [shipment])
    lift_holds(session, shop_id, [shipment_id], set(reasons or HoldReason) - {changed})
    session.refresh(shipment)
    enqueue_decisions(session, shop_id, [shipment_id])


def cancel_shipment(session: Session, shop_id: UUID, shipment_id: UUID) -> None:
    """Give a shipment up; what it was promised goes back."""
    get_shipment(session, shop_id, shipment_id)
    values = {"wave_id": None, "wave_position": None, "is_given_up": True}
    require_change(session, shop_id, [shipment_id], ShipmentAct.CANCEL, **values)
    return_allotments(session, shop_id, [shipment_id])
    # If it was the first box of its orders, another one is now, and holds what the customer is given.
    enqueue_decisions(session, shop_id, find_siblings(session, shop_id, [shipment_id]))
