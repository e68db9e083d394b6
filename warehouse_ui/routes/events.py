"""Events: make one, hand in its files, see where everything stands, let parcels go. One page says what to do next."""

import re
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
from core.errors import AppError, ConflictError, InvalidInputError
from core.tabular.errors import EncodingAmbiguousError, FileUnreadableError
from core.tabular.service import ReceivedFile, receive_upload
from core.web import SessionDep, require
from crm_link.queries import list_sources
from fulfillment.bulk_events.errors import SessionNotFoundError
from fulfillment.bulk_events.gathering import gather_session
from fulfillment.bulk_events.importers import ATTENDEES, SESSIONS
from fulfillment.bulk_events.kinds import ListKind, RowState
from fulfillment.bulk_events.ledger import count_attendees, get_list, list_events, list_lines
from fulfillment.bulk_events.models import BulkEvent
from fulfillment.bulk_events.people import SOURCE
from fulfillment.bulk_events.releasing import release_session, release_sessions
from fulfillment.bulk_events.service import (
    MEMBER_SOURCE,
    EventIn,
    create_event,
    get_event,
    get_list_upload,
    get_session,
    settle_list,
)
from warehouse_ui.answers import go_to, is_fragment
from warehouse_ui.error_words import describe_error
from warehouse_ui.events.standing import read_standing
from warehouse_ui.events.steps import find_step, name_session
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.i18n import gettext
from warehouse_ui.navigation import EVENTS
from warehouse_ui.templating import render
from warehouse_ui.words import find_word

router = APIRouter(prefix="/events", include_in_schema=False)

Organising = Annotated[Access, require(*EVENTS)]
_KEY: Final = re.compile(r"[0-9A-Za-z_\-]{1,40}")
_LONGEST: Final = 200
_NEW: Final = {"key": "", "name": "", "name_en": "", "member_source": MEMBER_SOURCE, "ship_not_before": ""}


@router.get("")
def show_list(request: Request, access: Organising, session: SessionDep) -> Response:
    return _show_list(request, access, session, _NEW)


def _show_list(
    request: Request, access: Access, session: Session, given: dict[str, str], status: int = 200, **more: Any
) -> Response:
    shop_id = access.shop_id
    sources = [each for each in list_sources(session, shop_id) if each != SOURCE]
    values = {
        "events": list_events(session, shop_id),
        "counts": count_attendees(session, shop_id),
        "sources": [(each, gettext(find_word("source", each).text)) for each in sources or [MEMBER_SOURCE]],
        "given": given,
        "problem": "",
        "wrong": "",
        **more,
    }
    return render(request, "pages/events.html", access, session, status=status, **values)


@router.post("")
def create(request: Request, access: Organising, session: SessionDep, form: FormDep) -> Response:
    given = {name: read_text(form, name)[:_LONGEST] for name in _NEW}
    try:
        event = create_event(session, access.shop_id, _read_event(given))
    except (InvalidInputError, ConflictError) as error:
        values = {"problem": describe_error(error), "wrong": str(error.details.get("field", "key"))}
        return _show_list(request, access, session, given, status=error.status_code, **values)
    return go_to(f"/events/{event.key}", "event_created")


def _read_event(given: dict[str, str]) -> EventIn:
    if not given["name"]:
        raise InvalidInputError(gettext("公演の名前を入力してください。"), field="name")
    if not _KEY.fullmatch(given["key"]):
        raise InvalidInputError(gettext("識別名は、英数字と - _ で40文字までです。"), field="key")
    try:
        day = date.fromisoformat(given["ship_not_before"]) if given["ship_not_before"] else None
    except ValueError:
        raise InvalidInputError(
            gettext("発送を始める日を、日付で入力してください。"), field="ship_not_before"
        ) from None
    told = {name: given[name] for name in ("key", "name", "name_en")}
    return EventIn(**told, member_source=given["member_source"] or MEMBER_SOURCE, ship_not_before=day)


@router.get("/{event_key}")
def show_event(request: Request, event_key: str, access: Organising, session: SessionDep) -> Response:
    """The page; to htmx only what moves by itself, which asks again while it does."""
    return _show(request, access, session, get_event(session, access.shop_id, event_key))


def _show(
    request: Request, access: Access, session: Session, event: BulkEvent, status: int = 200, **more: Any
) -> Response:
    standing = read_standing(session, access.shop_id, event)
    values = {
        "event": event,
        "standing": standing,
        "step": find_step(standing),
        "stages": standing.stages,
        "row_states": list(RowState),
        "kinds": list(ListKind),
        "name_session": name_session,
        "error": "",
        "samples": {},
        "settling": None,
        "chosen": "",
        **more,
    }
    template = "fragments/event_standing.html" if is_fragment(request) else "pages/event.html"
    return render(request, template, access, session, status=status, **values)


@router.post("/{event_key}/sessions")
def hand_in_sessions(
    request: Request,
    event_key: str,
    access: Organising,
    session: SessionDep,
    file: Annotated[UploadFile, File()],
    encoding: Annotated[str, Form()] = "",
) -> Response:
    event = get_event(session, access.shop_id, event_key)
    return _receive(request, access, session, event, _read_file(SESSIONS, file, encoding, event=event.key))


@router.post("/{event_key}/lists")
def hand_in_list(
    request: Request,
    event_key: str,
    access: Organising,
    session: SessionDep,
    kind: Annotated[ListKind, Form()],
    file: Annotated[UploadFile, File()],
    encoding: Annotated[str, Form()] = "",
) -> Response:
    event = get_event(session, access.shop_id, event_key)
    received = _read_file(ATTENDEES, file, encoding, event=event.key, list=kind.value)
    return _receive(request, access, session, event, received)


def _read_file(importer: str, file: UploadFile, encoding: str, **options: str) -> ReceivedFile:
    name = file.filename or "file"
    return ReceivedFile(importer, name, file.file.read(), encoding=encoding or None, options=options)


def _receive(request: Request, access: Access, session: Session, event: BulkEvent, received: ReceivedFile) -> Response:
    """Keep the file and go on to its columns; one that cannot be read is refused with the reason."""
    try:
        upload, _proposal = receive_upload(session, access.shop_id, received)
    except (FileUnreadableError, EncodingAmbiguousError) as error:
        values = {"error": describe_error(error), "samples": error.details.get("samples", {})}
        values["chosen"] = received.options.get("list", "sessions")
        return _show(request, access, session, event, status=422, **values)
    return go_to(f"/imports/{upload.id}")


@router.get("/{event_key}/lists/{upload_id}")
def show_list_rows(
    request: Request, event_key: str, upload_id: UUID, access: Organising, session: SessionDep
) -> Response:
    """What the rows of one list became, session by session."""
    event = get_event(session, access.shop_id, event_key)
    upload = get_list_upload(session, event, upload_id)
    values = {
        "event": event,
        "entry": get_list(session, access.shop_id, upload),
        "lines": list_lines(session, access.shop_id, upload),
        "row_states": list(RowState),
        "name_session": name_session,
    }
    return render(request, "pages/event_list.html", access, session, **values)


@router.post("/{event_key}/lists/{upload_id}/settle")
def settle(
    request: Request, event_key: str, upload_id: UUID, access: Organising, session: SessionDep, form: FormDep
) -> Response:
    event = get_event(session, access.shop_id, event_key)
    try:
        settle_list(session, event, upload_id, reason=read_text(form, "reason"))
    except InvalidInputError:
        return _show(request, access, session, event, status=422, settling=upload_id)
    return go_to(f"/events/{event.key}", "list_settled")


@router.post("/{event_key}/release")
def release_all(request: Request, event_key: str, access: Organising, session: SessionDep) -> Response:
    """Let every session go of which nothing is unexplained."""
    event = get_event(session, access.shop_id, event_key)
    ready = read_standing(session, access.shop_id, event).list_releasable()
    release_sessions(session, access.shop_id, event.id, [entry.session.id for entry in ready])
    if not ready:
        error = gettext("出荷を始められる公演回がありません。上の「次にすること」を確かめてください。")
        return _show(request, access, session, event, status=409, error=error)
    return go_to(f"/events/{event.key}", "event_released")


@router.post("/{event_key}/sessions/{bulk_session_id}/release")
def release(
    request: Request, event_key: str, bulk_session_id: UUID, access: Organising, session: SessionDep
) -> Response:
    event = _check_session(session, access, event_key, bulk_session_id)
    try:
        release_session(session, access.shop_id, bulk_session_id)
    except AppError as error:
        return _show(request, access, session, event, status=error.status_code, error=describe_error(error))
    return go_to(f"/events/{event.key}", "event_released")


@router.post("/{event_key}/sessions/{bulk_session_id}/gather")
def gather(
    request: Request, event_key: str, bulk_session_id: UUID, access: Organising, session: SessionDep
) -> Response:
    """Put the session's parcels into a wave of their own; who may enter the floor goes on to it."""
    event = _check_session(session, access, event_key, bulk_session_id)
    try:
        wave = gather_session(session, access.shop_id, bulk_session_id)
    except AppError as error:
        return _show(request, access, session, event, status=error.status_code, error=describe_error(error))
    if access.principal.has_role(access.shop_id, Role.OPERATOR):
        return go_to(f"/waves/{wave.id}", "wave_created")
    return go_to(f"/events/{event.key}", "event_gathered")


def _check_session(session: Session, access: Access, event_key: str, bulk_session_id: UUID) -> BulkEvent:
    event = get_event(session, access.shop_id, event_key)
    if get_session(session, access.shop_id, bulk_session_id).event_id != event.id:
        raise SessionNotFoundError(bulk_session_id)
    return event
