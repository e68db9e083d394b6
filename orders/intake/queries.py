"""Named reads of received events."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import clock
from core.errors import NotFoundError
from core.sealing import unseal
from orders.intake.models import RawEvent
from orders.intake.service import STUCK_AFTER
from orders.kinds import EventState


def list_failed_events(
    session: Session, shop_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[RawEvent]:
    """Return events that wait for a person, latest first: those that could not be read, and those whose job gave up."""
    stuck = (RawEvent.state == EventState.RECEIVED) & (RawEvent.received_at < clock.now() - STUCK_AFTER)
    statement = select(RawEvent).where(RawEvent.shop_id == shop_id, or_(RawEvent.state == EventState.FAILED, stuck))
    if before is not None:
        statement = statement.where(RawEvent.id < before)
    return session.scalars(statement.order_by(RawEvent.id.desc()).limit(limit)).all()


def events_of_order(session: Session, shop_id: UUID, order_id: UUID) -> Sequence[RawEvent]:
    return session.scalars(
        select(RawEvent).where(RawEvent.shop_id == shop_id, RawEvent.order_id == order_id).order_by(RawEvent.id)
    ).all()


def get_event(session: Session, shop_id: UUID, event_id: UUID) -> RawEvent:
    found = session.scalars(select(RawEvent).where(RawEvent.shop_id == shop_id, RawEvent.id == event_id)).one_or_none()
    if found is None:
        raise NotFoundError("There is no such event.", event_id=str(event_id))
    return found


def read_event_body(session: Session, event: RawEvent) -> bytes | None:
    """Return the body as it was received; None once erased. The caller records that it was read."""
    return None if event.body is None else unseal(session, event.body_key_id, event.body)
