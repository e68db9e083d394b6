"""Shipments over HTTP: list, detail, hold, release, cancel, send again."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from core.audit.service import record
from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment import service
from fulfillment.interrupting import keep_as_printed, print_anew
from fulfillment.models import HoldReason
from fulfillment.packing.models import Copy
from fulfillment.printers.models import PrintRun
from fulfillment.queries import ShipmentDetail, ShipmentFilter, list_shipments, load_detail
from fulfillment.resending import ResendChoice, resend_shipment
from fulfillment.schemas import (
    CopyOut,
    CopyRunOut,
    HoldOut,
    HoldPlaceIn,
    ParcelOut,
    ReasonIn,
    ReleaseIn,
    ResendIn,
    ShipmentOut,
    ShipmentRowOut,
    UnitOut,
)
from fulfillment.states import ShipmentState

router = APIRouter(prefix="/api/shipments", tags=["shipments"])
OfficeAccess = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]


@router.get("")
def get_shipments(
    session: SessionDep,
    access: OfficeAccess,
    state: Annotated[list[ShipmentState] | None, Query()] = None,
    text: str | None = None,
    hold: HoldReason | None = None,
    wave_id: UUID | None = None,
    before: UUID | None = None,
) -> list[ShipmentRowOut]:
    """Shipments, newest first; `before` is the last id of the page before."""
    wanted = ShipmentFilter(states=state or (), text=text, hold=hold, wave_id=wave_id)
    rows = list_shipments(session, access.shop_id, wanted, before=before)
    return [ShipmentRowOut.model_validate(row) for row in rows]


@router.get("/{shipment_id}")
def get_shipment(shipment_id: UUID, session: SessionDep, access: OfficeAccess) -> ShipmentOut:
    detail = load_detail(session, access.shop_id, shipment_id)
    record(session, "api:shipment:read", shop_id=access.shop_id, subject_id=shipment_id)
    return show_detail(detail)


@router.post("/{shipment_id}/hold", status_code=204)
def post_hold(shipment_id: UUID, body: HoldPlaceIn, session: SessionDep, access: OfficeAccess) -> Response:
    service.hold_shipment(session, access.shop_id, shipment_id, note=body.note)
    return Response(status_code=204)


@router.post("/{shipment_id}/release", status_code=204)
def post_release(shipment_id: UUID, body: ReleaseIn, session: SessionDep, access: OfficeAccess) -> Response:
    service.release_shipment(session, access.shop_id, shipment_id, reasons=body.reasons)
    return Response(status_code=204)


@router.post("/{shipment_id}/cancel", status_code=204)
def post_cancel(shipment_id: UUID, session: SessionDep, access: OfficeAccess) -> Response:
    service.cancel_shipment(session, access.shop_id, shipment_id)
    return Response(status_code=204)


@router.post("/{shipment_id}/resend", status_code=201)
def post_resend(shipment_id: UUID, body: ResendIn, session: SessionDep, access: OfficeAccess) -> ShipmentOut:
    chosen = body.quantities is not None or body.inserts is not None
    choice = ResendChoice(lines=body.quantities or {}, inserts=body.inserts or {}, letter=body.letter)
    again = resend_shipment(
        session,
        access.shop_id,
        shipment_id,
        reason=body.reason,
        choice=choice if chosen else None,
        asked=body.request_id,
    )
    return show_detail(load_detail(session, access.shop_id, again.id))


@router.post("/{shipment_id}/keep-as-printed", status_code=204)
def post_keep(shipment_id: UUID, body: ReasonIn, session: SessionDep, access: OfficeAccess) -> Response:
    """Let a parcel that changed after printing go as it is: a person answers for it."""
    keep_as_printed(session, access.shop_id, shipment_id, reason=body.reason)
    return Response(status_code=204)


@router.post("/{shipment_id}/print-anew", status_code=204)
def post_print_anew(shipment_id: UUID, body: ReasonIn, session: SessionDep, access: OfficeAccess) -> Response:
    """Take a printed parcel out: its papers are void, and it is decided and printed again."""
    print_anew(session, access.shop_id, shipment_id, reason=body.reason)
    return Response(status_code=204)


def _show_copy(copy: Copy, runs: Sequence[PrintRun]) -> CopyOut:
    shown = CopyOut.model_validate(copy)
    return shown.model_copy(update={"runs": [CopyRunOut.model_validate(run) for run in runs]})


def show_detail(detail: ShipmentDetail) -> ShipmentOut:
    shipment = detail.shipment
    return ShipmentOut(
        id=shipment.id,
        number=shipment.number,
        state=shipment.state,
        order_numbers=detail.order_numbers,
        holds=[HoldOut.model_validate(hold) for hold in detail.holds],
        parcels=[
            ParcelOut(
                id=parcel.id,
                number=parcel.number,
                state=parcel.state,
                tracking_number=parcel.tracking_number,
                units=[UnitOut.model_validate(unit) for unit in detail.units[parcel.id]],
            )
            for parcel in detail.parcels
        ],
        copies=[_show_copy(copy, detail.runs.get(copy.id, ())) for copy in detail.copies],
        resend_of_id=shipment.resend_of_id,
        split_from_id=shipment.split_from_id,
        merged_into_id=shipment.merged_into_id,
    )
