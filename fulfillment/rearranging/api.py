"""Splitting, merging and undoing over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment.api import show_detail
from fulfillment.planning.settings import set_merge_hours
from fulfillment.queries import load_detail
from fulfillment.rearranging.queries import list_mergeable, list_rearranged
from fulfillment.rearranging.service import LaterPart, merge_shipments, split_shipment, undo_rearrangement
from fulfillment.schemas import MergeableOut, MergeIn, MergingIn, RearrangedOut, ReasonIn, ShipmentOut, SplitIn

router = APIRouter(prefix="/api", tags=["shipments"])
OperatorAccess = Annotated[Access, require(Role.OPERATOR)]
OfficeAccess = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]


@router.post("/shipments/{shipment_id}/split", status_code=201)
def post_split(shipment_id: UUID, body: SplitIn, session: SessionDep, access: OfficeAccess) -> ShipmentOut:
    """Put some pieces into a shipment of their own; the answer is that one."""
    later = LaterPart(not_before=body.not_before, waits=body.waits)
    part = split_shipment(session, access.shop_id, shipment_id, body.quantities, reason=body.reason, later=later)
    return show_detail(load_detail(session, access.shop_id, part.id))


@router.get("/shipments/{shipment_id}/mergeable")
def get_mergeable(shipment_id: UUID, session: SessionDep, access: OfficeAccess) -> list[MergeableOut]:
    """The same customer's other shipments in the house, each with what forbids one box."""
    found = list_mergeable(session, access.shop_id, shipment_id)
    return [
        MergeableOut(id=each.shipment.id, number=each.shipment.number, obstacles=list(each.obstacles)) for each in found
    ]


@router.post("/merges", status_code=201)
def post_merge(body: MergeIn, session: SessionDep, access: OfficeAccess) -> ShipmentOut:
    """Put shipments into one box; the answer is the one that stays."""
    kept = merge_shipments(session, access.shop_id, body.shipment_ids, reason=body.reason)
    return show_detail(load_detail(session, access.shop_id, kept.id))


@router.get("/shipments/{shipment_id}/rearrangements")
def get_rearrangements(shipment_id: UUID, session: SessionDep, access: OfficeAccess) -> list[RearrangedOut]:
    """What was split and merged, the newest first."""
    return [
        RearrangedOut(
            id=each.id,
            kind=each.kind,
            other_id=each.other.id,
            other_number=each.other.number,
            at=each.at,
            undone_at=each.undone_at,
            may_undo=each.may_undo,
        )
        for each in list_rearranged(session, access.shop_id, shipment_id)
    ]


@router.put("/shops/merging", status_code=204)
def put_merging(body: MergingIn, session: SessionDep, access: OperatorAccess) -> Response:
    """Merge orders of one customer to one address placed within so many hours, from now on; 0: never."""
    set_merge_hours(session, access.shop_id, body.within_hours)
    return Response(status_code=204)


@router.post("/rearrangements/{rearrangement_id}/undo", status_code=204)
def post_undo(rearrangement_id: UUID, body: ReasonIn, session: SessionDep, access: OfficeAccess) -> Response:
    undo_rearrangement(session, access.shop_id, rearrangement_id, reason=body.reason)
    return Response(status_code=204)
