"""What a list became and where every parcel is: rows in = matched + new + duplicate + waiting + rejected, attendees =
shipments = printed = verified = handed over, or the difference by name.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from core.db import is_among
from core.tabular.models import Upload, UploadState
from fulfillment.bulk_events.kinds import ListKind, RowState, Stage
from fulfillment.bulk_events.models import Attendee, AttendeeRow, BulkEvent, BulkSession, SettledList
from fulfillment.models import format_number
from orders.catalogue.models import Product

LISTS: Final = "fulfillment.attendees"
PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """One list handed in. `rows` = the sum of `counts`, once it is read; `settled` is what a person said of it.
    Of the rejected ones so many were `left_out` by a person, who said why.
    """

    upload_id: UUID
    file_name: str
    kind: ListKind | None
    state: UploadState
    received_at: datetime
    rows: int
    counts: Mapping[RowState, int]
    left_out: int
    settled: str | None

    @property
    def is_open(self) -> bool:
        """Whether it keeps every session of its event from being released."""
        if self.state is UploadState.RUNNING:
            return True
        unexplained = self.counts[RowState.REJECTED] - self.left_out
        is_done = self.state is UploadState.DONE
        return (is_done and not self.adds_up) or (self.settled is None and (not is_done or bool(unexplained)))

    @property
    def adds_up(self) -> bool:
        """Whether every row that was handed in became something."""
        return sum(self.counts.values()) == self.rows


@dataclass(frozen=True, slots=True)
class ListCount:
    """So many rows of a list became that; the session is unknown of rows that name none."""

    session_key: str | None
    state: RowState
    rows: int


@dataclass(frozen=True, slots=True)
class ListLine:
    """What the rows of a list became for one session; None: of those that name none."""

    session: BulkSession | None
    counts: Mapping[RowState, int]

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEntry:
    """One session: its rows by state, and its attendees by how far their parcels are."""

    session: BulkSession
    sku: str
    product_name: str
    rows: Mapping[RowState, int]
    stages: Mapping[Stage, int]

    @property
    def attendees(self) -> int:
        """Count those entitled to a parcel, whatever became of it."""
        return sum(count for stage, count in self.stages.items() if stage is not Stage.WITHDRAWN)

    @property
    def is_done(self) -> bool:
        return self.attendees == self.stages[Stage.HANDED_OVER]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendeeEntry:
    """An attendee and the parcel, by name."""

    id: UUID
    serial: int
    name: str
    ticket: str | None
    customer_id: UUID
    kind: ListKind
    stage: Stage
    order_number: str | None
    shipment_id: UUID | None
    shipment_number: str | None
    tracking_number: str | None
    handed_over_at: datetime | None
    holds: tuple[str, ...] = field(default=())


def list_events(session: Session, shop_id: UUID) -> list[BulkEvent]:
    """Return the shop's events, the newest first."""
    statement = select(BulkEvent).where(BulkEvent.shop_id == shop_id).order_by(BulkEvent.id.desc())
    return list(session.scalars(statement))


def list_lists(session: Session, shop_id: UUID, event: BulkEvent) -> list[ListEntry]:
    """Return the lists of attendees handed in for an event, the newest first."""
    statement = (
        select(Upload, SettledList.reason)
        .outerjoin(SettledList, (SettledList.shop_id == shop_id) & (SettledList.upload_id == Upload.id))
        .where(Upload.shop_id == shop_id, Upload.importer == LISTS, Upload.options["event"].astext == event.key)
        .order_by(Upload.id.desc())
    )
    found = session.execute(statement).all()
    tallies = _tally_rows(session, shop_id, [upload.id for upload, _ in found])
    return [_make_entry(upload, tallies[upload.id], reason) for upload, reason in found]


def get_list(session: Session, shop_id: UUID, upload: Upload) -> ListEntry:
    """Return the ledger of one list."""
    reason = session.scalar(
        select(SettledList.reason).where(SettledList.shop_id == shop_id, SettledList.upload_id == upload.id)
    )
    return _make_entry(upload, _tally_rows(session, shop_id, [upload.id])[upload.id], reason)


@dataclass(slots=True)
class _Tally:
    """The ledger's lines of one list: by state, and how many of the rejected ones never waited, or were left out."""

    counts: dict[RowState, int] = field(default_factory=lambda: dict.fromkeys(RowState, 0))
    refused: int = 0
    left_out: int = 0


def _tally_rows(session: Session, shop_id: UUID, upload_ids: Sequence[UUID]) -> dict[UUID, _Tally]:
    told = (func.count(), func.count(AttendeeRow.doubt), func.count(AttendeeRow.answer))
    statement = (
        select(AttendeeRow.upload_id, AttendeeRow.state, *told)
        .where(AttendeeRow.shop_id == shop_id, is_among(AttendeeRow.upload_id, upload_ids))
        .group_by(AttendeeRow.upload_id, AttendeeRow.state)
    )
    tallies: dict[UUID, _Tally] = defaultdict(_Tally)
    for upload_id, state, count, doubted, answered in session.execute(statement):
        tally = tallies[upload_id]
        tally.counts[state] = count
        if state is RowState.REJECTED:
            tally.refused, tally.left_out = count - doubted, answered
    return tallies


def _make_entry(upload: Upload, tally: _Tally, settled: str | None) -> ListEntry:
    kind = upload.options.get("list")
    # Rows that could not even be read are known to the intake alone, which counts all it rejected.
    unread = upload.rejected_count - tally.refused if upload.state is UploadState.DONE else 0
    return ListEntry(
        upload_id=upload.id,
        file_name=upload.file_name,
        kind=ListKind(kind) if kind in list(ListKind) else None,
        state=upload.state,
        received_at=upload.created_at,
        rows=upload.row_count,
        counts=tally.counts | {RowState.REJECTED: tally.counts[RowState.REJECTED] + unread},
        left_out=tally.left_out,
        settled=settled,
    )


def list_unsettled(session: Session, shop_id: UUID, event_id: UUID) -> list[ListEntry]:
    """Return the lists that keep the event's sessions from being released."""
    event = session.get_one(BulkEvent, event_id)
    return [entry for entry in list_lists(session, shop_id, event) if entry.is_open]


def count_rows(session: Session, shop_id: UUID, upload_id: UUID) -> list[ListCount]:
    """Return what the rows of one list became, session by session."""
    statement = (
        select(BulkSession.key, AttendeeRow.state, func.count())
        .outerjoin(BulkSession, BulkSession.id == AttendeeRow.session_id)
        .where(AttendeeRow.shop_id == shop_id, AttendeeRow.upload_id == upload_id)
        .group_by(BulkSession.key, AttendeeRow.state)
        .order_by(BulkSession.key, AttendeeRow.state)
    )
    return [ListCount(key, state, count) for key, state, count in session.execute(statement)]


def list_lines(session: Session, shop_id: UUID, upload: Upload) -> list[ListLine]:
    """Return the ledger of one list by session, in the order of their days, and last what names none."""
    counts: dict[str | None, dict[RowState, int]] = defaultdict(lambda: dict.fromkeys(RowState, 0))
    for each in count_rows(session, shop_id, upload.id):
        counts[each.session_key][each.state] = each.rows
    held = session.scalars(
        select(BulkSession)
        .join(BulkEvent, BulkEvent.id == BulkSession.event_id)
        .where(BulkSession.shop_id == shop_id, BulkEvent.key == upload.options["event"], BulkSession.key.in_(counts))
        .order_by(BulkSession.held_on, BulkSession.key)
    )
    lines = [ListLine(each, counts.pop(each.key)) for each in held]
    return lines + [ListLine(None, found) for found in counts.values()]


# One parcel may go in several shipments: the slowest tells. What was sent again is not counted twice.
STAGES: Final = """
    SELECT a.id, a.session_id, s.id AS shipment_id, s.serial,
           CASE WHEN a.state = 'withdrawn' THEN 'withdrawn'
                WHEN a.order_id IS NULL THEN 'entitled'
                WHEN s.id IS NULL THEN 'ordered'
                WHEN s.state = 'cancelled' THEN 'cancelled'
                WHEN s.state = 'held' THEN 'held'
                WHEN s.state IN ('handed_over', 'delivered', 'undelivered', 'returned') THEN 'handed_over'
                WHEN s.state IN ('waved', 'printed', 'verified') THEN s.state
                ELSE 'planned' END AS stage
      FROM attendees a
      LEFT JOIN LATERAL (
           SELECT s.id, s.serial, s.state
             FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id
            WHERE l.shop_id = a.shop_id AND l.order_id = a.order_id
              AND s.resend_of_id IS NULL AND s.state <> 'merged'
            ORDER BY s.state = 'cancelled', s.handed_over_at IS NOT NULL, s.state = 'verified', s.state = 'printed',
                     s.state = 'waved', s.id
            LIMIT 1
      ) s ON a.order_id IS NOT NULL
     WHERE a.shop_id = :shop_id AND a.session_id = ANY(:sessions)
"""
COUNT_STAGES = text(f"SELECT session_id, stage, count(*) FROM ({STAGES}) staged GROUP BY session_id, stage")


def list_sessions(session: Session, shop_id: UUID, event_id: UUID, *, only: UUID | None = None) -> list[SessionEntry]:
    """Return the sessions of an event by date, or one of them, with rows and parcels, in three statements."""
    statement = (
        select(BulkSession, Product.sku, Product.name)
        .join(Product, Product.id == BulkSession.product_id)
        .where(BulkSession.shop_id == shop_id, BulkSession.event_id == event_id)
        .order_by(BulkSession.held_on, BulkSession.key)
    )
    found = session.execute(statement if only is None else statement.where(BulkSession.id == only)).all()
    ids = [held.id for held, _, _ in found]
    rows: dict[UUID, dict[RowState, int]] = defaultdict(lambda: dict.fromkeys(RowState, 0))
    for session_id, state, count in session.execute(
        select(AttendeeRow.session_id, AttendeeRow.state, func.count())
        .where(AttendeeRow.shop_id == shop_id, AttendeeRow.session_id.in_(ids))
        .group_by(AttendeeRow.session_id, AttendeeRow.state)
    ):
        if session_id is not None:
            rows[session_id][state] = count
    stages: dict[UUID, dict[Stage, int]] = defaultdict(lambda: dict.fromkeys(Stage, 0))
    for session_id, stage, count in session.execute(COUNT_STAGES, {"shop_id": shop_id, "sessions": ids}):
        stages[session_id][Stage(stage)] = count
    return [
        SessionEntry(session=held, sku=sku, product_name=name, rows=rows[held.id], stages=stages[held.id])
        for held, sku, name in found
    ]


LIST_ATTENDEES = text(
    f"""
    SELECT a.id, a.serial, a.contact ->> 'name' AS name, a.ticket, a.customer_id, a.list_kind, staged.stage,
           o.number AS order_number, staged.shipment_id, staged.serial AS shipment_serial, p.tracking_number,
           sh.handed_over_at,
           ARRAY(SELECT h.reason FROM shipment_holds h
                  WHERE h.shipment_id = staged.shipment_id AND h.released_at IS NULL ORDER BY h.id) AS holds
      FROM ({STAGES}) staged
      JOIN attendees a ON a.id = staged.id
      LEFT JOIN orders o ON o.id = a.order_id
      LEFT JOIN shipments sh ON sh.id = staged.shipment_id
      LEFT JOIN LATERAL (
           SELECT tracking_number FROM parcels
            WHERE shipment_id = staged.shipment_id AND state <> 'void' ORDER BY number LIMIT 1
      ) p ON true
     WHERE a.serial > :after AND (CAST(:stages AS text[]) IS NULL OR staged.stage = ANY(:stages))
     ORDER BY a.serial LIMIT :limit
    """
)


def list_attendees(
    session: Session,
    shop_id: UUID,
    session_id: UUID,
    *,
    stages: Sequence[Stage] | None = None,
    after: int = 0,
    limit: int = PAGE,
) -> list[AttendeeEntry]:
    """Return attendees of a session by serial, those in these stages; `after` is the serial of the last shown."""
    parameters = {
        "shop_id": shop_id,
        "sessions": [session_id],
        "after": after,
        "stages": [stage.value for stage in stages] if stages else None,
        "limit": limit,
    }
    return [_show(row) for row in session.execute(LIST_ATTENDEES, parameters)]


def iterate_attendees(session: Session, shop_id: UUID, session_id: UUID) -> Iterator[AttendeeEntry]:
    """Yield all attendees of a session, page by page."""
    after = 0
    while page := list_attendees(session, shop_id, session_id, after=after, limit=1000):
        yield from page
        after = page[-1].serial


def _show(row: Row[Any]) -> AttendeeEntry:
    return AttendeeEntry(
        id=row.id,
        serial=row.serial,
        name=row.name or "",
        ticket=row.ticket,
        customer_id=row.customer_id,
        kind=ListKind(row.list_kind),
        stage=Stage(row.stage),
        order_number=row.order_number,
        shipment_id=row.shipment_id,
        shipment_number=format_number(row.shipment_serial) if row.shipment_serial else None,
        tracking_number=row.tracking_number,
        handed_over_at=row.handed_over_at,
        holds=tuple(row.holds),
    )


def count_attendees(session: Session, shop_id: UUID) -> dict[UUID, tuple[int, int]]:
    """Return for each event of the shop how many sessions and attendees it has."""
    statement = (
        select(BulkSession.event_id, func.count(BulkSession.id.distinct()), func.count(Attendee.id))
        .outerjoin(Attendee, Attendee.session_id == BulkSession.id)
        .where(BulkSession.shop_id == shop_id)
        .group_by(BulkSession.event_id)
    )
    return {event_id: (sessions, people) for event_id, sessions, people in session.execute(statement)}
