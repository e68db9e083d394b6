"""Prints copies again from their sealed specs: the same words with a new code; the earlier copy is void from then
on.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record_many
from core.codes import code_url, format_code, new_code, register_codes
from core.context import get_context
from core.ids import new_id
from core.sealing import unseal
from documents.render import render_copies
from documents.service import get_versions
from documents.specs import CopySpec
from fulfillment.errors import ActNotPossibleError, NothingToReprintError, ReasonMissingError
from fulfillment.models import Parcel, Shipment
from fulfillment.packing.models import Copy, CopyState, PrintFileKind, PrintJob, PrintKind, Unit
from fulfillment.packing.scanning import reopen_parcel
from fulfillment.packing.worlds import ParcelRow
from fulfillment.printing.freezing import COPY_CODES, store_print
from fulfillment.printing.product_pictures import make_reader
from fulfillment.printing.specs import load_spec
from fulfillment.states import ShipmentState

_REPRINTABLE = (ShipmentState.PRINTED, ShipmentState.VERIFIED)


def reprint(
    session: Session, shop_id: UUID, shipment_id: UUID, *, reason: str, kinds: Collection[str] | None = None
) -> PrintJob:
    """Print a parcel's papers again (of these kinds, or all); a box that was finished has to be finished again."""
    if not reason.strip():
        raise ReasonMissingError("A reprint")
    shipment, parcels = _lock(session, shop_id, shipment_id)
    copies = _choose_copies(session, shop_id, shipment, kinds)
    printing = PrintJob(
        shop_id=shop_id,
        kind=PrintKind.REPRINT,
        reason=reason,
        copies=len(copies),
        created_by=get_context().actor.id,
        printed_at=clock.now(),
    )
    session.add(printing)
    session.flush()  # The new copies refer to it.
    replacements = _replace(session, shop_id, printing, copies)
    for parcel in parcels:
        reopen_parcel(session, ParcelRow(parcel, shipment))
    store_print(session, printing, PrintFileKind.PAPERS, render_copies(_to_specs(session, replacements, shipment)))
    subjects = [(shipment_id, {"copy": str(copy.id), "kind": copy.kind}) for copy in copies]
    record_many(session, "fulfillment:copy:reprint", shop_id=shop_id, subjects=subjects)
    return printing


def _lock(session: Session, shop_id: UUID, shipment_id: UUID) -> tuple[Shipment, Sequence[Parcel]]:
    """Lock parcels before their shipment's copies, as scans do."""
    rows = session.execute(
        select(Shipment, Parcel)
        .join(Parcel, Parcel.shipment_id == Shipment.id)
        .where(Shipment.shop_id == shop_id, Shipment.id == shipment_id, Parcel.revision == Shipment.revision)
        .order_by(Parcel.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        raise NothingToReprintError(shipment_id)
    shipment = rows[0][0]
    if shipment.state not in _REPRINTABLE:
        raise ActNotPossibleError("reprint", [shipment.number], [shipment.state])
    return shipment, [row[1] for row in rows]


def _choose_copies(
    session: Session, shop_id: UUID, shipment: Shipment, kinds: Collection[str] | None
) -> Sequence[Copy]:
    statement = (
        select(Copy)
        .where(Copy.shop_id == shop_id, Copy.shipment_id == shipment.id, Copy.state == CopyState.VALID)
        .order_by(Copy.position)
    )
    if kinds is not None:
        statement = statement.where(Copy.kind.in_(list(kinds)))
    copies = session.scalars(statement).all()
    if not copies:
        raise NothingToReprintError(shipment.id)
    return copies


def _replace(session: Session, shop_id: UUID, printing: PrintJob, copies: Sequence[Copy]) -> list[Copy]:
    """Void the copies, make new ones from the same specs, and let the units expect the new codes."""
    replacements = []
    for copy in copies:
        again = Copy(
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
        copy.state, copy.voided_at, copy.void_reason = CopyState.VOID, clock.now(), printing.reason
        session.add(again)
        replacements.append(again)
    session.flush()  # Codes and units refer to the new copies.
    register_codes(session, shop_id, COPY_CODES, {copy.code: copy.id for copy in replacements})
    for copy, again in zip(copies, replacements, strict=True):
        session.execute(
            update(Unit)
            .where(Unit.shop_id == shop_id, Unit.copy_id == copy.id)
            .values(copy_id=again.id, barcodes=[again.code], verified_quantity=0)
        )
    return replacements


def _to_specs(session: Session, copies: Sequence[Copy], shipment: Shipment) -> list[CopySpec]:
    wanted = {copy.template_version_id for copy in copies if copy.template_version_id}
    templates = get_versions(session, wanted)
    specs, read_picture = [], make_reader(session)
    for copy in copies:
        if copy.key_id is None or copy.spec is None or copy.template_version_id is None:
            raise NothingToReprintError(shipment.id)
        values, flags = load_spec(unseal(session, copy.key_id, copy.spec), read_picture)
        specs.append(
            CopySpec(
                template=templates[copy.template_version_id].compiled,
                values=values,
                code=copy.code,
                code_text=format_code(copy.code),
                url=code_url(copy.code),
                flags=flags,
                reference=shipment.number,
            )
        )
    return specs
