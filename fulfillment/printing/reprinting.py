"""Prints copies again from their sealed specs: the same words with a new code; the earlier copy is void from then
on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record_many
from core.codes import new_code, register_codes
from core.context import get_context
from core.ids import new_id
from core.rowsets import pack_rows, rowset
from fulfillment.errors import ActNotPossibleError, NothingToReprintError, ReasonMissingError
from fulfillment.models import Parcel, Shipment
from fulfillment.packing.models import Copy, CopyState, PrintFileKind, PrintJob, PrintKind
from fulfillment.packing.scanning import reopen_parcels
from fulfillment.printing.files import write_copy, writing_print
from fulfillment.printing.output import LABEL, open_copies
from fulfillment.printing.part_printing import COPY_CODES
from fulfillment.states import ParcelState, ShipmentState

REPRINTABLE = (ShipmentState.PRINTED, ShipmentState.VERIFIED)
_EXCHANGE = f"""
    UPDATE units SET copy_id = exchange.again_id, barcodes = ARRAY[exchange.code], verified_quantity = 0
      FROM {rowset("exchange", {"copy_id": "uuid", "again_id": "uuid", "code": "text"})}
     WHERE units.shop_id = :shop_id AND units.copy_id = exchange.copy_id
"""


@dataclass(frozen=True, kw_only=True)
class Reprinting:
    """Why papers are printed again, and where they stand in a wave when they are several."""

    reason: str
    wave_id: UUID | None = None
    first_position: int | None = None
    last_position: int | None = None


def reprint(
    session: Session, shop_id: UUID, shipment_id: UUID, *, reason: str, kinds: Collection[str] | None = None
) -> PrintJob:
    """Print a parcel's papers again (of these kinds, or all); a box that was finished has to be finished again."""
    shipments = lock_printed(session, shop_id, [shipment_id])
    if shipment_id not in shipments:
        raise NothingToReprintError(shipment_id)
    if shipments[shipment_id].state not in REPRINTABLE:
        raise ActNotPossibleError("reprint", [shipments[shipment_id].number], [shipments[shipment_id].state])
    statement = select(Copy.id).where(Copy.shop_id == shop_id, Copy.shipment_id == shipment_id)
    statement = statement.where(Copy.state == CopyState.VALID)
    if kinds is not None:
        statement = statement.where(Copy.kind.in_(list(kinds)))
    chosen = session.scalars(statement).all()
    found = shipments[shipment_id]
    place = found.wave_position
    given = Reprinting(reason=reason, wave_id=found.wave_id, first_position=place, last_position=place)
    return reprint_copies(session, shop_id, shipments, chosen, given)


def lock_printed(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> dict[UUID, Shipment]:
    """Lock the parcels of shipments before their copies, as scans do. Returns those that have printed papers."""
    rows = session.execute(
        select(Shipment, Parcel)
        .join(Parcel, Parcel.shipment_id == Shipment.id)
        .where(Shipment.shop_id == shop_id, Shipment.id.in_(shipment_ids), Parcel.revision == Shipment.revision)
        .order_by(Parcel.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return {shipment.id: shipment for shipment, _ in rows}


def reprint_copies(
    session: Session,
    shop_id: UUID,
    shipments: Mapping[UUID, Shipment],
    copy_ids: Collection[UUID],
    given: Reprinting,
) -> PrintJob:
    """Void exactly these copies of locked shipments and print them again, in packing order."""
    if not given.reason.strip():
        raise ReasonMissingError("A reprint")
    copies = _load(session, shop_id, copy_ids)
    if not copies:
        raise NothingToReprintError(next(iter(shipments), shop_id))
    printing = PrintJob(
        shop_id=shop_id,
        kind=PrintKind.REPRINT,
        wave_id=given.wave_id,
        first_position=given.first_position,
        last_position=given.last_position,
        reason=given.reason.strip(),
        copies=len(copies),
        created_by=get_context().actor.id,
        printed_at=clock.now(),
    )
    session.add(printing)
    session.flush()  # The new copies refer to it.
    replacements = _replace(session, shop_id, printing, copies)
    _reopen(session, shop_id, [copy.parcel_id for copy in copies])
    _draw(session, printing, [(copy, shipments[copy.shipment_id].serial) for copy in replacements])
    subjects = [(copy.shipment_id, {"copy": str(copy.id), "kind": copy.kind}) for copy in copies]
    record_many(session, "fulfillment:copy:reprint", shop_id=shop_id, subjects=subjects)
    return printing


def _load(session: Session, shop_id: UUID, copy_ids: Collection[UUID]) -> Sequence[Copy]:
    """Return the copies that are still good, in packing order; one that was voided meanwhile stays void."""
    statement = (
        select(Copy)
        .join(Shipment, Shipment.id == Copy.shipment_id)
        .where(Copy.shop_id == shop_id, Copy.id.in_(copy_ids), Copy.state == CopyState.VALID, Copy.spec.is_not(None))
        .order_by(Shipment.wave_position, Shipment.id, Copy.position)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).all()


def _replace(session: Session, shop_id: UUID, printing: PrintJob, copies: Sequence[Copy]) -> list[Copy]:
    """Void the copies, make new ones from the same specs, and let the units expect the new codes."""
    replacements = [
        Copy(
            id=new_id(),
            shop_id=shop_id,
            shipment_id=copy.shipment_id,
            parcel_id=copy.parcel_id,
            print_job_id=printing.id,
            template_version_id=copy.template_version_id,
            kind=copy.kind,
            code=new_code(),
            revision=copy.revision,
            position=copy.position,
            spec=copy.spec,
            key_id=copy.key_id,
        )
        for copy in copies
    ]
    for copy in copies:
        copy.state, copy.voided_at, copy.void_reason = CopyState.VOID, clock.now(), printing.reason
    session.add_all(replacements)
    session.flush()  # Codes and units refer to the new copies.
    register_codes(session, shop_id, COPY_CODES, {copy.code: copy.id for copy in replacements})
    exchange = [
        {"copy_id": str(copy.id), "again_id": str(again.id), "code": again.code}
        for copy, again in zip(copies, replacements, strict=True)
    ]
    session.execute(text(_EXCHANGE), {"exchange": pack_rows(exchange), "shop_id": shop_id})
    return replacements


def _reopen(session: Session, shop_id: UUID, parcel_ids: Collection[UUID]) -> None:
    """A box that was finished has to be finished again, with the new papers in it."""
    finished = select(Parcel.id, Parcel.shipment_id).where(Parcel.shop_id == shop_id, Parcel.id.in_(parcel_ids))
    rows = session.execute(finished.where(Parcel.state == ParcelState.VERIFIED))
    reopen_parcels(session, shop_id, {row.id: row.shipment_id for row in rows})


def _draw(session: Session, printing: PrintJob, copies: Sequence[tuple[Copy, int]]) -> None:
    """Write slips and letters into one file, labels into another. They were drawn before: nothing is refused."""
    with (
        writing_print(session, printing, PrintFileKind.PAPERS) as papers,
        writing_print(session, printing, PrintFileKind.LABELS) as labels,
    ):
        for (copy, _), spec in zip(copies, open_copies(session, copies), strict=True):
            file = labels if copy.kind == LABEL else papers
            copy.first_page, copy.pages = write_copy(file, file.writer.lay_out(spec))
