"""Sends runs to their printer: one printer, one sender, in the order they were asked for; nothing goes out twice.

What a worker was about to do is written down, and committed, before it does it. One that takes over from a worker that
died reads there how far it was: before the pages went out it begins again, after that only the printer knows.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from core import clock
from core.db import session_scope
from core.errors import AppError
from fulfillment.errors import OvertakenError
from fulfillment.printers.addresses import Target, find_machine, read_address
from fulfillment.printers.choices import SIDES, read_choices
from fulfillment.printers.client import IppPrinter, Ticket
from fulfillment.printers.errors import PrinterAwayError, PrinterFailedError, PrinterSilentError
from fulfillment.printers.files import RunFile, making_file, name_run
from fulfillment.printers.media import MEDIA, SHEETS
from fulfillment.printers.models import Printer, PrinterKind, PrintRun, RunState
from fulfillment.printers.raw import ask_status, send_zpl

log = structlog.get_logger(__name__)
# Reasons for which nothing is sent: a person has to go there first (RFC 8011, 5.4.12).
_STOPPERS: Final = ("media-empty", "media-jam", "cover-open", "door-open", "paused", "ribbon-out", "shutdown")


@dataclass(frozen=True)
class _Errand:
    """A run on its way, and where to."""

    run: PrintRun
    printer: Printer
    target: Target
    name: str

    @property
    def ticket(self) -> Ticket:
        choices, medium = read_choices(self.run.choices), MEDIA[self.printer.media]
        size = (medium.width, medium.height)
        if choices.sheet:
            sheet = SHEETS[choices.sheet].sheet
            size = (min(sheet.width, sheet.height), max(sheet.width, sheet.height))
        key = medium.key if not choices.sheet else "iso_a4_210x297mm"
        return Ticket(self.name, SIDES[choices.duplex], key, self.printer.tray, size)


def send_runs(session: Session, shop_id: UUID, printer_id: UUID) -> None:
    """Send what waits for a printer. While somebody else sends to it, this is tried again later."""
    # Not the printer's row: who asks for more meanwhile changes what it remembers.
    turn = printer_id.int % (1 << 63)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(turn))):
        raise OvertakenError("Somebody else sends to this printer.", printer_id=str(printer_id))
    printer = session.get_one(Printer, printer_id)
    waiting = (
        select(PrintRun.id)
        .where(PrintRun.shop_id == shop_id, PrintRun.printer_id == printer_id)
        .where(PrintRun.state.in_([RunState.QUEUED, RunState.SENDING]))
        .order_by(PrintRun.id)
    )
    for run_id in session.scalars(waiting).all():
        _send(session, run_id, printer)


def _send(session: Session, run_id: UUID, printer: Printer) -> None:
    run = session.get_one(PrintRun, run_id, populate_existing=True)
    if run.state is RunState.QUEUED and not note(run, RunState.QUEUED, state=RunState.SENDING):
        return  # Taken back meanwhile.
    try:
        target = find_machine(read_address(printer.kind, printer.address or ""))
        errand = _Errand(run, printer, target, name_run(session, run))
        if run.was_sent:
            _take_over(errand)
        else:
            with making_file(session, run, printer) as file:
                note(run, copies=file.copies, pages=file.pages)
                (_send_zpl if printer.kind is PrinterKind.ZPL else _send_ipp)(errand, file)
    except PrinterSilentError as error:
        note(run, state=RunState.DOUBT, problem=error.problem)
    except PrinterFailedError as error:
        note(run, state=RunState.FAILED, problem=error.problem, finished_at=clock.now())
    except AppError as error:
        note(run, state=RunState.FAILED, problem=error.code, finished_at=clock.now())
    log.info("printers.run", run_id=str(run_id), printer_id=str(printer.id), state=run.state.value)


def _send_ipp(errand: _Errand, file: RunFile) -> None:
    run, printer = errand.run, IppPrinter(errand.target)
    about = printer.describe()
    _refuse_stopped(about.reasons)
    if not about.keeps_jobs:
        note(run, was_sent=True)
        job = printer.print_job(errand.ticket, file.pieces(), file.size)
        note(run, remote_job=job)
    else:
        if run.remote_job is not None:
            printer.cancel_job(run.remote_job)  # A worker died after making it and before any page went out.
        note(run, remote_job=printer.create_job(errand.ticket))
        note(run, was_sent=True)
        printer.send_document(run.remote_job or 0, errand.ticket, file.pieces(), file.size)
    note(run, state=RunState.PRINTING, sent_at=clock.now(), problem=None)


def _send_zpl(errand: _Errand, file: RunFile) -> None:
    """A printer that tells its state is watched until it has drawn everything; of another, sent is all one knows."""
    run = errand.run
    status = ask_status(errand.target)
    _refuse_stopped(status.reasons if status else ())
    note(run, was_sent=True)
    send_zpl(errand.target, file.pieces())
    now = clock.now()
    if status is None:
        note(run, state=RunState.DONE, sent_at=now, finished_at=now, reasons=["sent-only"])
    else:
        note(run, state=RunState.PRINTING, sent_at=now)


def _refuse_stopped(reasons: tuple[str, ...]) -> None:
    """Refuse while the printer waits for a person: nothing has been sent, so that trying again is safe."""
    stopper = next((word for word in _STOPPERS if any(reason.startswith(word) for reason in reasons)), None)
    if stopper is not None:
        raise PrinterFailedError(stopper)


def _take_over(errand: _Errand) -> None:
    """Find out what came of pages that a worker which died had sent. They are never sent again here."""
    run = errand.run
    if errand.printer.kind is PrinterKind.ZPL:
        raise PrinterSilentError
    printer = IppPrinter(errand.target)
    try:
        report = printer.get_job(run.remote_job) if run.remote_job is not None else printer.find_job(errand.name)
    except PrinterAwayError:
        raise PrinterSilentError from None
    if report is None:
        raise PrinterSilentError
    note(run, state=RunState.PRINTING, remote_job=report.id, sent_at=clock.now())


def note(run: PrintRun, expected: RunState | None = None, **values: Any) -> bool:
    """Write down how far a run is, at once: in a transaction of its own. False when it is no longer as expected."""
    with session_scope([run.shop_id]) as session:
        statement = update(PrintRun).where(PrintRun.id == run.id)
        if expected is not None:
            statement = statement.where(PrintRun.state == expected)
        noted = session.execute(statement.values(**values).returning(PrintRun.id)).scalar_one_or_none()
    if noted is not None:
        for name, value in values.items():
            set_committed_value(run, name, value)
    return noted is not None
