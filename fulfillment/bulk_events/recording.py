"""Takes in the rows of a list: each becomes an attendee, a duplicate, a question or a refusal; the ledger holds all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import LargeBinary, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from core import clock
from core.db import is_among
from core.entering import enter_rows
from core.ids import new_id
from core.tabular.importer import ImportContext, Problem, Row
from crm_link.cards import is_identifiable
from crm_link.errors import OvertakenError
from crm_link.imports.outcomes import UNIDENTIFIABLE
from crm_link.living import lock_living
from crm_link.resolution import resolve_persons
from crm_link.sightings import Face, Sighting, find_sightings, load_faces, tie_identities
from fulfillment.bulk_events.judging import Claim, Judge, Known, Seat, Verdict
from fulfillment.bulk_events.kinds import AttendeeState, ListKind, RowState
from fulfillment.bulk_events.models import Attendee, AttendeeRow, BulkEvent, BulkSession
from fulfillment.bulk_events.people import SOURCE, describe_person, digest_row, list_gaps, list_said, make_contact
from fulfillment.bulk_events.places import SessionFinder
from fulfillment.bulk_events.seats import find_seats

ADDRESS_MISSING = Problem(
    "address1",
    "address_missing",
    "送り先の住所が、この行にも会員データにもそろっていません。",
    "Neither the row nor the member data has a complete address.",
)

_PROBLEMS: Final = {RowState.REJECTED: ADDRESS_MISSING}
_MAKING: Final = (RowState.MATCHED, RowState.NEW)


@dataclass(frozen=True, slots=True)
class Sound:
    """A row that names a session and a person."""

    number: int
    session: BulkSession
    said: dict[str, str]
    sighting: Sighting
    digest: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row."""

    number: int
    state: RowState
    problem: Problem | None = None


def take_rows(
    session: Session, context: ImportContext, event: BulkEvent, kind: ListKind, rows: Sequence[Row]
) -> list[Taken]:
    """Enter the rows of a list of this event. One transaction at a time takes in rows of an event: two lists at once
    would each find nobody there yet. Raises OvertakenError when one of the people is erased or joined at this moment.
    """
    session.execute(select(BulkEvent.id).where(BulkEvent.id == event.id).with_for_update(key_share=True))
    sound, refused = _sort_out(session, context, event, rows)
    candidates = _list_candidates(sound)
    if lock_living(session, context.shop_id, candidates) != candidates:
        raise OvertakenError  # One was erased or joined since they were found; read again.
    faces = load_faces(session, context.shop_id, candidates)
    judge = Judge(_load_known(session, context, event.id, sound, faces), new_id)
    verdicts = {row.number: judge.judge(_claim(row, context.country)) for row in sound}
    verdicts = _make_attendees(session, context, kind, sound, verdicts, faces)
    ledger = [_note(row, verdicts[row.number]) for row in sound]
    ledger += [{"number": number, "state": RowState.REJECTED} for number in refused]
    common = {"shop_id": context.shop_id, "upload_id": context.upload_id, "event_id": event.id, "list_kind": kind}
    enter_rows(session, AttendeeRow, [{"candidates": [], **common, **each} for each in ledger])
    return [
        *(Taken(number, RowState.REJECTED, problem) for number, problem in refused.items()),
        *(Taken(number, v.state, _PROBLEMS.get(v.state)) for number, v in verdicts.items()),
    ]


def _sort_out(
    session: Session, context: ImportContext, event: BulkEvent, rows: Sequence[Row]
) -> tuple[list[Sound], dict[int, Problem]]:
    """Return the rows that name a session and a person, and why the others do not."""
    sessions = session.scalars(select(BulkSession).where(BulkSession.event_id == event.id)).all()
    finder, refused = SessionFinder(sessions), {}
    named: list[tuple[Row, BulkSession, dict[str, str]]] = []
    for row in rows:
        found, said = finder.find(row.values), list_said(row.values)
        person = describe_person(said, context.country, event.member_source, said.get("member_id"))
        if isinstance(found, Problem):
            refused[row.number] = found
        elif not is_identifiable(person):
            refused[row.number] = UNIDENTIFIABLE
        else:
            named.append((row, found, said))
    persons = [describe_person(s, context.country, event.member_source, s.get("member_id")) for _, _, s in named]
    sightings = find_sightings(session, context.shop_id, persons)
    return [
        Sound(row.number, found, said, sighting, digest_row(found.id, said, sighting))
        for (row, found, said), sighting in zip(named, sightings, strict=True)
    ], refused


def _list_candidates(rows: Sequence[Sound]) -> set[UUID]:
    told = [row.sighting for row in rows]
    found = {each for one in told for each in (one.by_id, one.by_email, one.by_phone, *one.look_alikes)}
    return {customer_id for customer_id in found if customer_id}


def _claim(row: Sound, country: str) -> Claim:
    said = row.said
    return Claim(
        row.number,
        row.session.id,
        said.get("ticket"),
        said.get("member_id"),
        row.sighting,
        row.digest,
        has_address=not list_gaps(make_contact(said, country, None)),
    )


def _load_known(
    session: Session, context: ImportContext, event_id: UUID, rows: Sequence[Sound], faces: Mapping[UUID, Face]
) -> Known:
    """Read who is an attendee already, whose the tickets are, and which rows were handed in before."""
    shop_id = context.shop_id
    sessions = {row.session.id for row in rows}
    columns = (Attendee.id, Attendee.session_id, Attendee.customer_id, Attendee.ticket)
    living = select(*columns).where(
        Attendee.shop_id == shop_id,
        is_among(Attendee.session_id, sessions),
        Attendee.state != AttendeeState.WITHDRAWN,
    )
    tickets = {ticket for row in rows if (ticket := row.said.get("ticket"))}
    people = living.where(is_among(Attendee.customer_id, set(faces)))
    held = living.where(Attendee.ticket == any_(literal(sorted(tickets), ARRAY(Attendee.ticket.type))))
    found = [*session.execute(people), *session.execute(held)]
    seats = {(row.session_id, row.customer_id): Seat(row.id, row.customer_id) for row in found}
    taken = {(row.session_id, row.ticket): Seat(row.id, row.customer_id) for row in found if row.ticket}
    homes = {each for each, face in faces.items() if not list_gaps(make_contact({}, context.country, face))}
    return Known(faces, _find_earlier(session, shop_id, event_id, rows), seats, taken, homes)


def _find_earlier(session: Session, shop_id: UUID, event_id: UUID, rows: Sequence[Sound]) -> dict[bytes, Seat | None]:
    digests = literal([row.digest for row in rows], ARRAY(LargeBinary))
    statement = (
        select(AttendeeRow.digest, AttendeeRow.attendee_id, Attendee.customer_id)
        .outerjoin(Attendee, Attendee.id == AttendeeRow.attendee_id)
        .where(AttendeeRow.shop_id == shop_id, AttendeeRow.event_id == event_id, AttendeeRow.digest == any_(digests))
        # What a person left out stays out.
        .where(or_(AttendeeRow.state != RowState.REJECTED, AttendeeRow.answer.is_not(None)))
    )
    return {
        row.digest: Seat(row.attendee_id, row.customer_id) if row.attendee_id else None
        for row in session.execute(statement)
        if row.digest
    }


def _make_attendees(
    session: Session,
    context: ImportContext,
    kind: ListKind,
    rows: Sequence[Sound],
    verdicts: dict[int, Verdict],
    faces: Mapping[UUID, Face],
) -> dict[int, Verdict]:
    """Enter the attendees of matched and new rows; the customers of new ones are made first, and may prove to be there
    already: what they have twice then is a duplicate.
    """
    judged = [(row, verdicts[row.number]) for row in rows]
    made = [(row, verdict.seat) for row, verdict in judged if verdict.seat and verdict.state in _MAKING]
    owners = make_customers(session, context, [(row, seat) for row, seat in made if seat.customer_id not in faces])
    settled = dict(verdicts)
    entered: dict[tuple[UUID, UUID], UUID] = find_seats(session, context.shop_id, set(owners.values()))
    people: list[dict[str, Any]] = []
    homes: dict[UUID, dict[str, str]] = {}
    for row, seat in made:
        customer_id = owners.get(seat.customer_id, seat.customer_id)
        place = row.session.id, customer_id
        if place in entered:
            settled[row.number] = Verdict(RowState.DUPLICATE, Seat(entered[place], customer_id))
            continue
        entered[place] = seat.attendee_id
        contact = make_contact(row.said, context.country, faces.get(customer_id))
        # Who is new with this list may say the address in another row of it.
        homes.setdefault(customer_id, contact)
        contact = homes[customer_id] | contact if list_gaps(contact) else contact
        people.append(_attend(row, context, kind, Seat(seat.attendee_id, customer_id), contact))
    # Verdicts on other rows may name an attendee that proved to be another one, or somebody only named so far.
    standing = {seat.attendee_id: settled[row.number].seat for row, seat in made}
    for number, verdict in settled.items():
        if verdict.seat and verdict.seat.attendee_id in standing:
            settled[number] = Verdict(verdict.state, standing[verdict.seat.attendee_id])
        elif verdict.candidates:
            known = dict.fromkeys(owners.get(each, each) for each in verdict.candidates)
            settled[number] = replace(verdict, candidates=tuple(known))
    enter_rows(session, Attendee, people)
    tie_identities(session, context.shop_id, [(SOURCE, str(each["id"]), each["customer_id"]) for each in people])
    return settled


def make_customers(session: Session, context: ImportContext, made: Sequence[tuple[Sound, Seat]]) -> dict[UUID, UUID]:
    """Return for each customer that is only named so far the one that was made or found."""
    first = {seat.customer_id: (row, seat) for row, seat in reversed(made)}
    persons = [
        describe_person(row.said, context.country, SOURCE, str(seat.attendee_id)) for row, seat in first.values()
    ]
    resolved = resolve_persons(session, context.shop_id, persons)
    return {named: found.customer_id for named, found in zip(first, resolved, strict=True)}


def _attend(
    row: Sound, context: ImportContext, kind: ListKind, seat: Seat, contact: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "id": seat.attendee_id,
        "shop_id": context.shop_id,
        "session_id": row.session.id,
        "customer_id": seat.customer_id,
        "ticket": row.said.get("ticket"),
        "contact": contact,
        "list_kind": kind,
        "upload_id": context.upload_id,
        "state": AttendeeState.ENTITLED,
        "created_at": clock.now(),
    }


def _note(row: Sound, verdict: Verdict) -> dict[str, Any]:
    """Return the ledger's line. What the row says stays only while somebody has to look at it."""
    waits = verdict.state is RowState.WAITING
    return {
        "number": row.number,
        "session_id": row.session.id,
        "state": verdict.state,
        "attendee_id": verdict.seat.attendee_id if verdict.seat else None,
        "digest": row.digest,
        "doubt": verdict.doubt,
        "candidates": list(verdict.candidates),
        "said": row.said if waits else None,
    }
