"""Waves and their papers over HTTP."""

from collections import defaultdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from core.audit.service import record
from core.auth.roles import Access, Role
from core.storage.service import read_file
from core.web import SessionDep, require
from fulfillment.packing.models import PrintJob
from fulfillment.printers.running import log_download
from fulfillment.printers.schemas import RangeReprintIn, RestReprintIn
from fulfillment.printing.queries import (
    get_print_file,
    get_print_job,
    list_picks,
    list_print_files,
    list_print_jobs,
    list_waves,
)
from fulfillment.printing.ranges import LastGood, Places, find_after, find_range, reprint_missing
from fulfillment.printing.reprinting import reprint
from fulfillment.printing.waves import WaveChoice, create_wave, find_wave_shop, get_wave, print_wave
from fulfillment.schemas import PickOut, PrintFileOut, PrintJobOut, ReprintIn, WaveIn, WaveOut

router = APIRouter(prefix="/api", tags=["printing"])
OperatorAccess = Annotated[Access, require(Role.OPERATOR)]
FloorAccess = Annotated[Access, require(Role.OPERATOR, Role.PACKER)]


@router.post("/waves", status_code=201)
def post_wave(body: WaveIn, session: SessionDep, access: OperatorAccess) -> WaveOut:
    return WaveOut.model_validate(create_wave(session, access.shop_id, WaveChoice(**body.model_dump())))


@router.get("/waves")
def get_waves(session: SessionDep, access: FloorAccess, before: UUID | None = None) -> list[WaveOut]:
    return [WaveOut.model_validate(wave) for wave in list_waves(session, access.shop_ids, before=before)]


@router.get("/waves/{wave_id}")
def get_one_wave(wave_id: UUID, session: SessionDep, _access: FloorAccess) -> WaveOut:
    return WaveOut.model_validate(get_wave(session, find_wave_shop(session, wave_id), wave_id))


@router.post("/waves/{wave_id}/print", status_code=202)
def post_print(wave_id: UUID, session: SessionDep, access: OperatorAccess) -> list[PrintJobOut]:
    return _show(session, access.shop_id, print_wave(session, access.shop_id, wave_id))


@router.get("/waves/{wave_id}/prints")
def get_prints(wave_id: UUID, session: SessionDep, _access: FloorAccess) -> list[PrintJobOut]:
    shop_id = find_wave_shop(session, wave_id)
    return _show(session, shop_id, list_print_jobs(session, shop_id, wave_id))


@router.get("/waves/{wave_id}/picks")
def get_picks(wave_id: UUID, session: SessionDep, _access: FloorAccess) -> list[PickOut]:
    """What to fetch from the shelves for a wave, added up."""
    return [PickOut.model_validate(pick) for pick in list_picks(session, find_wave_shop(session, wave_id), wave_id)]


@router.get("/print-files/{print_file_id}")
def get_pdf(print_file_id: UUID, session: SessionDep, _access: FloorAccess) -> Response:
    """The PDF itself. Reading it is on record: it shows names and addresses."""
    found = get_print_file(session, print_file_id)
    data = read_file(session, found.file_id)
    record(session, "api:print_file:read", shop_id=found.shop_id, subject_id=found.id)
    log_download(session, found)
    return Response(data, media_type="application/pdf", headers={"Cache-Control": "no-store"})


@router.post("/shipments/{shipment_id}/reprint", status_code=201)
def post_reprint(shipment_id: UUID, body: ReprintIn, session: SessionDep, access: OperatorAccess) -> PrintJobOut:
    """Print a parcel's papers again; the earlier ones are void from then on."""
    printing = reprint(session, access.shop_id, shipment_id, reason=body.reason, kinds=body.kinds)
    return _show(session, access.shop_id, [printing])[0]


@router.post("/waves/{wave_id}/reprint", status_code=201)
def post_range_reprint(wave_id: UUID, body: RangeReprintIn, session: SessionDep, access: FloorAccess) -> PrintJobOut:
    """Print the papers between two places of a wave again; exactly those are void from then on."""
    shop_id = access.check_shop(find_wave_shop(session, wave_id))
    missing = find_range(session, shop_id, wave_id, Places(body.first, body.last), body.kinds)
    return _show(session, shop_id, [reprint_missing(session, shop_id, wave_id, missing, reason=body.reason)])[0]


@router.post("/print-jobs/{print_job_id}/reprint", status_code=201)
def post_rest_reprint(print_job_id: UUID, body: RestReprintIn, session: SessionDep, access: FloorAccess) -> PrintJobOut:
    """Print again what followed the last good paper of a file."""
    printing = get_print_job(session, print_job_id)
    shop_id = access.check_shop(printing.shop_id)
    last_good = LastGood(code=body.code, place=body.place, page=body.page)
    missing = find_after(session, shop_id, print_job_id, body.kind, last_good)
    again = reprint_missing(session, shop_id, printing.wave_id, missing, reason=body.reason)
    return _show(session, shop_id, [again])[0]


def _show(session: SessionDep, shop_id: UUID, prints: list[PrintJob]) -> list[PrintJobOut]:
    session.flush()  # Files of a reprint were added just now.
    files: dict[UUID, list[PrintFileOut]] = defaultdict(list)
    for found in list_print_files(session, shop_id, [printing.id for printing in prints]):
        files[found.print_job_id].append(PrintFileOut.model_validate(found))
    return [
        PrintJobOut(
            id=printing.id,
            kind=printing.kind,
            part=printing.part,
            copies=printing.copies or 0,
            pages=printing.pages or 0,
            refused=printing.refused or 0,
            held=printing.held or [],
            first_position=printing.first_position,
            last_position=printing.last_position,
            reason=printing.reason,
            created_by=printing.created_by,
            printed_at=printing.printed_at,
            files=files[printing.id],
        )
        for printing in prints
    ]
