"""Taking deliveries in and trying failed ones again. Callers own the transaction."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record_many
from core.jobs.service import enqueue_many
from orders.intake.models import RawEvent
from orders.intake.storing import STORE, WORK_EVENTS, StoredDelivery, make_parameters
from orders.kinds import EventState

# An event received so long ago and not worked has a job that failed for good.
STUCK_AFTER: Final = timedelta(minutes=5)


def accept_events(session: Session, batch: Sequence[StoredDelivery]) -> set[UUID]:
    """Store verified deliveries whole, with their jobs; returns the ids of those that were not here before.

    The webhook door runs the same statement on a connection of its own, for many requests at once.
    """
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(STORE, make_parameters(batch))
        return {row[0] for row in cursor.fetchall()}


def retry_events(session: Session, shop_id: UUID, event_ids: Collection[UUID]) -> list[UUID]:
    """Work failed, ignored or stuck events again; returns those that will be. Asking twice changes nothing."""
    again = (EventState.FAILED, EventState.IGNORED)
    stuck = (RawEvent.state == EventState.RECEIVED) & (RawEvent.received_at < clock.now() - STUCK_AFTER)
    retried = list(
        session.scalars(
            update(RawEvent)
            .where(
                RawEvent.shop_id == shop_id,
                RawEvent.id.in_(event_ids),
                RawEvent.body.is_not(None),
                or_(RawEvent.state.in_(again), stuck),
            )
            .values(state=EventState.RECEIVED)
            .returning(RawEvent.id)
        )
    )
    enqueue_many(
        session,
        WORK_EVENTS,
        shop_id=shop_id,
        batch=[({"event_id": str(event_id)}, str(event_id)) for event_id in retried],
    )
    record_many(session, "orders:event:retried", shop_id=shop_id, subjects=[(event_id, {}) for event_id in retried])
    return retried
