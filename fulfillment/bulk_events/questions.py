"""Rows that wait for a person: who it may be, and what the person says. An answer makes an attendee, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.errors import InvalidInputError
from core.ids import new_id
from core.tabular.models import Upload
from core.tenancy import get_shop
from crm_link.living import require_living
from crm_link.resolution import resolve_persons
from crm_link.sightings import Face, find_sightings, load_faces, tie_identities
from fulfillment.bulk_events.errors import AddressNeededError, QuestionAnsweredError
from fulfillment.bulk_events.kinds import Answer, Doubt, ListKind, RowState
from fulfillment.bulk_events.models import Attendee, AttendeeRow, BulkEvent, BulkSession
from fulfillment.bulk_events.people import SOURCE, describe_person, list_gaps, make_contact
from fulfillment.bulk_events.seats import find_seats

PAGE = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member whom a row may be, as their card has them; `attendee_id`: has a parcel of this session already."""

    customer_id: UUID
    face: Face
    attendee_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A waiting row: what it says, why it waits, whom it may be."""

    upload_id: UUID
    number: int
    file_name: str
    list_kind: ListKind
    session: BulkSession
    doubt: Doubt
    said: Mapping[str, str]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerIn:
    """What a person says. SAME_PERSON names the customer; LEAVE_OUT needs a reason."""

    answer: Answer
    customer_id: UUID | None = None
    reason: str = ""


def list_questions(
    session: Session, shop_id: UUID, event_id: UUID, *, after: tuple[UUID, int] | None = None, limit: int = PAGE
) -> list[Question]:
    """Return waiting rows, list by list; `after` is the last one shown."""
    statement = (
        select(AttendeeRow, BulkSession, Upload.file_name)
        .join(BulkSession, BulkSession.id == AttendeeRow.session_id)
        .join(Upload, Upload.id == AttendeeRow.upload_id)
        .where(AttendeeRow.shop_id == shop_id, AttendeeRow.event_id == event_id)
        .where(AttendeeRow.state == RowState.WAITING)
        .order_by(AttendeeRow.upload_id, AttendeeRow.number)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(AttendeeRow.upload_id, AttendeeRow.number) > after)
    rows = session.execute(statement).all()
    people = {customer_id for row, _, _ in rows for customer_id in row.candidates}
    faces = load_faces(session, shop_id, people)
    seats = find_seats(session, shop_id, people)
    return [
        Question(
            upload_id=row.upload_id,
            number=row.number,
            file_name=name,
            list_kind=row.list_kind,
            session=where,
            doubt=row.doubt,
            said=row.said or {},
            candidates=tuple(
                Candidate(each, faces.get(each, Face()), seats.get((where.id, each))) for each in row.candidates
            ),
        )
        for row, where, name in rows
        if row.doubt
    ]


def count_questions(session: Session, shop_id: UUID, event_id: UUID) -> int:
    """Return how many rows of an event wait for an answer."""
    waiting = select(func.count()).where(AttendeeRow.shop_id == shop_id, AttendeeRow.event_id == event_id)
    return session.scalar(waiting.where(AttendeeRow.state == RowState.WAITING)) or 0


def answer_question(session: Session, event: BulkEvent, upload_id: UUID, number: int, given: AnswerIn) -> RowState:
    """Settle a waiting row of an event and return what became of it. Of two who answer at once the second hears
    QuestionAnsweredError. Raises AddressNeededError when the parcel could not be sent.
    """
    shop_id = event.shop_id
    row = _lock_row(session, event, upload_id, number)
    said = row.said or {}
    if given.answer is Answer.LEAVE_OUT:
        if not given.reason.strip():
            raise InvalidInputError("A reason is needed.", field="reason")
        state, attendee_id = RowState.REJECTED, None
    elif given.answer is Answer.SAME_PERSON:
        state, attendee_id = _seat_member(session, shop_id, row, said, given.customer_id)
    else:
        state, attendee_id = RowState.NEW, _seat_stranger(session, shop_id, row, said)
    _settle(session, row, given, state, attendee_id)
    return state


def _lock_row(session: Session, event: BulkEvent, upload_id: UUID, number: int) -> AttendeeRow:
    """Take the event's turn, as lists do, and the row."""
    session.execute(select(BulkEvent.id).where(BulkEvent.id == event.id).with_for_update(key_share=True))
    found = session.get(AttendeeRow, (event.shop_id, upload_id, number), populate_existing=True)
    if found is None or found.event_id != event.id or found.state is not RowState.WAITING:
        raise QuestionAnsweredError(number)
    return found


def _seat_member(
    session: Session, shop_id: UUID, row: AttendeeRow, said: Mapping[str, str], customer_id: UUID | None
) -> tuple[RowState, UUID]:
    if customer_id not in row.candidates:
        raise InvalidInputError("Say which of the members it is.", field="customer_id")
    person = require_living(session, shop_id, customer_id)
    seats = {where: attendee_id for (where, _), attendee_id in find_seats(session, shop_id, {person}).items()}
    if row.session_id in seats:
        return RowState.DUPLICATE, seats[row.session_id]
    face = load_faces(session, shop_id, {person}).get(person)
    return RowState.MATCHED, _attend(
        session, shop_id, row, person, make_contact(said, _country(session, shop_id), face)
    )


def _seat_stranger(session: Session, shop_id: UUID, row: AttendeeRow, said: Mapping[str, str]) -> UUID:
    """Make a customer of their own: keys that find somebody else stay with that one, and off the new card. The parcel
    bears them all the same: a household has one telephone.
    """
    country = _country(session, shop_id)
    attendee_id = new_id()
    person = describe_person(said, country, SOURCE, str(attendee_id))
    [sighting] = find_sightings(session, shop_id, [person])
    own = replace(person, email=_keep(person.email, sighting.by_email), phone=_keep(person.phone, sighting.by_phone))
    [made] = resolve_persons(session, shop_id, [own])
    return _attend(session, shop_id, row, made.customer_id, make_contact(said, country, None), attendee_id)


def _keep(value: str | None, owner: UUID | None) -> str | None:
    return None if owner else value


def _country(session: Session, shop_id: UUID) -> str:
    return get_shop(session, shop_id).country


def _attend(
    session: Session,
    shop_id: UUID,
    row: AttendeeRow,
    customer_id: UUID,
    contact: dict[str, str],
    attendee_id: UUID | None = None,
) -> UUID:
    if gaps := list_gaps(contact):
        raise AddressNeededError(gaps)
    attendee = Attendee(
        id=attendee_id or new_id(),
        shop_id=shop_id,
        session_id=row.session_id,
        customer_id=customer_id,
        ticket=(row.said or {}).get("ticket"),
        contact=contact,
        list_kind=row.list_kind,
        upload_id=row.upload_id,
    )
    session.add(attendee)
    session.flush()  # The ledger refers to it in a plain statement.
    tie_identities(session, shop_id, [(SOURCE, str(attendee.id), customer_id)])
    return attendee.id


def _settle(session: Session, row: AttendeeRow, given: AnswerIn, state: RowState, attendee_id: UUID | None) -> None:
    """Write the answer down and forget what the row said; the same row in other lists had the same question."""
    session.execute(
        update(AttendeeRow)
        .where(AttendeeRow.shop_id == row.shop_id, AttendeeRow.upload_id == row.upload_id)
        .where(AttendeeRow.number == row.number)
        .values(
            state=state,
            attendee_id=attendee_id,
            said=None,
            answer=given.answer,
            answer_reason=given.reason.strip() or None,
            answered_by=get_context().actor.id,
            answered_at=clock.now(),
        )
    )
    record(
        session,
        "fulfillment:event:answer",
        shop_id=row.shop_id,
        subject_id=row.upload_id,
        details={"row": row.number, "answer": given.answer.value, "state": state.value},
    )
