"""The people of one session: how far each parcel is, who is still waiting, the proof as a file, taking somebody out."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from core.audit.service import record
from core.auth.roles import Access
from core.errors import InvalidInputError
from core.web import SessionDep, require
from fulfillment.bulk_events.errors import AttendeeNotFoundError, SessionNotFoundError
from fulfillment.bulk_events.kinds import Stage
from fulfillment.bulk_events.ledger import PAGE, list_attendees, list_sessions
from fulfillment.bulk_events.models import Attendee, BulkEvent, BulkSession
from fulfillment.bulk_events.releasing import withdraw
from fulfillment.bulk_events.service import get_event, get_session
from warehouse_ui.answers import go_to
from warehouse_ui.downloads import answer_file
from warehouse_ui.events.proof import write_proof
from warehouse_ui.events.steps import name_session
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.navigation import CUSTOMERS, EVENTS, SHIPMENTS
from warehouse_ui.paging import make_links
from warehouse_ui.templating import render

router = APIRouter(prefix="/events", include_in_schema=False)

Organising = Annotated[Access, require(*EVENTS)]
# Everybody whose parcel has not left and still should.
OPEN: Final = "open"
_NOT_LEFT: Final = tuple(stage for stage in Stage if stage not in (Stage.HANDED_OVER, Stage.WITHDRAWN))


def _read_stages(text: str) -> tuple[Stage, ...] | None:
    """Return the stages that a filter means; None: all."""
    if text == OPEN:
        return _NOT_LEFT
    return (Stage(text),) if text in set(Stage) else None


def _find(session: Session, access: Access, event_key: str, bulk_session_id: UUID) -> tuple[BulkEvent, BulkSession]:
    event = get_event(session, access.shop_id, event_key)
    held = get_session(session, access.shop_id, bulk_session_id)
    if held.event_id != event.id:
        raise SessionNotFoundError(bulk_session_id)
    return event, held


@router.get("/{event_key}/sessions/{bulk_session_id}")
def show_people(
    request: Request,
    event_key: str,
    bulk_session_id: UUID,
    access: Organising,
    session: SessionDep,
    stage: str = "",
    before: int = 0,
) -> Response:
    event, held = _find(session, access, event_key, bulk_session_id)
    return _show(request, access, session, event, held, stage=stage, before=before)


def _show(
    request: Request,
    access: Access,
    session: Session,
    event: BulkEvent,
    held: BulkSession,
    *,
    stage: str,
    before: int,
    **more: Any,
) -> Response:
    shop_id = access.shop_id
    stages = _read_stages(stage)
    rows = list_attendees(session, shop_id, held.id, stages=stages, after=before, limit=PAGE + 1)
    record(session, "fulfillment:event:read_attendees", shop_id=shop_id, subject_id=held.id)
    path = f"/events/{event.key}/sessions/{held.id}"
    following = rows[PAGE - 1].serial if len(rows) > PAGE else None
    [entry] = list_sessions(session, shop_id, event.id, only=held.id)
    values = {
        "event": event,
        "entry": entry,
        "title": name_session(entry.session),
        "people": rows[:PAGE],
        "stage": stage if stages else "",
        "filters": _list_filters(entry.stages),
        "before": before,
        "path": path,
        "links": make_links(path, {"stage": stage}, current=before, following=following),
        "may_ship": access.principal.has_role(shop_id, *SHIPMENTS),
        "may_read": access.principal.has_role(shop_id, *CUSTOMERS),
        "withdrawing": None,
        **more,
    }
    return render(request, "pages/event_people.html", access, session, **values)


def _list_filters(counts: Any) -> list[tuple[str, int]]:
    """Return what one may see alone, with how many there are; the empty key is everybody."""
    told = [("", sum(counts.values())), (OPEN, sum(counts[stage] for stage in _NOT_LEFT))]
    return told + [(stage.value, counts[stage]) for stage in Stage if counts[stage]]


@router.get("/{event_key}/sessions/{bulk_session_id}/proof")
def download_proof(event_key: str, bulk_session_id: UUID, access: Organising, session: SessionDep) -> Response:
    """Every attendee with the parcel, as a file for whoever has to show that nobody was left out."""
    event, held = _find(session, access, event_key, bulk_session_id)
    name, data = write_proof(session, access.shop_id, event, held)
    return answer_file(name, data, "text/csv")


@router.post("/{event_key}/sessions/{bulk_session_id}/attendees/{attendee_id}/withdraw")
def take_out(
    request: Request,
    event_key: str,
    bulk_session_id: UUID,
    attendee_id: UUID,
    access: Organising,
    session: SessionDep,
    form: FormDep,
) -> Response:
    event, held = _find(session, access, event_key, bulk_session_id)
    attendee = session.get(Attendee, attendee_id)
    if attendee is None or attendee.session_id != held.id:
        raise AttendeeNotFoundError(attendee_id)
    stage, before = read_text(form, "stage"), read_text(form, "before")
    number = int(before) if before.isdecimal() else 0
    try:
        withdraw(session, access.shop_id, attendee_id, reason=read_text(form, "reason"))
    except InvalidInputError:
        more = {"status": 422, "withdrawing": attendee_id}
        return _show(request, access, session, event, held, stage=stage, before=number, **more)
    links = make_links(f"/events/{event.key}/sessions/{held.id}", {"stage": stage}, current=1, following=None)
    return go_to(links.first or "", "attendee_withdrawn")
