"""Printers and the print log over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from core.auth.authority import authority_of
from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment.printers.calibration import Measured
from fulfillment.printers.choices import Choices
from fulfillment.printers.handing import get_run_of, hand_out
from fulfillment.printers.models import PrintRun, RunState
from fulfillment.printers.queries import RunFilter, find_printer, list_printers, list_runs
from fulfillment.printers.running import answer_doubt, ask_runs, cancel_run, repeat_run
from fulfillment.printers.schemas import AnswerIn, MeasuredBody, PrinterBody, PrinterOut, RunIn, RunOut
from fulfillment.printers.service import PrinterIn, calibrate, check_keeper, remove_printer, save_printer
from fulfillment.printing.queries import get_print_job

router = APIRouter(prefix="/api", tags=["printers"])
FloorAccess = Annotated[Access, require(Role.OPERATOR, Role.PACKER)]
AnyAccess = Annotated[Access, require(Role.OPERATOR, Role.PACKER, Role.ADMINISTRATOR)]
AdministratorAccess = Annotated[Access, require(Role.ADMINISTRATOR)]


@router.get("/printers")
def get_printers(session: SessionDep, access: AnyAccess) -> list[PrinterOut]:
    return [PrinterOut.model_validate(printer) for printer in list_printers(session, access.shop_ids)]


@router.post("/printers", status_code=201)
def post_printer(body: PrinterBody, session: SessionDep, access: AdministratorAccess) -> PrinterOut:
    check_keeper(authority_of(access.principal), body.warehouse_id)
    return PrinterOut.model_validate(save_printer(session, access.shop_id, body.warehouse_id, _read(body)))


@router.put("/printers/{printer_id}")
def put_printer(printer_id: UUID, body: PrinterBody, session: SessionDep, access: AdministratorAccess) -> PrinterOut:
    found = find_printer(session, access.shop_ids, printer_id)
    check_keeper(authority_of(access.principal), found.warehouse_id)
    saved = save_printer(session, access.shop_id, found.warehouse_id, _read(body), printer_id)
    return PrinterOut.model_validate(saved)


@router.delete("/printers/{printer_id}", status_code=204)
def delete_printer(printer_id: UUID, session: SessionDep, access: AdministratorAccess) -> Response:
    found = find_printer(session, access.shop_ids, printer_id)
    check_keeper(authority_of(access.principal), found.warehouse_id)
    remove_printer(session, access.shop_id, found.warehouse_id, printer_id)
    return Response(status_code=204)


@router.post("/printers/{printer_id}/calibrate")
def post_calibration(
    printer_id: UUID, body: MeasuredBody, session: SessionDep, access: AdministratorAccess
) -> PrinterOut:
    """Correct a printer by what was measured on its calibration page."""
    found = find_printer(session, access.shop_ids, printer_id)
    check_keeper(authority_of(access.principal), found.warehouse_id)
    measured = Measured(**body.model_dump())
    return PrinterOut.model_validate(calibrate(session, access.shop_id, found.warehouse_id, printer_id, measured))


@router.post("/print-jobs/{print_job_id}/runs", status_code=202)
def post_run(print_job_id: UUID, body: RunIn, session: SessionDep, access: FloorAccess) -> RunOut:
    """Put a file of a printing on a printer."""
    printing = get_print_job(session, print_job_id)
    printer = find_printer(session, [printing.shop_id], body.printer_id)
    choices = Choices(duplex=body.duplex, separator=body.separator, sheet=body.sheet, start=body.start)
    [run] = ask_runs(session, access.check_shop(printing.shop_id), [printing], body.kind, printer, choices)
    return RunOut.model_validate(run)


@router.get("/print-runs")
def get_runs(
    session: SessionDep,
    access: FloorAccess,
    printer_id: UUID | None = None,
    state: RunState | None = None,
    wave_id: UUID | None = None,
    before: UUID | None = None,
) -> list[RunOut]:
    """The print log, newest first."""
    wanted = RunFilter(printer_id=printer_id, state=state, wave_id=wave_id, before=before)
    return [RunOut.model_validate(view.run) for view in list_runs(session, access.shop_ids, wanted)]


@router.get("/print-runs/{print_run_id}")
def get_one_run(print_run_id: UUID, session: SessionDep, access: FloorAccess) -> RunOut:
    return RunOut.model_validate(get_run_of(session, access.shop_ids, print_run_id))


@router.post("/print-runs/{print_run_id}/file")
def post_run_file(print_run_id: UUID, session: SessionDep, access: FloorAccess) -> Response:
    """Fetch the file of a run for a printer without an address; that it was fetched is on record."""
    handed = hand_out(session, get_run_of(session, access.shop_ids, print_run_id))
    return Response(handed.data, media_type=handed.media_type, headers={"Cache-Control": "no-store"})


@router.post("/print-runs/{print_run_id}/answer")
def post_answer(print_run_id: UUID, body: AnswerIn, session: SessionDep, access: FloorAccess) -> RunOut:
    """Say whether a run in doubt came out."""
    run = get_run_of(session, access.shop_ids, print_run_id)
    return RunOut.model_validate(answer_doubt(session, run.shop_id, run.id, came_out=body.came_out))


@router.post("/print-runs/{print_run_id}/repeat", status_code=202)
def post_repeat(print_run_id: UUID, session: SessionDep, access: FloorAccess) -> RunOut:
    """Put the papers of a run that failed on its printer again."""
    run = get_run_of(session, access.shop_ids, print_run_id)
    return RunOut.model_validate(repeat_run(session, run.shop_id, run.id))


@router.post("/print-runs/{print_run_id}/cancel")
def post_cancel(print_run_id: UUID, session: SessionDep, access: FloorAccess) -> RunOut:
    """Take back a run that was not sent yet."""
    run: PrintRun = get_run_of(session, access.shop_ids, print_run_id)
    return RunOut.model_validate(cancel_run(session, run.shop_id, run.id))


def _read(body: PrinterBody) -> PrinterIn:
    return PrinterIn(**{**body.model_dump(exclude={"warehouse_id"}), "takes": tuple(body.takes)})
