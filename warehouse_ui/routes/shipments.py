"""Shipments: the list, and one shipment whole; what may be done to it stands in `shipment_acts`."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from core.audit.service import record
from core.auth.roles import Access, Role
from core.auth.service import names_of
from core.ids import new_id
from core.tenancy import get_shop
from core.web import SessionDep, require
from fulfillment.models import HoldReason
from fulfillment.packing.models import Copy, CopyState, PrintFileKind
from fulfillment.planning.settings import read_merge_hours
from fulfillment.printing.queries import list_print_files
from fulfillment.queries import PAGE, ShipmentDetail, ShipmentFilter, find_shipments, list_shipments, load_detail
from fulfillment.rearranging.checks import may_be_split
from fulfillment.rearranging.queries import list_mergeable, list_rearranged
from fulfillment.resending import list_sent_inserts
from fulfillment.states import SENT, ShipmentAct, ShipmentState, acts_in
from orders.catalogue.queries import load_products
from warehouse_ui.answers import is_fragment
from warehouse_ui.changed_words import load_differences
from warehouse_ui.deciding import explain_decision
from warehouse_ui.history import tell_history
from warehouse_ui.navigation import FLOOR, SHIPMENTS
from warehouse_ui.paging import make_links
from warehouse_ui.printing import tell_run
from warehouse_ui.routes.invoices import load_invoicing
from warehouse_ui.shop_names import name_services
from warehouse_ui.templating import render

router = APIRouter(prefix="/shipments", include_in_schema=False)

Office = Annotated[Access, require(*SHIPMENTS)]


@router.get("")
def show_list(
    request: Request,
    access: Office,
    session: SessionDep,
    q: str = "",
    state: ShipmentState | str = "",
    hold: HoldReason | str = "",
    before: UUID | None = None,
) -> Response:
    wanted = ShipmentFilter(
        states=[ShipmentState(state)] if state in set(ShipmentState) else (),
        text=q,
        hold=HoldReason(hold) if hold in set(HoldReason) else None,
    )
    rows = list_shipments(session, access.shop_id, wanted, before=before, limit=PAGE + 1)
    following = rows[PAGE - 1].id if len(rows) > PAGE else None
    filters = {"q": q, "state": state, "hold": hold}
    record(session, "fulfillment:shipments:read", shop_id=access.shop_id, details={"rows": min(len(rows), PAGE)})
    values = {
        "rows": rows[:PAGE],
        "filters": filters,
        "states": list(ShipmentState),
        "reasons": list(HoldReason),
        "services": name_services(session, access.shop_id),
        "merge_hours": round(read_merge_hours(get_shop(session, access.shop_id))),
        "is_operator": access.principal.has_role(access.shop_id, Role.OPERATOR),
        "links": make_links("/shipments", filters, current=before, following=following),
    }
    template = "fragments/shipment_list.html" if is_fragment(request) else "pages/shipments.html"
    return render(request, template, access, session, **values)


@router.get("/{shipment_id}")
def show_shipment(request: Request, shipment_id: UUID, access: Office, session: SessionDep) -> Response:
    detail = load_detail(session, access.shop_id, shipment_id)
    record(session, "fulfillment:shipment:read", shop_id=access.shop_id, subject_id=shipment_id)
    return render(request, "pages/shipment.html", access, session, **_values(session, access, detail))


def _values(session: Session, access: Access, detail: ShipmentDetail) -> dict[str, Any]:
    shop_id, shipment = access.shop_id, detail.shipment
    units = [unit for parcel_units in detail.units.values() for unit in parcel_units]
    actors = {entry.actor_id for entry in detail.history} | {scan.actor_id for scan in detail.scans}
    people = names_of(session, [actor for actor in actors if actor])
    is_operator = access.principal.has_role(shop_id, Role.OPERATOR)
    return {
        "detail": detail,
        "shipment": shipment,
        "services": name_services(session, shop_id),
        "products": load_products(session, shop_id, {line.product_id for line in detail.lines if line.product_id}),
        "papers": _find_papers(session, shop_id, detail) if is_operator else {},
        "told_runs": {run.id: tell_run(run) for runs in detail.runs.values() for run in runs},
        **explain_decision(session, shop_id, shipment.id),
        "history": tell_history(detail.history, detail.scans, {unit.id: unit.name for unit in units}, people),
        **_rearrangement(session, shop_id, detail),
        **load_invoicing(session, shop_id, detail),
        "may": _list_acts(access, detail),
    }


def _rearrangement(session: Session, shop_id: UUID, detail: ShipmentDetail) -> dict[str, Any]:
    """Return what the forms of splitting, merging, sending again and answering a change need."""
    shipment = detail.shipment
    linked = {shipment.resend_of_id, shipment.split_from_id, shipment.merged_into_id} - {None}
    return {
        "differences": load_differences(session, shop_id, [shipment.id]).get(shipment.id),
        "mergeable": list_mergeable(session, shop_id, shipment.id),
        "rearranged": list_rearranged(session, shop_id, shipment.id),
        "sent_inserts": list_sent_inserts(session, shop_id, shipment.id) if shipment.state in SENT else [],
        # Names the asking of this page: a second click makes no second shipment.
        "resend_asked": new_id(),
        "linked": {found.id: found.number for found in find_shipments(session, shop_id, linked)},
    }


def _list_acts(access: Access, detail: ShipmentDetail) -> dict[str, bool]:
    shipment, acts = detail.shipment, set(acts_in(detail.shipment.state))
    is_operator = access.principal.has_role(access.shop_id, Role.OPERATOR)
    open_holds = {hold.reason for hold in detail.holds if hold.released_at is None}
    is_printed = shipment.state in (ShipmentState.PRINTED, ShipmentState.VERIFIED)
    bears_papers = shipment.printed_revision == shipment.revision
    is_erased = HoldReason.ERASED in open_holds
    releasable = not is_erased and open_holds != {HoldReason.CHANGED_AFTER_PRINT}
    return {
        "hold": ShipmentAct.HOLD in acts,
        "release": shipment.state is ShipmentState.HELD and releasable,
        "cancel": ShipmentAct.CANCEL in acts,
        "resend": ShipmentAct.RESEND in acts and shipment.recipient is not None,
        "wave": access.principal.has_role(access.shop_id, *FLOOR),
        "reprint": is_operator and is_printed,
        "split": may_be_split(shipment) and not is_erased and sum(line.quantity for line in detail.lines) > 1,
        "print_anew": bears_papers and not is_erased and (is_printed or shipment.state is ShipmentState.HELD),
        "undo": not is_erased,
    }


def _find_papers(session: Session, shop_id: UUID, detail: ShipmentDetail) -> dict[UUID, UUID]:
    """Return the print file in which each valid copy stands."""
    valid = [copy for copy in detail.copies if copy.state is CopyState.VALID and copy.print_job_id]
    files = list_print_files(session, shop_id, {copy.print_job_id for copy in valid if copy.print_job_id})
    places: dict[tuple[UUID | None, PrintFileKind], UUID] = {(file.print_job_id, file.kind): file.id for file in files}
    found = {copy.id: _find_file(copy, places) for copy in valid}
    return {copy_id: file_id for copy_id, file_id in found.items() if file_id is not None}


def _find_file(copy: Copy, places: Mapping[tuple[UUID | None, PrintFileKind], UUID]) -> UUID | None:
    """Labels of a wave are in a file of their own, for another printer; a reprint has everything in one."""
    labels = places.get((copy.print_job_id, PrintFileKind.LABELS)) if copy.kind == "label" else None
    return labels or places.get((copy.print_job_id, PrintFileKind.PAPERS))
