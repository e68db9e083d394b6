"""Putting a file on paper: asked for, logged, repeated, answered for. Sending it is a job, see `sending`."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.jobs.service import enqueue
from fulfillment.errors import PrintJobNotFoundError
from fulfillment.packing.models import PrintFile, PrintFileKind, PrintJob
from fulfillment.printers.choices import Choices, read_choices
from fulfillment.printers.errors import NothingToPrintError, RunStateError
from fulfillment.printers.models import Printer, PrinterKind, PrintRun, RunState
from fulfillment.printers.queries import get_run
from fulfillment.printing.output import choose_valid

SEND_JOB = "fulfillment.send_runs"
_ENDED_BADLY = (RunState.FAILED, RunState.CANCELLED)


def ask_runs(
    session: Session,
    shop_id: UUID,
    printings: Sequence[PrintJob],
    kind: PrintFileKind,
    printer: Printer,
    given: Choices,
) -> list[PrintRun]:
    """Ask for a file of each of these printings to be put on paper, in this order; the printer remembers the choices.

    A printer without an address makes files to download: they are logged when they are fetched.
    """
    printer.choices = {**printer.choices, kind.value: given.to_plain()}
    runs = [
        PrintRun(
            shop_id=shop_id,
            print_job_id=printing.id,
            kind=kind,
            printer_id=printer.id,
            printer_name=printer.name,
            means=printer.kind if printer.address else PrinterKind.DOWNLOAD,
            choices=given.to_plain(),
            created_by=get_context().actor.id,
        )
        for printing in printings
        if has_papers(session, shop_id, printing.id, kind)
    ]
    if not runs:
        raise NothingToPrintError
    session.add_all(runs)
    session.flush()  # Their ids are their order.
    if printer.address:
        enqueue_sending(session, shop_id, printer.id)
    for run in runs:
        _record(session, "fulfillment:print_run:ask", run)
    return runs


def has_papers(session: Session, shop_id: UUID, print_job_id: UUID, kind: PrintFileKind) -> bool:
    """Whether a printing has something of this kind that is still good."""
    if kind is PrintFileKind.COVER:
        statement = select(PrintFile.id).where(PrintFile.shop_id == shop_id, PrintFile.print_job_id == print_job_id)
        return session.scalar(statement.where(PrintFile.kind == kind)) is not None
    return session.execute(choose_valid(shop_id, print_job_id, kind).limit(1)).first() is not None


def enqueue_sending(session: Session, shop_id: UUID, printer_id: UUID) -> None:
    enqueue(session, SEND_JOB, shop_id=shop_id, args={"printer_id": str(printer_id)}, once_key=str(printer_id))


def log_download(session: Session, found: PrintFile) -> None:
    """Enter into the print log that somebody fetched a file as it was made."""
    session.add(
        PrintRun(
            shop_id=found.shop_id,
            print_job_id=found.print_job_id,
            kind=found.kind,
            means=PrinterKind.DOWNLOAD,
            state=RunState.DONE,
            pages=found.pages,
            created_by=get_context().actor.id,
            finished_at=clock.now(),
        )
    )


def claim_download(session: Session, run_id: UUID, copies: int, pages: int) -> None:
    """Note that the file of a run for a printer without an address was fetched."""
    now = clock.now()
    session.execute(
        update(PrintRun)
        .where(PrintRun.id == run_id, PrintRun.means == PrinterKind.DOWNLOAD)
        .values(state=RunState.DONE, copies=copies, pages=pages, sent_at=now, finished_at=now)
    )


def answer_doubt(session: Session, shop_id: UUID, run_id: UUID, *, came_out: bool) -> PrintRun:
    """Take a person's word for whether it came out. Exactly one of two racing answers counts."""
    run = _move(
        session,
        shop_id,
        run_id,
        (RunState.DOUBT,),
        state=RunState.DONE if came_out else RunState.FAILED,
        problem=None if came_out else "did_not_come_out",
        answered_by=get_context().actor.id,
        finished_at=clock.now(),
    )
    _record(session, "fulfillment:print_run:answer", run, came_out=came_out)
    return run


def cancel_run(session: Session, shop_id: UUID, run_id: UUID) -> PrintRun:
    """Take back a run that is still waiting here."""
    run = _move(session, shop_id, run_id, (RunState.QUEUED,), state=RunState.CANCELLED, finished_at=clock.now())
    _record(session, "fulfillment:print_run:cancel", run)
    return run


def repeat_run(session: Session, shop_id: UUID, run_id: UUID) -> PrintRun:
    """Put the same papers on the same printer again, after a run that did not succeed. Two presses make one run."""
    run = get_run(session, run_id)
    if run.shop_id != shop_id or run.printer_id is None:
        raise PrintJobNotFoundError(run_id)
    _move(session, shop_id, run_id, _ENDED_BADLY, state=RunState.REPEATED)
    printer = session.get_one(Printer, run.printer_id)
    printing = session.get_one(PrintJob, run.print_job_id)
    [again] = ask_runs(session, shop_id, [printing], run.kind, printer, read_choices(run.choices))
    return again


def _move(session: Session, shop_id: UUID, run_id: UUID, old: Sequence[RunState], **values: object) -> PrintRun:
    moved = session.execute(
        update(PrintRun)
        .where(PrintRun.id == run_id, PrintRun.shop_id == shop_id, PrintRun.state.in_(old))
        .values(**values)
        .returning(PrintRun.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    run = get_run(session, run_id)
    session.refresh(run)
    if moved is None:
        raise RunStateError(run.state.value)
    return run


def _record(session: Session, tag: str, run: PrintRun, **details: object) -> None:
    told = {"kind": run.kind.value, "print_job": str(run.print_job_id), **details}
    record(session, tag, shop_id=run.shop_id, subject_id=run.id, details=told)
