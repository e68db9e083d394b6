"""Reads the world that scans are judged over: parcels with their units and standing, void copies, known items."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from fulfillment.models import HoldReason, Parcel, Shipment, ShipmentHold
from fulfillment.packing.avoiding import load_avoided
from fulfillment.packing.models import Copy, CopyState, Unit, UnitKind
from fulfillment.packing.verification import ExpectedParcel, ExpectedUnit, Item, Standing, World
from fulfillment.states import SENT, ParcelState, ShipmentState
from orders.catalogue.models import ProductCode
from personalization.models import Insert


@dataclass(frozen=True)
class ParcelRow:
    """What decides a parcel's standing, and whose it is."""

    parcel: Parcel
    shipment: Shipment
    blocked_by_care: bool = False

    @property
    def standing(self) -> Standing:
        return find_standing(self)


def find_standing(row: ParcelRow) -> Standing:
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


def load_parcel_rows(session: Session, chosen: Select[UUID], *, lock: bool = False) -> list[ParcelRow]:
    """Return the parcels of a selection of ids; locked in the order of their ids, parcel and shipment, when asked."""
    statement = (
        select(Parcel, Shipment)
        .join(Shipment, Shipment.id == Parcel.shipment_id)
        .where(Parcel.id.in_(chosen))
        .order_by(Parcel.id)
        .execution_options(populate_existing=True)
    )
    rows = session.execute(statement.with_for_update() if lock else statement).all()
    held = [shipment.id for _, shipment in rows if shipment.state is ShipmentState.HELD]
    cared = _find_care_holds(session, held) if held else set()
    return [ParcelRow(parcel, shipment, shipment.id in cared) for parcel, shipment in rows]


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


def build_world(
    session: Session, rows: Sequence[ParcelRow], void: Iterable[str] = (), items: Iterable[Item] = ()
) -> World:
    """Return the world of these parcels."""
    units = load_units(session, [row.parcel.id for row in rows])
    avoided = load_avoided(session, [row.shipment for row in rows])
    parcels = {
        str(row.parcel.id): ExpectedParcel(
            id=str(row.parcel.id),
            units=[to_expected(unit, row.parcel) for unit in units[row.parcel.id]],
            standing=row.standing,
            avoid=avoided.get(row.shipment.id, frozenset()),
        )
        for row in rows
    }
    return World(parcels=parcels, void=frozenset(void), items=tuple(items))


def to_expected(unit: Unit, parcel: Parcel) -> ExpectedUnit:
    """A label is found by its parcel's tracking number as well as by its own code."""
    keys = set(unit.barcodes)
    if unit.kind is UnitKind.LABEL and parcel.tracking_number:
        keys.add(parcel.tracking_number.upper())
    return ExpectedUnit(str(unit.id), unit.kind.value, frozenset(keys), unit.quantity, unit.verified_quantity)


def find_copies(session: Session, keys: Collection[str]) -> list[Copy]:
    """Return the copies of these codes in the shops of the session."""
    return list(session.scalars(select(Copy).where(Copy.code.in_(keys))))


def find_void_codes(session: Session, shipment_ids: Collection[UUID]) -> list[str]:
    statement = select(Copy.code).where(Copy.shipment_id.in_(shipment_ids), Copy.state == CopyState.VOID)
    return list(session.scalars(statement))


def find_parcels_of_labels(keys: Collection[str]) -> Select[UUID]:
    """Select the parcels that have one of these as tracking number."""
    return select(Parcel.id).where(Parcel.tracking_number.in_(keys), Parcel.state != ParcelState.VOID)


def find_items(session: Session, keys: Collection[str]) -> list[Item]:
    """Return the known products and inserts with one of these keys."""
    products = session.scalars(select(ProductCode.code).where(ProductCode.code.in_(keys)))
    inserts = session.execute(
        select(Insert.gtin, Insert.key).where(or_(Insert.gtin.in_(keys), Insert.key.in_([key.lower() for key in keys])))
    )
    found = [Item(frozenset({code})) for code in products]
    return found + [Item(frozenset(filter(None, (row.gtin, row.key.upper())))) for row in inserts]


def choose_wave(shop_id: UUID, wave_id: UUID) -> Select[UUID]:
    """Select the parcels of a wave that bear its shipments' newest papers."""
    return (
        select(Parcel.id)
        .join(Shipment, and_(Shipment.id == Parcel.shipment_id, Shipment.printed_revision == Parcel.revision))
        .where(Shipment.shop_id == shop_id, Shipment.wave_id == wave_id, Parcel.state != ParcelState.VOID)
    )
