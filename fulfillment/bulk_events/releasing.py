"""From attendees to orders: a session is released when nothing of its lists is unexplained; then each attendee gets an
order through the same door as everybody's, in batches that may be repeated.
"""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, time
from typing import Final
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.db import is_among
from core.errors import InvalidInputError
from core.jobs.models import Job, JobState
from core.jobs.service import enqueue
from core.tenancy import Shop, get_shop
from crm_link.kinds import TouchpointKind
from crm_link.records import TouchpointIn
from crm_link.service import record_touchpoints
from fulfillment.bulk_events.errors import AttendeeNotFoundError, SessionNotClearError
from fulfillment.bulk_events.kinds import AttendeeState, RowState
from fulfillment.bulk_events.ledger import list_unsettled
from fulfillment.bulk_events.models import Attendee, AttendeeRow, BulkEvent, BulkSession
from fulfillment.bulk_events.people import SOURCE
from fulfillment.bulk_events.service import get_session
from orders.catalogue.models import Product
from orders.normalised import Contact, NormalisedCancellation, NormalisedLine, NormalisedOrder, PaymentState
from orders.service import record_orders

JOB: Final = "fulfillment.release_attendees"
CHANNEL: Final = "event"
BATCH: Final = 500


def release_session(session: Session, shop_id: UUID, session_id: UUID) -> int:
    """Let the parcels of one session go their way: see `release_sessions`."""
    held = get_session(session, shop_id, session_id)
    return release_sessions(session, shop_id, held.event_id, [session_id])[session_id]


def release_sessions(session: Session, shop_id: UUID, event_id: UUID, session_ids: Collection[UUID]) -> dict[UUID, int]:
    """Let the parcels of these sessions go their way, all or none; returns how many attendees of each wait for an order
    now. May be repeated for those who came later. Raises SessionNotClearError while a row of one waits for an answer
    or a list of their event is not settled.
    """
    # Lists that are taken in meanwhile take turns with this.
    session.execute(select(BulkEvent.id).where(BulkEvent.id == event_id).with_for_update(key_share=True))
    unsettled = [each.file_name for each in list_unsettled(session, shop_id, event_id)]
    waiting = _count(session, shop_id, session_ids, AttendeeRow, RowState.WAITING)
    entitled = _count(session, shop_id, session_ids, Attendee, AttendeeState.ENTITLED)
    for session_id in session_ids:
        held = get_session(session, shop_id, session_id)
        if unsettled or waiting[session_id]:
            raise SessionNotClearError(held.key, waiting=waiting[session_id], lists=unsettled)
        held.released_at, held.released_by = clock.now(), get_context().actor.id
        details = {"attendees": entitled[session_id]}
        record(session, "fulfillment:event:release", shop_id=shop_id, subject_id=session_id, details=details)
        if entitled[session_id]:
            enqueue(session, JOB, shop_id=shop_id, args={"session_id": str(session_id)})
    return {session_id: entitled[session_id] for session_id in session_ids}


def _count(
    session: Session,
    shop_id: UUID,
    session_ids: Collection[UUID],
    table: type[Attendee] | type[AttendeeRow],
    state: AttendeeState | RowState,
) -> Counter[UUID]:
    """Return how many lines of a table each session has in this state."""
    statement = (
        select(table.session_id, func.count())
        .where(table.shop_id == shop_id, is_among(table.session_id, session_ids), table.state == state)
        .group_by(table.session_id)
    )
    return Counter({session_id: count for session_id, count in session.execute(statement) if session_id})


def find_releasing(session: Session, shop_id: UUID) -> frozenset[UUID]:
    """Return the sessions for which a job still makes orders."""
    statement = select(Job.args["session_id"].astext).where(
        Job.shop_id == shop_id, Job.name == JOB, Job.state.in_((JobState.QUEUED, JobState.SENT))
    )
    return frozenset(UUID(text) for text in session.scalars(statement) if text)


def release_attendees(session: Session, shop_id: UUID, session_id: UUID) -> int:
    """Make the orders of the next batch of a session, and ask for the batch after it. Returns how many it made.

    Who came after the release waits for the next one: their list may still be unexplained.
    """
    held = get_session(session, shop_id, session_id)
    attendees = list(
        session.scalars(
            select(Attendee)
            .where(Attendee.shop_id == shop_id, Attendee.session_id == session_id)
            .where(Attendee.state == AttendeeState.ENTITLED, Attendee.created_at <= held.released_at)
            .order_by(Attendee.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
    )
    if not attendees:
        return 0
    event, product = session.get_one(BulkEvent, held.event_id), session.get_one(Product, held.product_id)
    shop = get_shop(session, shop_id)
    orders = {each.id: make_order(each, held, event, product, shop) for each in attendees}
    recorded = record_orders(session, shop_id, list(orders.values()))
    record_touchpoints(session, shop_id, [_attendance(each, held, event, shop) for each in attendees])
    made = {attendee_id: recorded[order.key].order_id for attendee_id, order in orders.items()}
    session.execute(
        update(Attendee)
        .where(Attendee.shop_id == shop_id, Attendee.id.in_(made), Attendee.state == AttendeeState.ENTITLED)
        .values(state=AttendeeState.RELEASED, order_id=case(made, value=Attendee.id))
    )
    if len(attendees) == BATCH:
        enqueue(session, JOB, shop_id=shop_id, args={"session_id": str(session_id)})
    return len(attendees)


def make_order(
    attendee: Attendee, held: BulkSession, event: BulkEvent, product: Product, shop: Shop
) -> NormalisedOrder:
    """Return the order of an attendee: the session's product, paid for with the ticket. Pure."""
    # The identity by which crm_link knows this attendee.
    contact = Contact(**{**(attendee.contact or {}), "external_id": str(attendee.id)})
    return NormalisedOrder(
        source=SOURCE,
        external_id=str(attendee.id),
        number=f"{event.key}-{held.key}-{attendee.serial}",
        placed_at=attendee.created_at,
        source_updated_at=attendee.created_at,
        accepted_at=attendee.created_at,
        currency=shop.currency,
        total=0,
        lines=(NormalisedLine(external_id="1", sku=product.sku, title=product.name, quantity=1, unit_price=0),),
        buyer=contact,
        recipient=contact,
        payment_state=PaymentState.PAID,
        channel=CHANNEL,
        ship_not_before=event.ship_not_before,
        attributes={
            "event": event.key,
            "session": held.key,
            "session_on": held.held_on.isoformat(),
            "venue": held.venue,
            "list": attendee.list_kind.value,
        },
    )


def _attendance(attendee: Attendee, held: BulkSession, event: BulkEvent, shop: Shop) -> TouchpointIn:
    """Return what the customer record learns: this person was there."""
    began = datetime.combine(held.held_on, time(), shop.zone).astimezone(UTC)
    return TouchpointIn(
        customer_id=attendee.customer_id,
        kind=TouchpointKind.ATTENDANCE,
        source=SOURCE,
        external_id=str(attendee.id),
        occurred_at=began,
        known_at=max(began, attendee.created_at),
        campaign=event.key,
        title=held.venue,
        attributes={"event": event.key, "session": held.key},
    )


def withdraw(session: Session, shop_id: UUID, attendee_id: UUID, *, reason: str) -> None:
    """Take an attendee out: no parcel, or, where there is an order, its cancellation. What left the house stays left.
    Repeating it changes nothing.
    """
    if not reason.strip():
        raise InvalidInputError("A reason is needed.", field="reason")
    attendee = session.get(Attendee, attendee_id, with_for_update=True)
    if attendee is None or attendee.shop_id != shop_id:
        raise AttendeeNotFoundError(attendee_id)
    if attendee.state is AttendeeState.WITHDRAWN:
        return
    if attendee.state is AttendeeState.RELEASED:
        record_orders(
            session,
            shop_id,
            [
                NormalisedCancellation(
                    source=SOURCE, order_external_id=str(attendee.id), cancelled_at=clock.now(), reason="withdrawn"
                )
            ],
        )
    attendee.state, attendee.withdrawn_reason = AttendeeState.WITHDRAWN, reason.strip()
    record(session, "fulfillment:event:withdraw", shop_id=shop_id, subject_id=attendee_id)
