"""Named reads of waves, print jobs and what to pick."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.codes import find_code, read_code
from fulfillment.errors import PrintJobNotFoundError
from fulfillment.models import Parcel, Shipment
from fulfillment.packing.models import Copy, PrintFile, PrintFileKind, PrintJob, Unit, UnitKind, Wave, WaveState
from fulfillment.packing.worlds import choose_wave
from fulfillment.printing.covers import WAVE_CODES
from fulfillment.states import ParcelState

PAGE = 50


@dataclass(frozen=True)
class Pick:
    """One thing to fetch for a wave, added up over its parcels."""

    sku: str | None
    name: str
    barcodes: list[str]
    kind: str
    quantity: int


@dataclass(frozen=True)
class WaveProgress:
    """`shipments` are those that are in the wave now; some may have left it since it was gathered."""

    shipments: int
    parcels: int
    verified: int
    handed_over: int

    def find_stage(self, state: WaveState) -> str:
        """Return the state of the wave, and of a printed one how far its parcels are: printed, packed, handed_over."""
        if state is not WaveState.PRINTED or self.parcels == 0:
            return state.value
        if self.handed_over >= self.parcels:
            return "handed_over"
        return "packed" if self.verified >= self.parcels else state.value


def list_waves(
    session: Session, shop_ids: Collection[UUID], *, before: UUID | None = None, limit: int = PAGE
) -> list[Wave]:
    """Return the waves of these shops, newest first, paged by key."""
    statement = select(Wave).where(Wave.shop_id.in_(shop_ids)).order_by(Wave.id.desc()).limit(limit)
    return list(session.scalars(statement if before is None else statement.where(Wave.id < before)))


def find_printed_wave(session: Session, scanned: str) -> UUID | None:
    """Return the wave of a scanned copy, void or not, or of a cover sheet, among the shops of the session."""
    target = find_code(session, read_code(scanned) or "")
    if target is None or target.kind == WAVE_CODES:
        return target.ref_id if target else None
    owner = select(Shipment.wave_id).join(Copy, Copy.shipment_id == Shipment.id)
    return session.scalar(owner.where(Copy.code == target.code))


@dataclass(frozen=True)
class PrintedPlace:
    """Where a parcel stands in its wave; of a scanned paper also the printing and the file it stands in."""

    place: int
    print_job_id: UUID | None = None
    kind: PrintFileKind | None = None


def find_printed_place(session: Session, shop_id: UUID, wave_id: UUID, text: str) -> PrintedPlace | None:
    """Return the place in a wave of a shipment's number or of a paper's code."""
    code = read_code(text)
    statement = select(Shipment).where(Shipment.shop_id == shop_id, Shipment.wave_id == wave_id)
    if code is None:
        digits = text.upper().removeprefix("S-").lstrip("0")
        serial = int(digits) if digits.isdecimal() and len(digits) < 16 else 0
        shipment = session.scalars(statement.where(Shipment.serial == serial)).one_or_none()
        return PrintedPlace(shipment.wave_position or 1) if shipment else None
    found = session.execute(
        statement.join(Copy, Copy.shipment_id == Shipment.id).add_columns(Copy).where(Copy.code == code)
    ).one_or_none()
    if found is None:
        return None
    shipment, copy = found
    kind = PrintFileKind.LABELS if copy.kind == "label" else PrintFileKind.PAPERS
    return PrintedPlace(shipment.wave_position or 1, copy.print_job_id, kind)


def list_print_jobs(session: Session, shop_id: UUID, wave_id: UUID) -> list[PrintJob]:
    """Return the parts of a wave in their order, then what was printed again of it."""
    statement = select(PrintJob).where(PrintJob.shop_id == shop_id, PrintJob.wave_id == wave_id)
    return list(session.scalars(statement.order_by(PrintJob.part.nulls_last(), PrintJob.id)))


def list_print_files(session: Session, shop_id: UUID, print_job_ids: Collection[UUID]) -> list[PrintFile]:
    statement = select(PrintFile).where(PrintFile.shop_id == shop_id, PrintFile.print_job_id.in_(print_job_ids))
    return list(session.scalars(statement.order_by(PrintFile.id)))


def get_print_job(session: Session, print_job_id: UUID) -> PrintJob:
    found = session.get(PrintJob, print_job_id)
    if found is None:
        raise PrintJobNotFoundError(print_job_id)
    return found


def get_print_file(session: Session, print_file_id: UUID) -> PrintFile:
    found = session.get(PrintFile, print_file_id)
    if found is None:
        raise PrintJobNotFoundError(print_file_id)
    return found


def list_picks(session: Session, shop_id: UUID, wave_id: UUID) -> list[Pick]:
    """Return goods and inserts of a wave by SKU, with how many of each."""
    rows = session.execute(
        select(Unit.kind, Unit.sku, Unit.name, func.min(Unit.barcodes), func.sum(Unit.quantity))
        .where(Unit.shop_id == shop_id, Unit.parcel_id.in_(choose_wave(shop_id, wave_id)))
        .where(Unit.kind.in_([UnitKind.GOODS, UnitKind.INSERT, UnitKind.TASK]))
        .group_by(Unit.kind, Unit.sku, Unit.name)
        .order_by(Unit.kind, Unit.sku)
    )
    return [Pick(sku, name, barcodes, kind.value, int(quantity)) for kind, sku, name, barcodes, quantity in rows]


def measure_progress(session: Session, shop_id: UUID, wave_ids: Collection[UUID]) -> dict[UUID, WaveProgress]:
    """Return, per wave, how many shipments are in it, and how many of their parcels there are, are verified, have
    left.
    """
    rows = session.execute(
        select(
            Shipment.wave_id,
            func.count(Shipment.id.distinct()),
            func.count(Parcel.id),
            func.count().filter(Parcel.state.in_([ParcelState.VERIFIED, ParcelState.HANDED_OVER])),
            func.count().filter(Parcel.state == ParcelState.HANDED_OVER),
        )
        .outerjoin(Parcel, (Parcel.shipment_id == Shipment.id) & (Parcel.state != ParcelState.VOID))
        .where(Shipment.shop_id == shop_id, Shipment.wave_id.in_(wave_ids))
        .group_by(Shipment.wave_id)
    )
    return {wave_id: WaveProgress(*counts) for wave_id, *counts in rows if wave_id is not None}
