"""Files to and from carriers' programs over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response, UploadFile

from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment.carriers.service import read_tracking_file, write_carrier_file
from fulfillment.printing.waves import find_wave_shop
from fulfillment.schemas import TrackingReportOut

router = APIRouter(prefix="/api", tags=["carriers"])
OperatorAccess = Annotated[Access, require(Role.OPERATOR)]


@router.post("/waves/{wave_id}/carrier-file")
def post_carrier_file(
    wave_id: UUID, session: SessionDep, _access: OperatorAccess, carrier: str = "generic"
) -> Response:
    """Write the shipping data of a wave and answer with it. A POST: each file that is given out is on record."""
    name, data = write_carrier_file(session, find_wave_shop(session, wave_id), wave_id, carrier)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type="text/csv", headers=headers)


@router.post("/tracking-numbers")
def post_tracking_file(
    file: UploadFile, session: SessionDep, access: OperatorAccess, carrier: str = "generic"
) -> TrackingReportOut:
    """Take tracking numbers from a carrier's file; every row is bound, unchanged, or refused with its reason."""
    report = read_tracking_file(session, access.shop_id, file.file.read(), carrier)
    return TrackingReportOut.model_validate(report)
