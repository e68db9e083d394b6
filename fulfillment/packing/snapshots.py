"""What a bench keeps while it works: the world of a wave with what a packer needs to see, and nothing personal."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from core import clock
from core.codes import read_code
from fulfillment.bulk_events.models import BulkSession
from fulfillment.errors import ParcelNotFoundError
from fulfillment.models import Parcel
from fulfillment.packing.models import Copy, CopyState, Unit, UnitKind
from fulfillment.packing.verification import ExpectedUnit, World
from fulfillment.packing.worlds import (
    WholeRow,
    build_world,
    choose_wave,
    find_void_codes,
    load_parcel_rows,
    load_units,
)
from fulfillment.printing.waves import get_wave
from orders.catalogue.models import ProductCode
from personalization.models import Insert

MOST_ITEMS = 10_000


def take_snapshot(session: Session, shop_id: UUID, wave_id: UUID) -> dict[str, Any]:
    """Return the world of a wave as docs/verification.md describes it."""
    wave = get_wave(session, shop_id, wave_id)
    rows = load_parcel_rows(session, choose_wave(shop_id, wave_id))
    rows.sort(key=lambda row: (row.shipment.wave_position or 0, row.parcel.number))
    return {
        "wave": {"id": str(wave.id), "number": wave.number},
        "taken_at": clock.now().isoformat(),
        "session": None,
        "parcels": show_parcels(session, rows),
        "void": find_void_codes(session, [row.shipment.id for row in rows]),
        "items": _list_items(session, shop_id),
    }


def find_parcel(session: Session, scanned: str) -> dict[str, Any]:
    """Return the parcel of a copy code that a bench's snapshot does not hold; raises ParcelNotFoundError."""
    code = read_code(scanned) or scanned.upper()
    copy = session.scalars(select(Copy).where(Copy.code == code)).one_or_none()
    if copy is None:
        raise ParcelNotFoundError(code)
    rows = load_parcel_rows(session, select(Parcel.id).where(Parcel.id == copy.parcel_id))
    return {"parcel": show_parcels(session, rows)[0], "void": copy.state is CopyState.VOID}


def show_parcels(session: Session, rows: Sequence[WholeRow]) -> list[dict[str, Any]]:
    """Return parcels as a bench shows them."""
    world = build_world(session, rows)
    units = load_units(session, [row.parcel.id for row in rows])
    return [_show_parcel(world, row, units[row.parcel.id]) for row in rows]


def _show_parcel(world: World, row: WholeRow, units: list[Unit]) -> dict[str, Any]:
    expected = world.parcels[str(row.parcel.id)]
    told = {unit.id: unit for unit in expected.units}
    return {
        "id": expected.id,
        "standing": expected.standing.value,
        "session": expected.session,
        "avoid": sorted(expected.avoid),
        "number": f"{row.shipment.number}-{row.parcel.number}",
        "shipment_id": str(row.shipment.id),
        "shop_id": str(row.shipment.shop_id),
        "position": row.shipment.wave_position,
        "box": row.parcel.box,
        "boxes": 1,
        "delivery_service": row.shipment.delivery_service,
        "temperature_zone": row.shipment.temperature_zone,
        "is_gift": row.shipment.is_gift,
        "tasks": [unit.name for unit in units if unit.kind is UnitKind.TASK],
        "units": [_show_unit(unit, told[str(unit.id)]) for unit in units],
    }


def _show_unit(unit: Unit, expected: ExpectedUnit) -> dict[str, Any]:
    return {
        "id": str(unit.id),
        "kind": unit.kind.value,
        "keys": sorted(expected.keys),
        "quantity": unit.quantity,
        "verified": unit.verified_quantity,
        "session": expected.session,
        "name": unit.name,
        "name_en": unit.name_en,
        # A task is confirmed by hand: a code beside it would look like one to scan.
        "sku": None if unit.kind is UnitKind.TASK else unit.sku,
        "picture": f"/files/pictures/{unit.picture_file_id}" if unit.picture_file_id else None,
        "copy_kind": unit.copy_kind,
    }


def _list_items(session: Session, shop_id: UUID) -> list[dict[str, Any]]:
    """Return known products and inserts, so that a wrong one is told from an unknown one without a network.

    A catalogue too large for a tablet is left out: offline its things are unknown, which is refused as well.
    """
    codes: dict[tuple[UUID, UUID | None], list[str]] = {}
    same_product = and_(BulkSession.shop_id == ProductCode.shop_id, BulkSession.product_id == ProductCode.product_id)
    statement = (
        select(ProductCode.product_id, BulkSession.id, ProductCode.code)
        .outerjoin(BulkSession, same_product)
        .where(ProductCode.shop_id == shop_id)
    )
    size = select(func.count()).select_from(statement.limit(MOST_ITEMS + 1).subquery())
    if (session.scalar(size) or 0) > MOST_ITEMS:
        return []
    for product_id, session_id, code in session.execute(statement):
        codes.setdefault((product_id, session_id), []).append(code.upper())
    inserts = session.execute(select(Insert.gtin, Insert.key).where(Insert.shop_id == shop_id))
    return [
        *({"keys": sorted(keys), "session": session_id and str(session_id)} for (_, session_id), keys in codes.items()),
        *({"keys": [key for key in (row.gtin, row.key.upper()) if key], "session": None} for row in inserts),
    ]
