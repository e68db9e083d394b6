"""Reads the world that scans are judged over: parcels with their units and standing, void copies, known items."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from core.db import is_among
from fulfillment.bulk_events.models import BulkSession
from fulfillment.models import HoldReason, Parcel, Shipment, ShipmentHold
from fulfillment.packing.avoiding import load_avoided
from fulfillment.packing.models import Copy, CopyState, Unit, UnitKind
from fulfillment.packing.scan_rows import LockedParcel, LockedShipment, Surroundings
from fulfillment.packing.verification import ExpectedParcel, ExpectedUnit, Item, ScanOutcome, Standing, World
from fulfillment.states import SENT, ParcelState, ShipmentState

BoxT = TypeVar("BoxT", Parcel, LockedParcel)
SentT = TypeVar("SentT", Shipment, LockedShipment)


@dataclass(frozen=True)
class ParcelRow(Generic[BoxT, SentT]):
    """What decides a parcel's standing, and whose it is."""

    parcel: BoxT
    shipment: SentT
    blocked_by_care: bool = False

    @property
    def standing(self) -> Standing:
        return find_standing(self)


WholeRow = ParcelRow[Parcel, Shipment]
LockedRow = ParcelRow[LockedParcel, LockedShipment]
AnyRow = WholeRow | LockedRow


def find_standing(row: ParcelRow[Any, Any]) -> Standing:
    """Return the first word that applies; the order is the one of docs/verification.md."""
    parcel, shipment = row.parcel, row.shipment
    checks = [
        (parcel.state is ParcelState.HANDED_OVER or shipment.state in SENT, Standing.SHIPPED),
        (shipment.state is ShipmentState.CANCELLED, Standing.CANCELLED),
        (shipment.state is ShipmentState.HELD and row.blocked_by_care, Standing.CARE_FLAG),
        (shipment.state is ShipmentState.HELD, Standing.HELD),
        (parcel.revision != shipment.revision or parcel.state is ParcelState.VOID, Standing.CHANGED),
        (shipment.state not in (ShipmentState.PRINTED, ShipmentState.VERIFIED), Standing.CHANGED),
        (parcel.state is ParcelState.VERIFIED, Standing.PACKED),
    ]
    return next((standing for applies, standing in checks if applies), Standing.READY)


def load_parcel_rows(session: Session, chosen: Select[UUID]) -> list[WholeRow]:
    """Return the parcels of a selection of ids, in their order."""
    statement = (
        select(Parcel, Shipment)
        .join(Shipment, Shipment.id == Parcel.shipment_id)
        .where(Parcel.id.in_(chosen))
        .order_by(Parcel.id)
        .execution_options(populate_existing=True)
    )
    return make_rows(session, [(parcel, shipment) for parcel, shipment in session.execute(statement)])


def make_rows(session: Session, pairs: Sequence[tuple[BoxT, SentT]]) -> list[ParcelRow[BoxT, SentT]]:
    """Return these parcels with whether a care flag holds them."""
    held = [shipment.id for _, shipment in pairs if shipment.state is ShipmentState.HELD]
    cared = _find_care_holds(session, held) if held else set()
    return [ParcelRow(parcel, shipment, shipment.id in cared) for parcel, shipment in pairs]


def _find_care_holds(session: Session, shipment_ids: list[UUID]) -> set[UUID]:
    statement = select(ShipmentHold.shipment_id).where(
        ShipmentHold.shipment_id.in_(shipment_ids),
        ShipmentHold.reason == HoldReason.CARE_FLAG,
        ShipmentHold.released_at.is_(None),
    )
    return set(session.scalars(statement))


def load_units(session: Session, parcel_ids: Collection[UUID]) -> dict[UUID, list[Unit]]:
    """Return the units of each parcel in packing order."""
    units: dict[UUID, list[Unit]] = defaultdict(list)
    statement = select(Unit).where(Unit.parcel_id.in_(parcel_ids)).order_by(Unit.parcel_id, Unit.position)
    for unit in session.scalars(statement.execution_options(populate_existing=True)):
        units[unit.parcel_id].append(unit)
    return units


def build_world(session: Session, rows: Sequence[WholeRow]) -> World:
    """Return the world of these parcels."""
    units = load_units(session, [row.parcel.id for row in rows])
    sessions = _load_sessions(session, units)
    expected = {
        row.parcel.id: [to_expected(_tell_unit(unit, sessions), row) for unit in units[row.parcel.id]] for row in rows
    }
    return World(parcels=_expect(rows, expected, load_avoided(session, [row.shipment for row in rows])))


def _load_sessions(session: Session, units: Mapping[UUID, list[Unit]]) -> dict[UUID, str]:
    """Return, per product among these units, the session whose recording it is."""
    products = {unit.product_id for group in units.values() for unit in group if unit.product_id}
    statement = select(BulkSession.product_id, BulkSession.id).where(is_among(BulkSession.product_id, products))
    return {product_id: str(session_id) for product_id, session_id in session.execute(statement)}


def _tell_unit(unit: Unit, sessions: Mapping[UUID, str]) -> tuple[Any, ...]:
    session_id = sessions.get(unit.product_id) if unit.product_id else None
    return str(unit.id), unit.kind, unit.barcodes, unit.quantity, unit.verified_quantity, session_id


def make_world(session: Session, rows: Sequence[LockedRow], around: Surroundings) -> World:
    """Return the world that scans are judged over: locked parcels and what was read beside them."""
    by_id = {str(row.parcel.id): row for row in rows}
    expected: dict[UUID, list[ExpectedUnit]] = defaultdict(list)
    for parcel_id, *unit in around.units:
        row = by_id[parcel_id]
        expected[row.parcel.id].append(to_expected(unit, row))
    avoided = load_avoided(session, [row.shipment for row in rows]) if around.has_care_flags else {}
    items = [Item(frozenset({code}), session_id) for code, session_id in around.products]
    items += [Item(frozenset(filter(None, (gtin, (key or "").upper())))) for gtin, key in around.inserts]
    return World(
        parcels=_expect(rows, expected, avoided),
        void=frozenset(code for code, state in around.copies if state == CopyState.VOID),
        items=tuple(items),
        judged={scan_id: ScanOutcome(outcome) for scan_id, outcome in around.judged},
    )


def _expect(
    rows: Sequence[AnyRow], units: Mapping[UUID, list[ExpectedUnit]], avoided: Mapping[UUID, frozenset[str]]
) -> dict[str, ExpectedParcel]:
    return {
        str(row.parcel.id): ExpectedParcel(
            id=str(row.parcel.id),
            units=units.get(row.parcel.id, []),
            standing=row.standing,
            session=_find_session(units.get(row.parcel.id, [])),
            avoid=avoided.get(row.shipment.id, frozenset()),
        )
        for row in rows
    }


def _find_session(units: Iterable[ExpectedUnit]) -> str | None:
    """Return the session whose goods a parcel holds; None where they are of none or of several."""
    found = {unit.session for unit in units if unit.session}
    return found.pop() if len(found) == 1 else None


def to_expected(unit: Sequence[Any], row: AnyRow) -> ExpectedUnit:
    """Return a unit told as (id, kind, barcodes, quantity, verified, session).

    A label is found by its parcel's tracking number as well as by its own code.
    """
    unit_id, kind, barcodes, quantity, verified, session_id = unit
    keys = set(barcodes)
    if kind == UnitKind.LABEL and row.parcel.tracking_number:
        keys.add(row.parcel.tracking_number.upper())
    return ExpectedUnit(unit_id, str(kind), frozenset(keys), quantity, verified, session_id)


def find_void_codes(session: Session, shipment_ids: Collection[UUID]) -> list[str]:
    statement = select(Copy.code).where(Copy.shipment_id.in_(shipment_ids), Copy.state == CopyState.VOID)
    return list(session.scalars(statement))


def choose_wave(shop_id: UUID, wave_id: UUID) -> Select[UUID]:
    """Select the parcels of a wave that bear its shipments' newest papers."""
    return (
        select(Parcel.id)
        .join(Shipment, and_(Shipment.id == Parcel.shipment_id, Shipment.printed_revision == Parcel.revision))
        .where(Shipment.shop_id == shop_id, Shipment.wave_id == wave_id, Parcel.state != ParcelState.VOID)
    )
