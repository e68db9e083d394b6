"""What bulk events do when a customer is erased, or two become one; subscribed in `app/wiring.py`."""

from uuid import UUID

from sqlalchemy import any_, case, literal, or_, select, update
from sqlalchemy.orm import Session

from crm_link.events import CustomerErased, CustomersMoved
from fulfillment.bulk_events.kinds import AttendeeState, RowState
from fulfillment.bulk_events.models import Attendee, AttendeeRow

JOINED = "joined"


def forget_customer(session: Session, event: CustomerErased) -> None:
    """Empty what lists said of this customer, who gets no parcel any more where there is no order yet."""
    of_customer = (Attendee.shop_id == event.shop_id, Attendee.customer_id == event.customer_id)
    ids = list(session.scalars(select(Attendee.id).where(*of_customer)))
    session.execute(
        update(Attendee)
        .where(Attendee.id.in_(ids), Attendee.state == AttendeeState.ENTITLED)
        .values(state=AttendeeState.WITHDRAWN)
    )
    session.execute(
        update(Attendee).where(Attendee.id.in_(ids)).values(contact=None, ticket=None, withdrawn_reason=None)
    )
    # A row that waits may be theirs: it is closed, and the list asks for an explanation.
    state = case((AttendeeRow.state == RowState.WAITING, RowState.REJECTED), else_=AttendeeRow.state)
    session.execute(
        update(AttendeeRow)
        .where(AttendeeRow.shop_id == event.shop_id)
        .where(or_(AttendeeRow.attendee_id.in_(ids), literal(event.customer_id) == any_(AttendeeRow.candidates)))
        .values(state=state, said=None, digest=None, answer_reason=None)
    )


def follow_customer(session: Session, event: CustomersMoved) -> None:
    """Let attendees follow a customer who proved to be another one. Who is then entitled twice to one session is so
    once: of two without an order the later one is taken out.
    """
    if not event.whole:
        return
    mine = select(Attendee).where(Attendee.shop_id == event.shop_id, Attendee.state != AttendeeState.WITHDRAWN)
    seats = {
        each.session_id: each for each in session.scalars(mine.where(Attendee.customer_id == event.to_customer_id))
    }
    for attendee in session.scalars(mine.where(Attendee.customer_id == event.from_customer_id)):
        there = seats.get(attendee.session_id)
        if there is None:
            attendee.customer_id = event.to_customer_id
        elif attendee.state is AttendeeState.ENTITLED:
            _take_out(attendee)
        elif there.state is AttendeeState.ENTITLED:
            _take_out(there)
            session.flush()  # The place must be free before the other one takes it.
            attendee.customer_id = event.to_customer_id
    _move_candidates(session, event.shop_id, event.from_customer_id, event.to_customer_id)


def _take_out(attendee: Attendee) -> None:
    attendee.state, attendee.withdrawn_reason = AttendeeState.WITHDRAWN, JOINED


def _move_candidates(session: Session, shop_id: UUID, before: UUID, after: UUID) -> None:
    waiting = select(AttendeeRow).where(AttendeeRow.shop_id == shop_id, AttendeeRow.state == RowState.WAITING)
    for row in session.scalars(waiting.where(literal(before) == any_(AttendeeRow.candidates))):
        row.candidates = list(dict.fromkeys(after if each == before else each for each in row.candidates))
