"""Lists of attendees and of sessions, as the tabular intake wants them; `app` makes them known at start."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.tabular.importer import Field, ImportContext, ImportOption, Preset, Problem, Row, RowOutcome, register
from core.tabular.importer import RowState as TakenState
from fulfillment.bulk_events.fields import ATTENDEE_FIELDS, SESSION_FIELDS
from fulfillment.bulk_events.kinds import ListKind, RowState
from fulfillment.bulk_events.models import BulkEvent
from fulfillment.bulk_events.recording import take_rows
from fulfillment.bulk_events.service import SessionIn, put_sessions

ATTENDEES: Final = "fulfillment.attendees"
SESSIONS: Final = "fulfillment.sessions"
EVENT: Final = ImportOption("event", "公演(コード)", "Event (code)")
LIST: Final = ImportOption(
    "list",
    "リストの種類",
    "Kind of list",
    (
        (ListKind.ADVANCE, "前売り", "Advance bookings"),
        (ListKind.DAY_OF, "当日", "Day-of purchases"),
        (ListKind.NEW, "新規購入", "New purchases"),
    ),
)
EVENT_UNKNOWN = Problem(
    None,
    "event_unknown",
    "取込設定の「公演」がありません。公演のページからリストを取り込んでください。",
    "The upload names no event that there is: hand the list in from the event's page.",
)
LIST_UNKNOWN = Problem(
    None,
    "list_unknown",
    "取込設定の「リストの種類」を選んでください。",
    "Choose the kind of list in the upload's settings.",
)
_STATES: Final = {RowState.DUPLICATE: TakenState.SAME, RowState.REJECTED: TakenState.REJECTED}


def _find_event(session: Session, context: ImportContext) -> BulkEvent | None:
    key = context.options.get("event")
    return session.scalars(
        select(BulkEvent).where(BulkEvent.shop_id == context.shop_id, BulkEvent.key == key)
    ).one_or_none()


def _refuse(rows: Sequence[Row], problem: Problem) -> list[RowOutcome]:
    return [RowOutcome(row.number, TakenState.REJECTED, (problem,)) for row in rows]


class AttendeesImporter:
    """Option `event`: its key; option `list`: advance, day_of or new."""

    name = ATTENDEES
    label = "公演の参加者"
    label_en = "Attendees of an event"
    fields: Sequence[Field] = ATTENDEE_FIELDS
    presets: Sequence[Preset] = ()
    group_field = None

    def store(self, session: Session, context: ImportContext, rows: Sequence[Row]) -> list[RowOutcome]:
        event, kind = _find_event(session, context), context.options.get("list")
        if event is None:
            return _refuse(rows, EVENT_UNKNOWN)
        if kind not in list(ListKind):
            return _refuse(rows, LIST_UNKNOWN)
        taken = take_rows(session, context, event, ListKind(kind), rows)
        return [
            RowOutcome(each.number, _STATES.get(each.state, TakenState.NEW), (each.problem,) if each.problem else ())
            for each in taken
        ]


class SessionsImporter:
    """Option `event`: its key."""

    name = SESSIONS
    label = "公演の回"
    label_en = "Sessions of an event"
    fields: Sequence[Field] = SESSION_FIELDS
    presets: Sequence[Preset] = ()
    group_field = None

    def store(self, session: Session, context: ImportContext, rows: Sequence[Row]) -> list[RowOutcome]:
        event = _find_event(session, context)
        if event is None:
            return _refuse(rows, EVENT_UNKNOWN)
        told = [_describe(row) for row in rows]
        changes = put_sessions(session, context.shop_id, event.id, told)
        return [
            RowOutcome(row.number, change.state, change.problems) for row, change in zip(rows, changes, strict=True)
        ]


def _describe(row: Row) -> SessionIn:
    values = row.values
    return SessionIn(
        key=values["key"],
        venue=values["venue"],
        venue_en=values.get("venue_en") or values["venue"],
        held_on=values["held_on"],
        sku=values["sku"],
    )


def register_importers() -> None:
    register(AttendeesImporter(), (EVENT, LIST))
    register(SessionsImporter(), (EVENT,))
