"""The bench over HTTP: snapshots and scans."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter

from core.auth.roles import Access, Role
from core.errors import NotFoundError
from core.web import SessionDep, require
from fulfillment.models import Bench
from fulfillment.packing.scanning import ScanIn, judge_scans
from fulfillment.packing.snapshots import find_parcel, take_snapshot
from fulfillment.printing.waves import find_wave_shop
from fulfillment.schemas import ScanOut, ScansIn, ScansOut

router = APIRouter(prefix="/api/bench", tags=["bench"])
PackerAccess = Annotated[Access, require(Role.PACKER)]


@router.get("/waves/{wave_id}")
def get_snapshot(wave_id: UUID, session: SessionDep, _access: PackerAccess) -> dict[str, Any]:
    return take_snapshot(session, find_wave_shop(session, wave_id), wave_id)


@router.get("/parcels/by-code/{code}")
def get_parcel_by_code(code: str, session: SessionDep, _access: PackerAccess) -> dict[str, Any]:
    return find_parcel(session, code)


@router.post("/scans")
def post_scans(body: ScansIn, session: SessionDep, access: PackerAccess) -> ScansOut:
    """Judge scans in order. Sending them again is harmless."""
    if body.bench_id is not None and session.get(Bench, body.bench_id) is None:
        raise NotFoundError("There is no such bench.", bench_id=str(body.bench_id))
    scans = [ScanIn(**scan.model_dump()) for scan in body.scans]
    results = judge_scans(session, _fallback_shop(access), scans, bench_id=body.bench_id)
    return ScansOut(results=[ScanOut.model_validate(result) for result in results])


def _fallback_shop(access: Access) -> UUID:
    """Return the shop in whose log a scan stands that belongs to no parcel."""
    return access.chosen_shop_id or min(access.shop_ids)
