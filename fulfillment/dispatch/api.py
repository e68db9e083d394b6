"""Hand-over and returns over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment.dispatch.hand_over import find_ready_parcels, hand_over
from fulfillment.dispatch.returns import mark_delivered, take_back
from fulfillment.schemas import HandOverIn, HandOverOut, ReturnIn

router = APIRouter(prefix="/api", tags=["dispatch"])
FloorAccess = Annotated[Access, require(Role.OPERATOR, Role.PACKER)]
OfficeAccess = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]


@router.post("/hand-overs")
def post_hand_over(body: HandOverIn, session: SessionDep, access: FloorAccess) -> HandOverOut:
    """Give parcels to the carrier; what is not proven is refused, each with its reason."""
    chosen = body.parcel_ids
    if chosen is None:
        chosen = find_ready_parcels(session, access.shop_id, wave_id=body.wave_id)
    return HandOverOut.model_validate(hand_over(session, access.shop_id, chosen))


@router.post("/shipments/{shipment_id}/return", status_code=204)
def post_return(shipment_id: UUID, body: ReturnIn, session: SessionDep, access: OfficeAccess) -> Response:
    take_back(session, access.shop_id, shipment_id, body.kind, body.note)
    return Response(status_code=204)


@router.post("/shipments/{shipment_id}/delivered", status_code=204)
def post_delivered(shipment_id: UUID, session: SessionDep, access: OfficeAccess) -> Response:
    mark_delivered(session, access.shop_id, shipment_id)
    return Response(status_code=204)
