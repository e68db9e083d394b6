"""Prints a part of a wave: last decision, then units, copies, files in one transaction: all of it, or nothing and
again.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from core import clock
from core.codes import drawing_codes, register_codes
from core.db import is_among, plan_for_any_values
from core.entering import enter_rows
from core.ids import new_ids
from core.sealing import encrypt, load_ciphers, new_keys
from core.tenancy import Shop
from crm_link.keys import get_customer_keys
from documents.errors import TemplateNotFoundError
from documents.service import PublishedTemplate, get_templates
from fulfillment.errors import PrintJobNotFoundError
from fulfillment.models import Parcel, Shipment
from fulfillment.packing.models import Copy, CopyState, PrintJob, Unit, Wave
from fulfillment.printing.covers import draw_cover
from fulfillment.printing.drafting import (
    CopyDraft,
    ParcelDraft,
    Templates,
    draft_parcel,
    find_invoice_slip,
    list_wanted_templates,
)
from fulfillment.printing.files import DrawnParcels, draw_parcels, store_cover
from fulfillment.printing.freezing import Outcomes, freeze_changed, freeze_part, lock_part
from fulfillment.printing.leaving_out import name_shipments, note_left_out
from fulfillment.printing.loading import load_stock
from fulfillment.printing.specs import dump_spec
from fulfillment.printing.waves import finish_part
from fulfillment.states import ParcelState, ShipmentAct
from fulfillment.transitions import change_states
from personalization.rule_counts.counting import count_final

COPY_CODES = "copy"


def print_part(session: Session, shop_id: UUID, print_job_id: UUID) -> None:
    """Freeze and print one part of a wave. What must not or cannot be printed is held with the reason; the rest goes
    on.
    """
    printing = session.get(PrintJob, print_job_id)
    if printing is None or printing.wave_id is None or printing.part is None:
        raise PrintJobNotFoundError(print_job_id)
    if printing.printed_at is not None:
        return
    frozen = freeze_part(shop_id, print_job_id)
    plan_for_any_values(session)
    session.refresh(printing)
    shipments = lock_part(session, printing)
    left = name_shipments(shipments)
    # Done again after a death, it is the same to the byte: the codes come from the printing itself.
    with drawing_codes(printing.id):
        drafts = _draft(session, shop_id, shipments, frozen)
        drawn = draw_parcels(session, printing, drafts)
        drafts = drawn.drafts
        cover = draw_cover(session, printing, session.get_one(Wave, printing.wave_id), drafts, drawn.paper_pages)
    printed = [draft.shipment.id for draft in drafts]
    for shipment_id in printed:
        del left[shipment_id]
    _void_earlier(session, shop_id, [d.shipment.id for d in drafts if d.shipment.printed_revision is not None])
    _write_parcels(session, shop_id, drafts)
    _write_copies(session, shop_id, printing, drawn)
    change_states(session, shop_id, printed, ShipmentAct.PRINT, printed_revision=Shipment.revision)
    if cover is not None:
        store_cover(session, printing, cover)
    note_left_out(session, printing, left)
    printing.copies = sum(len(draft.copies) for draft in drafts)
    finish_part(session, printing)
    count_final(session, shop_id, printed)


def _draft(session: Session, shop_id: UUID, shipments: Sequence[Shipment], frozen: Outcomes) -> list[ParcelDraft]:
    """Draft the parcels that may go, in their order."""
    outcomes, going = freeze_changed(session, shop_id, shipments, frozen)
    ready = [shipment for shipment in shipments if shipment.id in going]
    stock = load_stock(session, shop_id, ready, [outcomes[shipment.id] for shipment in ready])
    templates = _load_templates(session, stock.shop, ready, outcomes)
    return [draft_parcel(shipment, outcomes[shipment.id], stock, templates) for shipment in ready]


def _load_templates(session: Session, shop: Shop, shipments: list[Shipment], outcomes: Outcomes) -> Templates:
    """Return the templates in force by (key, language); raises TemplateNotFoundError for one that nobody published."""
    invoice_slip = find_invoice_slip(shop)
    wanted = {
        pair for shipment in shipments for pair in list_wanted_templates(shipment, outcomes[shipment.id], invoice_slip)
    }
    found: dict[tuple[str, str], PublishedTemplate] = {}
    for language in {language for _, language in wanted}:
        keys = {key for key, spoken in wanted if spoken == language}
        published = get_templates(session, shop.id, keys, language)
        for key in keys - published.keys():
            raise TemplateNotFoundError(f"There is no template “{key}”.", key=key)
        found |= {(key, language): template for key, template in published.items()}
    return found


def _void_earlier(session: Session, shop_id: UUID, shipment_ids: Sequence[UUID]) -> None:
    """Papers and boxes of an earlier printing are no longer good."""
    if not shipment_ids:
        return
    session.execute(
        update(Copy)
        .where(Copy.shop_id == shop_id, is_among(Copy.shipment_id, shipment_ids), Copy.state == CopyState.VALID)
        .values(state=CopyState.VOID, voided_at=clock.now(), void_reason="printed_again")
    )
    session.execute(
        update(Parcel)
        .where(Parcel.shop_id == shop_id, is_among(Parcel.shipment_id, shipment_ids))
        .where(Parcel.state.in_([ParcelState.OPEN, ParcelState.VERIFIED]))
        .values(state=ParcelState.VOID, tracking_number=None)
    )


def _write_parcels(session: Session, shop_id: UUID, drafts: list[ParcelDraft]) -> None:
    common = {"shop_id": shop_id, "number": 1, "state": ParcelState.OPEN}
    rows = [{"id": d.id, "shipment_id": d.shipment.id, "revision": d.shipment.revision} for d in drafts]
    enter_rows(session, Parcel, rows, common)


def _write_copies(session: Session, shop_id: UUID, printing: PrintJob, drawn: DrawnParcels) -> None:
    """Enter codes, copies with their sealed specs, and the units that refer to them."""
    drafts = drawn.drafts
    if not drafts:
        return
    register_codes(session, shop_id, COPY_CODES, {copy.code: copy.id for draft in drafts for copy in draft.copies})
    keys = _find_keys(session, shop_id, drafts)
    ciphers = load_ciphers(session, keys.values())
    copies: list[dict[str, Any]] = []
    for draft in drafts:
        key_id = keys[draft.id]
        sealed = [encrypt(ciphers[key_id], dump_spec(copy.values, copy.flags)) for copy in draft.copies]
        copies += [
            _copy_row(draft, copy, place, drawn.places[copy.id]) | {"spec": spec, "key_id": key_id}
            for place, (copy, spec) in enumerate(zip(draft.copies, sealed, strict=True))
        ]
    told = {"print_job_id": printing.id, "state": CopyState.VALID, "printed_at": clock.now()}
    enter_rows(session, Copy, copies, {"shop_id": shop_id, **told})
    listed = [(draft.id, unit) for draft in drafts for unit in draft.units]
    ids = new_ids(len(listed))
    units = [{"id": i, "parcel_id": p, **unit} for i, (p, unit) in zip(ids, listed, strict=True)]
    enter_rows(session, Unit, units, {"shop_id": shop_id, "verified_quantity": 0})


def _copy_row(draft: ParcelDraft, copy: CopyDraft, position: int, pages: tuple[int, int]) -> dict[str, Any]:
    first_page, count = pages
    return {
        "id": copy.id,
        "shipment_id": draft.shipment.id,
        "parcel_id": draft.id,
        "template_version_id": copy.template.version_id,
        "kind": copy.kind,
        "code": copy.code,
        "revision": draft.shipment.revision,
        "position": position,
        "first_page": first_page,
        "pages": count,
    }


def _find_keys(session: Session, shop_id: UUID, drafts: list[ParcelDraft]) -> dict[UUID, UUID]:
    """Return the key that seals each parcel's copies: its recipient's or buyer's, else one of its own."""
    people = {d.id: d.shipment.recipient_customer_id or d.shipment.customer_id for d in drafts}
    known = get_customer_keys(session, shop_id, {person for person in people.values() if person})
    without = [parcel_id for parcel_id, person in people.items() if person is None]
    own = dict(zip(without, new_keys(session, shop_id, len(without)), strict=True))
    return {parcel_id: known[person] if person else own[parcel_id] for parcel_id, person in people.items()}
