"""Shipping data out for a wave, tracking numbers in. Every row of a file that comes back is accounted for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from core.audit.service import record
from core.context import get_context
from core.errors import NotFoundError
from core.sealing import new_key
from core.storage.service import store_file
from core.tabular.decoding import read_table
from core.tenancy import Shop, get_shop
from fulfillment.carriers.generic.mapping import CarrierRow, TrackingRow
from fulfillment.carriers.registry import CARRIERS, CarrierLayout
from fulfillment.errors import ColumnMissingError
from fulfillment.models import Parcel, Shipment
from fulfillment.packing.models import CarrierFile, CarrierFileDirection
from fulfillment.packing.worlds import choose_wave
from fulfillment.states import ParcelState


@dataclass(frozen=True)
class TrackingReport:
    """rows = bound + unchanged + refused; refused rows say line and reason."""

    rows: int
    bound: int
    unchanged: int
    refused: list[dict[str, Any]]


def get_layout(carrier: str) -> CarrierLayout:
    if carrier not in CARRIERS:
        raise NotFoundError("There is no such carrier layout.", carrier=carrier)
    return CARRIERS[carrier]


def write_carrier_file(session: Session, shop_id: UUID, wave_id: UUID, carrier: str = "generic") -> tuple[str, bytes]:
    """Return (name, bytes) of a wave's shipping data, one row per parcel in packing order; the file is kept, sealed."""
    layout = get_layout(carrier)
    shop = get_shop(session, shop_id)
    rows = session.execute(
        select(Parcel, Shipment)
        .join(Shipment, Shipment.id == Parcel.shipment_id)
        .where(Parcel.id.in_(choose_wave(shop_id, wave_id)))
        .order_by(Shipment.wave_position, Parcel.number)
    ).all()
    data = layout.write(_to_row(shop, parcel, shipment) for parcel, shipment in rows)
    name = f"{carrier}-{wave_id}.csv"
    key_id = new_key(session, shop_id)
    stored = store_file(session, shop_id, name, data, media_type="text/csv", key_id=key_id)
    session.flush()  # The record refers to the file.
    session.add(_to_record(shop_id, CarrierFileDirection.OUT, carrier, len(rows), wave_id=wave_id, file_id=stored.id))
    record(session, "fulfillment:carrier_file:write", shop_id=shop_id, subject_id=wave_id, details={"rows": len(rows)})
    return name, data


def _to_record(shop_id: UUID, direction: CarrierFileDirection, carrier: str, rows: int, **more: Any) -> CarrierFile:
    actor = get_context().actor
    return CarrierFile(
        shop_id=shop_id, direction=direction, carrier=carrier, row_count=rows, created_by=actor.id, **more
    )


def _to_row(shop: Shop, parcel: Parcel, shipment: Shipment) -> CarrierRow:
    profile = shop.profile
    own = {
        "name": shop.name,
        "postal_code": profile.get("postal_code"),
        "address1": profile.get("address"),
        "phone": profile.get("phone"),
    }
    return CarrierRow(
        serial=shipment.serial,
        number=parcel.number,
        revision=parcel.revision,
        parcels=1,
        delivery_service=shipment.delivery_service,
        temperature_zone=shipment.temperature_zone,
        desired_on=shipment.desired_on.isoformat() if shipment.desired_on else "",
        desired_slot=shipment.desired_slot or "",
        recipient=shipment.recipient or {},
        sender=shipment.sender or own,
        goods=profile.get("contents") or "",
    )


def read_tracking_file(session: Session, shop_id: UUID, data: bytes, carrier: str = "generic") -> TrackingReport:
    """Bind the tracking numbers of a file to parcels. Reading it again changes nothing; each row that cannot be used
    says why.
    """
    table = read_table(data)
    try:
        rows = get_layout(carrier).read(table.headers, table.rows)
    except KeyError as missing:
        raise ColumnMissingError(missing.args[0]) from None
    parcels = _find_parcels(session, shop_id, rows)
    taken = _find_taken(session, shop_id, [row.tracking_number for row in rows])
    repeated = {number for number, count in Counter(row.tracking_number for row in rows).items() if count > 1}
    binding: dict[UUID, str] = {}
    unchanged, refused = 0, []
    for row in rows:
        parcel = parcels.get((row.serial or 0, row.number or 0))
        problem = row.problem or _check(row, parcel, taken, repeated)
        if problem is not None or parcel is None:
            refused.append({"line": row.row, "reason": problem})
        elif parcel.tracking_number == row.tracking_number:
            unchanged += 1
        else:
            binding[parcel.id] = row.tracking_number
    _bind(session, binding)
    report = TrackingReport(len(rows), len(binding), unchanged, refused)
    session.add(_to_record(shop_id, CarrierFileDirection.IN, carrier, len(rows), refused=refused))
    counts = {name: value for name, value in asdict(report).items() if name != "refused"}
    record(session, "fulfillment:carrier_file:read", shop_id=shop_id, details=counts | {"refused": len(refused)})
    return report


def _check(row: TrackingRow, parcel: Parcel | None, taken: dict[str, UUID], repeated: set[str]) -> str | None:
    if parcel is None:
        return "unknown_reference"
    # The carrier's label was made for an earlier state of the shipment, and may bear another address.
    if parcel.revision != row.revision:
        return "changed_since_print"
    if row.tracking_number in repeated:
        return "tracking_number_twice"
    if taken.get(row.tracking_number, parcel.id) != parcel.id:
        return "tracking_number_taken"
    if parcel.state is ParcelState.HANDED_OVER and parcel.tracking_number not in (None, row.tracking_number):
        return "already_shipped"
    return None


def _find_parcels(session: Session, shop_id: UUID, rows: Sequence[TrackingRow]) -> dict[tuple[int, int], Parcel]:
    """Lock and return the parcels in force by (serial of the shipment, number)."""
    serials = {row.serial for row in rows if row.serial is not None}
    found = session.execute(
        select(Shipment.serial, Parcel)
        .join(Parcel, Parcel.shipment_id == Shipment.id)
        .where(Shipment.shop_id == shop_id, Shipment.serial.in_(serials), Parcel.state != ParcelState.VOID)
        .order_by(Parcel.id)
        .with_for_update(of=Parcel)
    )
    return {(serial, parcel.number): parcel for serial, parcel in found}


def _find_taken(session: Session, shop_id: UUID, numbers: Sequence[str]) -> dict[str, UUID]:
    rows = session.execute(
        select(Parcel.tracking_number, Parcel.id).where(
            Parcel.shop_id == shop_id, Parcel.tracking_number.in_(set(numbers))
        )
    )
    return {number: parcel_id for number, parcel_id in rows if number}


def _bind(session: Session, binding: dict[UUID, str]) -> None:
    if binding:
        session.execute(
            update(Parcel)
            .where(Parcel.id.in_(binding))
            .values(tracking_number=case(binding, value=Parcel.id))
            .execution_options(synchronize_session=False)
        )
