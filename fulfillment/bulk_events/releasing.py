"""From attendees to orders: a session is released when nothing of its lists is unexplained; then each attendee gets an
order through the same door as everybody's, in batches that may be repeated.
"""

from datetime import UTC, datetime, time
from typing import Final
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.errors import InvalidInputError
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
    """Let the parcels of a session go their way, and return how many attendees wait for an order now. May be repeated
    for those who came later. Raises SessionNotClearError while a row of it waits for an answer or a list of its event
    is not settled.
    """
    held = get_session(session, shop_id, session_id)
    # Lists that are taken in meanwhile take turns with this.
    session.execute(select(BulkEvent.id).where(BulkEvent.id == held.event_id).with_for_update())
    waiting = session.scalar(
        select(func.count()).where(
            AttendeeRow.shop_id == shop_id, AttendeeRow.session_id == session_id, AttendeeRow.state == RowState.WAITING
        )
    )
    unsettled = list_unsettled(session, shop_id, held.event_id)
    if waiting or unsettled:
        raise SessionNotClearError(held.key, waiting=waiting or 0, lists=[each.file_name for each in unsettled])
    count = session.scalar(_count_entitled(shop_id, session_id)) or 0
    held.released_at, held.released_by = clock.now(), get_context().actor.id
    record(session, "fulfillment:event:release", shop_id=shop_id, subject_id=session_id, details={"attendees": count})
    if count:
        enqueue(session, JOB, shop_id=shop_id, args={"session_id": str(session_id)})
    return count


def _count_entitled(shop_id: UUID, session_id: UUID):  # type: ignore[no-untyped-def]
    return select(func.count()).where(
        Attendee.shop_id == shop_id, Attendee.session_id == session_id, Attendee.state == AttendeeState.ENTITLED
    )


def release_attendees(session: Session, shop_id: UUID, session_id: UUID) -> int:
    """Make the orders of the next batch of a session, and ask for the batch after it. Returns how many it made."""
    attendees = list(
        session.scalars(
            select(Attendee)
            .where(Attendee.shop_id == shop_id, Attendee.session_id == session_id)
            .where(Attendee.state == AttendeeState.ENTITLED)
            .order_by(Attendee.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
    )
    if not attendees:
        return 0
    held = get_session(session, shop_id, session_id)
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
