"""Who has a parcel of which session already."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import is_among
from fulfillment.bulk_events.kinds import AttendeeState
from fulfillment.bulk_events.models import Attendee


def find_seats(session: Session, shop_id: UUID, customer_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], UUID]:
    """Return the attendees that these customers are: (session, customer) → attendee."""
    statement = select(Attendee.session_id, Attendee.customer_id, Attendee.id).where(
        Attendee.shop_id == shop_id,
        is_among(Attendee.customer_id, customer_ids),
        Attendee.state != AttendeeState.WITHDRAWN,
    )
    return {(where, who): attendee_id for where, who, attendee_id in session.execute(statement)}
