"""The parcels of one session as a wave of their own: one recording on the bench at a time."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fulfillment.bulk_events.models import Attendee
from fulfillment.bulk_events.service import get_session
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.packing.models import Wave
from fulfillment.printing.waves import LARGEST_WAVE, WaveChoice, create_wave
from fulfillment.states import ShipmentState


def gather_session(session: Session, shop_id: UUID, session_id: UUID, *, limit: int = LARGEST_WAVE) -> Wave:
    """Gather the next planned parcels of a session. Raises EmptyWaveError when none may go today."""
    held = get_session(session, shop_id, session_id)
    planned = (
        select(Shipment.id)
        .join(ShipmentLine, ShipmentLine.shipment_id == Shipment.id)
        .join(Attendee, Attendee.order_id == ShipmentLine.order_id)
        .where(Attendee.shop_id == shop_id, Attendee.session_id == held.id)
        .where(Shipment.shop_id == shop_id, Shipment.state == ShipmentState.PLANNED)
        .distinct()
    )
    return create_wave(session, shop_id, WaveChoice(shipment_ids=session.scalars(planned).all(), limit=limit))
