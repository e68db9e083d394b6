"""Follows what printers make of the files they were sent, until each is on paper, failed, or in doubt."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.db import session_scope, system_scope
from core.errors import AppError
from core.jobs.service import enqueue_many
from fulfillment.printers.addresses import Target, find_machine, read_address
from fulfillment.printers.client import IppPrinter, JobReport
from fulfillment.printers.errors import PrinterFailedError
from fulfillment.printers.models import Printer, PrinterKind, PrintRun, RunState
from fulfillment.printers.raw import ask_status
from fulfillment.printers.running import SEND_JOB
from fulfillment.printers.sending import note

WATCH_JOB: Final = "fulfillment.watch_runs"
# What nobody has heard the end of in so long is asked about.
_PATIENCE = timedelta(hours=6)
# A run that waits so long has lost its job.
_FORGOTTEN = timedelta(seconds=20)


def enqueue_watching() -> int:
    """Ask for a look at every printer that prints something, and for sending where something waits."""
    forgotten = clock.now() - _FORGOTTEN
    with system_scope() as session:
        rows = session.execute(
            select(PrintRun.shop_id, PrintRun.printer_id, PrintRun.state, PrintRun.created_at).where(
                PrintRun.state.in_([RunState.QUEUED, RunState.SENDING, RunState.PRINTING]),
                PrintRun.printer_id.is_not(None),
                PrintRun.means != PrinterKind.DOWNLOAD,
            )
        ).all()
    wanted = {
        (shop_id, WATCH_JOB if state is RunState.PRINTING else SEND_JOB, printer_id)
        for shop_id, printer_id, state, created_at in rows
        if printer_id is not None and (state is RunState.PRINTING or created_at < forgotten)
    }
    for shop_id in {each[0] for each in wanted}:
        with session_scope([shop_id]) as session:
            for name in (WATCH_JOB, SEND_JOB):
                printers = sorted(printer for owner, job, printer in wanted if (owner, job) == (shop_id, name))
                batch = [({"printer_id": str(printer_id)}, str(printer_id)) for printer_id in printers]
                enqueue_many(session, name, shop_id=shop_id, batch=batch)
    return 0


def watch_runs(session: Session, shop_id: UUID, printer_id: UUID) -> None:
    """Look after the runs that a printer has."""
    printer = session.get_one(Printer, printer_id)
    statement = select(PrintRun).where(PrintRun.shop_id == shop_id, PrintRun.printer_id == printer_id)
    runs = session.scalars(statement.where(PrintRun.state == RunState.PRINTING).order_by(PrintRun.id)).all()
    try:
        target = find_machine(read_address(printer.kind, printer.address or ""))
        (_watch_zpl if printer.kind is PrinterKind.ZPL else _watch_ipp)(target, runs)
    except PrinterFailedError as error:
        _wait(runs, [error.problem])
    except AppError as error:
        _wait(runs, [error.code])


def _wait(runs: Sequence[PrintRun], reasons: list[str]) -> None:
    """Show why nothing is heard; after long enough a person is asked."""
    for run in runs:
        if run.sent_at is not None and clock.now() - run.sent_at > _PATIENCE:
            note(run, RunState.PRINTING, state=RunState.DOUBT, problem="no_end", reasons=reasons)
        else:
            note(run, RunState.PRINTING, reasons=reasons)


def _watch_ipp(target: Target, runs: Sequence[PrintRun]) -> None:
    printer = IppPrinter(target)
    about = printer.describe() if runs else None
    for run in runs:
        report = printer.get_job(run.remote_job or 0)
        if report is None:
            note(run, RunState.PRINTING, state=RunState.DOUBT, problem="forgotten")
        else:
            _follow(run, report, about.reasons if about else ())


def _follow(run: PrintRun, report: JobReport, troubles: tuple[str, ...]) -> None:
    values = {"impressions": report.impressions, "reasons": [*report.reasons, *troubles]}
    if report.state == "completed":
        values["reasons"] = list(report.reasons)
        note(run, RunState.PRINTING, state=RunState.DONE, problem=None, finished_at=clock.now(), **values)
    elif report.state in ("canceled", "aborted"):
        # Some pages may lie in the tray: nobody but a person knows.
        came = RunState.DOUBT if report.impressions != 0 else RunState.FAILED
        note(run, RunState.PRINTING, state=came, problem=report.state, finished_at=clock.now(), **values)
    elif run.sent_at is not None and clock.now() - run.sent_at > _PATIENCE:
        note(run, RunState.PRINTING, state=RunState.DOUBT, problem="no_end", **values)
    else:
        note(run, RunState.PRINTING, **values)


def _watch_zpl(target: Target, runs: Sequence[PrintRun]) -> None:
    status = ask_status(target)
    if status is None:
        _wait(runs, ["silent"])
    elif status.waiting or status.reasons:
        _wait(runs, list(status.reasons))
    else:
        for run in runs:
            note(run, RunState.PRINTING, state=RunState.DONE, reasons=[], finished_at=clock.now())
