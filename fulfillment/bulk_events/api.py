"""Bulk events over HTTP: events, sessions, questions, releases. Lists are handed in as uploads (`/api/uploads`) and
started with the options `event` and `list`.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from core.audit.service import record
from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment.bulk_events import schemas
from fulfillment.bulk_events.gathering import gather_session
from fulfillment.bulk_events.kinds import Stage
from fulfillment.bulk_events.ledger import (
    SessionEntry,
    count_rows,
    list_attendees,
    list_events,
    list_lists,
    list_sessions,
)
from fulfillment.bulk_events.questions import AnswerIn, Question, answer_question, list_questions
from fulfillment.bulk_events.releasing import release_session, withdraw
from fulfillment.bulk_events.service import (
    EventIn,
    SessionIn,
    create_event,
    get_event,
    get_list_upload,
    get_session,
    put_sessions,
    settle_list,
)

router = APIRouter(prefix="/api", tags=["events"])
Organising = Annotated[Access, require(Role.ORGANISER, Role.OPERATOR)]


@router.get("/events")
def get_events(session: SessionDep, access: Organising) -> list[schemas.EventOut]:
    """The shop's events, the newest first."""
    return [schemas.EventOut.model_validate(each) for each in list_events(session, access.shop_id)]


@router.post("/events", status_code=201)
def post_event(body: schemas.EventBody, session: SessionDep, access: Organising) -> schemas.EventOut:
    event = create_event(session, access.shop_id, EventIn(**body.model_dump()))
    return schemas.EventOut.model_validate(event)


@router.get("/events/{event_key}")
def get_one_event(event_key: str, session: SessionDep, access: Organising) -> schemas.EventDetailOut:
    """An event with its sessions and lists: what every row became, and how far every parcel is."""
    event = get_event(session, access.shop_id, event_key)
    return schemas.EventDetailOut(
        **schemas.EventOut.model_validate(event).model_dump(),
        sessions=[_show_session(each) for each in list_sessions(session, access.shop_id, event.id)],
        lists=[schemas.ListOut.model_validate(each) for each in list_lists(session, access.shop_id, event)],
    )


def _show_session(entry: SessionEntry) -> schemas.SessionOut:
    held = entry.session
    return schemas.SessionOut(
        id=held.id,
        key=held.key,
        venue=held.venue,
        venue_en=held.venue_en,
        held_on=held.held_on,
        sku=entry.sku,
        released_at=held.released_at,
        rows=dict(entry.rows),
        attendees=entry.attendees,
        stages=dict(entry.stages),
    )


@router.put("/events/{event_key}/sessions")
def put_event_sessions(
    event_key: str, body: list[schemas.SessionBody], session: SessionDep, access: Organising
) -> list[schemas.SessionChangeOut]:
    """Make or change sessions by their keys. Each answer says what became of one; the others are not held up."""
    event = get_event(session, access.shop_id, event_key)
    told = [SessionIn(**{**each.model_dump(), "venue_en": each.venue_en or each.venue}) for each in body]
    changes = put_sessions(session, access.shop_id, event.id, told)
    return [
        schemas.SessionChangeOut(
            key=each.key, state=change.state, reason=change.problems[0].code if change.problems else None
        )
        for each, change in zip(told, changes, strict=True)
    ]


@router.post("/events/{event_key}/lists/{upload_id}/settle", status_code=204)
def post_settle(
    event_key: str, upload_id: UUID, body: schemas.SettleBody, session: SessionDep, access: Organising
) -> Response:
    """Say why a list's rejected rows need nothing more, or why a file is not to be used."""
    event = get_event(session, access.shop_id, event_key)
    settle_list(session, event, upload_id, reason=body.reason)
    return Response(status_code=204)


@router.get("/events/{event_key}/lists/{upload_id}")
def get_list_rows(
    event_key: str, upload_id: UUID, session: SessionDep, access: Organising
) -> list[schemas.ListCountOut]:
    """What the rows of one list became, session by session; those that name no session have none."""
    upload = get_list_upload(session, get_event(session, access.shop_id, event_key), upload_id)
    return [schemas.ListCountOut.model_validate(each) for each in count_rows(session, access.shop_id, upload.id)]


@router.get("/events/{event_key}/questions")
def get_questions(event_key: str, session: SessionDep, access: Organising) -> list[schemas.QuestionOut]:
    """Rows that wait for a person, fifty at a time. Reading them is on record."""
    event = get_event(session, access.shop_id, event_key)
    found = list_questions(session, access.shop_id, event.id)
    record(session, "fulfillment:event:read_questions", shop_id=access.shop_id, subject_id=event.id)
    return [_show_question(each) for each in found]


def _show_question(question: Question) -> schemas.QuestionOut:
    return schemas.QuestionOut(
        upload_id=question.upload_id,
        number=question.number,
        file_name=question.file_name,
        kind=question.list_kind,
        session_key=question.session.key,
        doubt=question.doubt,
        said=dict(question.said),
        candidates=[
            schemas.CandidateOut(
                customer_id=each.customer_id,
                name=each.face.name,
                kana=each.face.kana,
                address=each.face.address,
                is_attendee=each.attendee_id is not None,
            )
            for each in question.candidates
        ],
    )


@router.post("/events/{event_key}/questions/{upload_id}/{number}")
def post_answer(
    event_key: str, upload_id: UUID, number: int, body: schemas.AnswerBody, session: SessionDep, access: Organising
) -> schemas.AnsweredOut:
    """Say who a waiting row is. Of two who answer at once the second gets 409."""
    event = get_event(session, access.shop_id, event_key)
    given = AnswerIn(answer=body.answer, customer_id=body.customer_id, reason=body.reason)
    return schemas.AnsweredOut(state=answer_question(session, event, upload_id, number, given))


@router.post("/bulk-sessions/{bulk_session_id}/release", status_code=202)
def post_release(bulk_session_id: UUID, session: SessionDep, access: Organising) -> schemas.ReleasedOut:
    """Let the session's parcels go their way; 409 while anything is unexplained."""
    return schemas.ReleasedOut(attendees=release_session(session, access.shop_id, bulk_session_id))


@router.post("/bulk-sessions/{bulk_session_id}/waves", status_code=201)
def post_wave(bulk_session_id: UUID, session: SessionDep, access: Organising) -> schemas.GatheredOut:
    """Gather the session's next planned parcels into a wave."""
    wave = gather_session(session, access.shop_id, bulk_session_id)
    return schemas.GatheredOut(wave_id=wave.id, shipments=wave.shipment_count)


@router.get("/bulk-sessions/{bulk_session_id}/attendees")
def get_attendees(
    bulk_session_id: UUID,
    session: SessionDep,
    access: Organising,
    after: int = 0,
    stage: Annotated[list[Stage] | None, Query()] = None,
) -> list[schemas.AttendeeOut]:
    """A session's attendees and their parcels, a hundred at a time; `after` is the last one's serial."""
    held = get_session(session, access.shop_id, bulk_session_id)
    found = list_attendees(session, access.shop_id, held.id, stages=stage, after=after)
    record(session, "fulfillment:event:read_attendees", shop_id=access.shop_id, subject_id=held.id)
    return [schemas.AttendeeOut.model_validate(each) for each in found]


@router.post("/attendees/{attendee_id}/withdraw", status_code=204)
def post_withdrawal(attendee_id: UUID, body: schemas.SettleBody, session: SessionDep, access: Organising) -> Response:
    """Take an attendee out; an order that exists is cancelled."""
    withdraw(session, access.shop_id, attendee_id, reason=body.reason)
    return Response(status_code=204)
