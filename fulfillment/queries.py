"""Named reads of shipments, for lists and for one shipment whole."""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from core.audit.models import AuditEntry
from fulfillment.models import HoldReason, Parcel, Shipment, ShipmentHold, ShipmentLine
from fulfillment.packing.models import Copy, PackingException, Scan, Unit
from fulfillment.printers.models import PrintRun
from fulfillment.printers.queries import list_runs_of_copies
from fulfillment.service import get_shipment
from fulfillment.states import ShipmentState
from orders.contacts import fold
from orders.models import Order

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class ShipmentFilter:
    """`text` finds by number of shipment or order, tracking number, or the beginning of the recipient's name."""

    states: Collection[ShipmentState] = ()
    text: str | None = None
    hold: HoldReason | None = None
    wave_id: UUID | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True)
class ShipmentRow:
    id: UUID
    number: str
    state: ShipmentState
    recipient_name: str | None
    channel: str
    is_gift: bool
    temperature_zone: str
    delivery_service: str
    priority: int
    accepted_at: datetime
    handed_over_at: datetime | None
    order_numbers: tuple[str, ...]
    holds: tuple[HoldReason, ...]


def list_shipments(
    session: Session, shop_id: UUID, wanted: ShipmentFilter, *, before: UUID | None = None, limit: int = PAGE
) -> list[ShipmentRow]:
    """Return shipments, newest first, paged by key: `before` is the last id of the page before."""
    statement = select(Shipment).where(Shipment.shop_id == shop_id, *_conditions(shop_id, wanted))
    if before is not None:
        statement = statement.where(Shipment.id < before)
    shipments = session.scalars(statement.order_by(Shipment.id.desc()).limit(limit)).all()
    return _to_rows(session, shop_id, shipments)


def _conditions(shop_id: UUID, wanted: ShipmentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(Shipment.state.in_(list(wanted.states)))
    if wanted.wave_id is not None:
        conditions.append(Shipment.wave_id == wanted.wave_id)
    if wanted.customer_id is not None:
        is_theirs = or_(
            Shipment.customer_id == wanted.customer_id, Shipment.recipient_customer_id == wanted.customer_id
        )
        conditions.append(is_theirs)
    if wanted.hold is not None:
        held = select(ShipmentHold.shipment_id).where(
            ShipmentHold.shop_id == shop_id, ShipmentHold.reason == wanted.hold, ShipmentHold.released_at.is_(None)
        )
        conditions.append(Shipment.id.in_(held))
    if wanted.text and wanted.text.strip():
        conditions.append(Shipment.id.in_(_find_by_text(shop_id, wanted.text.strip())))
    return conditions


def _find_by_text(shop_id: UUID, text: str) -> Select[UUID]:
    """Select shipments by whatever a person may have in hand; ranges, not patterns, so that indexes serve under the
    policy.
    """
    folded, typed = fold(text), unicodedata.normalize("NFKC", text)
    by_order = (
        select(ShipmentLine.shipment_id)
        .join(Order, Order.id == ShipmentLine.order_id)
        .where(ShipmentLine.shop_id == shop_id, Order.shop_id == shop_id, Order.number.in_({text, typed, f"#{typed}"}))
    )
    by_tracking = select(Parcel.shipment_id).where(Parcel.shop_id == shop_id, Parcel.tracking_number == typed.upper())
    by_name = select(Shipment.id).where(
        Shipment.shop_id == shop_id, Shipment.recipient_key >= folded, Shipment.recipient_key < folded + "\U0010ffff"
    )
    by_number = select(Shipment.id).where(Shipment.shop_id == shop_id, Shipment.serial == (read_number(typed) or 0))
    return select(by_order.union(by_tracking, by_name, by_number).subquery().c[0])


def find_customers_by_number(session: Session, shop_id: UUID, text: str) -> list[UUID]:
    """Return buyers and recipients of what has this number: an order, a shipment or a carrier's tracking number."""
    typed = unicodedata.normalize("NFKC", text.strip())
    serial = read_number(typed)
    by_order = (
        select(ShipmentLine.shipment_id)
        .join(Order, Order.id == ShipmentLine.order_id)
        .where(ShipmentLine.shop_id == shop_id, Order.shop_id == shop_id, Order.number.in_({typed, f"#{typed}"}))
    )
    by_tracking = select(Parcel.shipment_id).where(Parcel.shop_id == shop_id, Parcel.tracking_number == typed.upper())
    by_serial = select(Shipment.id).where(Shipment.shop_id == shop_id, Shipment.serial == (serial or 0))
    wanted = select(by_order.union(by_tracking, by_serial).subquery().c[0])
    rows = session.execute(
        select(Shipment.customer_id, Shipment.recipient_customer_id)
        .where(Shipment.shop_id == shop_id, Shipment.id.in_(wanted))
        .order_by(Shipment.id.desc())
        .limit(PAGE)
    )
    return list(dict.fromkeys(person for row in rows for person in row if person))


def read_number(text: str) -> int | None:
    """Return the serial of a shipment's number as people write it: S-00001234, S1234, 1234."""
    digits = text.upper().removeprefix("S").removeprefix("-").partition("-")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None


def _to_rows(session: Session, shop_id: UUID, shipments: Sequence[Shipment]) -> list[ShipmentRow]:
    ids = [shipment.id for shipment in shipments]
    orders = load_order_numbers(session, shop_id, ids)
    holds: dict[UUID, list[HoldReason]] = defaultdict(list)
    for hold in _load_holds(session, shop_id, ids):
        if hold.released_at is None:
            holds[hold.shipment_id].append(hold.reason)
    return [
        ShipmentRow(
            shipment.id,
            shipment.number,
            shipment.state,
            shipment.recipient_name,
            shipment.channel,
            shipment.is_gift,
            shipment.temperature_zone,
            shipment.delivery_service,
            shipment.priority,
            shipment.accepted_at,
            shipment.handed_over_at,
            tuple(orders[shipment.id]),
            tuple(holds[shipment.id]),
        )
        for shipment in shipments
    ]


def load_order_numbers(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    rows = session.execute(
        select(ShipmentLine.shipment_id, Order.number)
        .join(Order, Order.id == ShipmentLine.order_id)
        .where(ShipmentLine.shop_id == shop_id, ShipmentLine.shipment_id.in_(shipment_ids))
        .distinct()
        .order_by(Order.number)
    )
    numbers: dict[UUID, list[str]] = defaultdict(list)
    for shipment_id, number in rows:
        numbers[shipment_id].append(number)
    return numbers


def find_shipments(session: Session, shop_id: UUID, shipment_ids: Collection[UUID | None]) -> Sequence[Shipment]:
    """Return those of these shipments that there are."""
    wanted = [shipment_id for shipment_id in shipment_ids if shipment_id]
    return session.scalars(select(Shipment).where(Shipment.shop_id == shop_id, Shipment.id.in_(wanted))).all()


def _load_holds(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> Sequence[ShipmentHold]:
    statement = select(ShipmentHold).where(ShipmentHold.shop_id == shop_id, ShipmentHold.shipment_id.in_(shipment_ids))
    return session.scalars(statement.order_by(ShipmentHold.id)).all()


@dataclass(frozen=True, kw_only=True)
class ShipmentDetail:
    """One shipment whole. `history` are audit entries, newest first."""

    shipment: Shipment
    order_numbers: list[str]
    order_ids: list[UUID]
    lines: Sequence[ShipmentLine]
    holds: Sequence[ShipmentHold]
    parcels: Sequence[Parcel]
    units: dict[UUID, list[Unit]]
    copies: Sequence[Copy]
    scans: Sequence[Scan]
    exceptions: Sequence[PackingException]
    history: Sequence[AuditEntry]
    resends: Sequence[Shipment]
    runs: Mapping[UUID, Sequence[PrintRun]]  # by copy, newest first


def load_detail(session: Session, shop_id: UUID, shipment_id: UUID) -> ShipmentDetail:
    """Return everything about a shipment but its decision, which personalization explains. Raises
    ShipmentNotFoundError.
    """
    shipment = get_shipment(session, shop_id, shipment_id)
    parcels = session.scalars(
        select(Parcel).where(Parcel.shipment_id == shipment_id).order_by(Parcel.revision.desc(), Parcel.number)
    ).all()
    parcel_ids = [parcel.id for parcel in parcels]
    units: dict[UUID, list[Unit]] = defaultdict(list)
    for unit in session.scalars(select(Unit).where(Unit.parcel_id.in_(parcel_ids)).order_by(Unit.position)):
        units[unit.parcel_id].append(unit)
    lines = session.scalars(
        select(ShipmentLine).where(ShipmentLine.shipment_id == shipment_id).order_by(ShipmentLine.position)
    ).all()
    of_shipment = (Copy.shop_id == shop_id, Copy.shipment_id == shipment_id)
    copies = session.scalars(select(Copy).where(*of_shipment).order_by(Copy.printed_at.desc(), Copy.position)).all()
    return ShipmentDetail(
        shipment=shipment,
        order_numbers=load_order_numbers(session, shop_id, [shipment_id])[shipment_id],
        order_ids=sorted({line.order_id for line in lines}),
        lines=lines,
        holds=_load_holds(session, shop_id, [shipment_id]),
        parcels=parcels,
        units=units,
        copies=copies,
        scans=_load_scans(session, shop_id, parcel_ids),
        exceptions=session.scalars(
            select(PackingException).where(PackingException.parcel_id.in_(parcel_ids)).order_by(PackingException.id)
        ).all(),
        history=_load_history(session, shop_id, shipment_id),
        resends=session.scalars(select(Shipment).where(Shipment.resend_of_id == shipment_id)).all(),
        runs=list_runs_of_copies(session, shop_id, copies),
    )


def _load_scans(session: Session, shop_id: UUID, parcel_ids: Collection[UUID]) -> Sequence[Scan]:
    statement = select(Scan).where(Scan.shop_id == shop_id, Scan.parcel_id.in_(parcel_ids))
    return session.scalars(statement.order_by(Scan.received_at, Scan.id).limit(1000)).all()


def _load_history(session: Session, shop_id: UUID, shipment_id: UUID) -> Sequence[AuditEntry]:
    statement = select(AuditEntry).where(AuditEntry.shop_id == shop_id, AuditEntry.subject_id == shipment_id)
    return session.scalars(statement.order_by(AuditEntry.at.desc(), AuditEntry.serial.desc()).limit(200)).all()


def count_by_state(session: Session, shop_id: UUID) -> dict[ShipmentState, int]:
    """Return how many shipments stand in each state."""
    rows = session.execute(
        select(Shipment.state, func.count()).where(Shipment.shop_id == shop_id).group_by(Shipment.state)
    )
    return {row[0]: row[1] for row in rows}


def count_planned(session: Session, shop_id: UUID, *, most: int = 9_999) -> int:
    """Return how many shipments wait for a wave, `most` at most: nobody reads further, and counting costs."""
    waiting = select(Shipment.id).where(Shipment.shop_id == shop_id, Shipment.state == ShipmentState.PLANNED)
    return session.scalar(select(func.count()).select_from(waiting.limit(most).subquery())) or 0
