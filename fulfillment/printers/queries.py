"""Named reads of printers and of the print log."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.tenancy import WarehouseShop
from fulfillment.packing.models import Copy, CopyState, PrintFile, PrintFileKind, PrintJob, Wave
from fulfillment.printers.errors import PrinterNotFoundError, RunNotFoundError
from fulfillment.printers.models import Printer, PrintRun, RunState
from fulfillment.printing.output import LABEL

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class RunFilter:
    """What of the log is shown; None: everything."""

    printer_id: UUID | None = None
    state: RunState | None = None
    wave_id: UUID | None = None
    before: UUID | None = None
    limit: int = PAGE


@dataclass(frozen=True)
class RunView:
    """An entry of the log, and the wave and part it belongs to."""

    run: PrintRun
    printing: PrintJob
    wave_number: str | None


def list_printers(session: Session, shop_ids: Collection[UUID]) -> list[Printer]:
    """Return the printers of the warehouses that serve these shops, by name."""
    serving = select(WarehouseShop.warehouse_id).where(WarehouseShop.shop_id.in_(shop_ids))
    statement = select(Printer).where(Printer.warehouse_id.in_(serving), Printer.removed_at.is_(None))
    return list(session.scalars(statement.order_by(Printer.name)))


def list_warehouse_printers(session: Session, warehouse_id: UUID, kind: PrintFileKind | None = None) -> list[Printer]:
    """Return the printers of a warehouse that take files of this kind."""
    statement = select(Printer).where(Printer.warehouse_id == warehouse_id, Printer.removed_at.is_(None))
    printers = session.scalars(statement.order_by(Printer.name))
    return [printer for printer in printers if kind is None or kind.value in printer.takes]


def find_printer(session: Session, shop_ids: Collection[UUID], printer_id: UUID) -> Printer:
    """Return a printer of a warehouse that serves one of these shops; raises PrinterNotFoundError."""
    serving = select(WarehouseShop.warehouse_id).where(WarehouseShop.shop_id.in_(shop_ids))
    statement = select(Printer).where(Printer.id == printer_id, Printer.removed_at.is_(None))
    printer = session.scalars(statement.where(Printer.warehouse_id.in_(serving))).one_or_none()
    if printer is None:
        raise PrinterNotFoundError(printer_id)
    return printer


def get_run(session: Session, run_id: UUID) -> PrintRun:
    run = session.get(PrintRun, run_id)
    if run is None:
        raise RunNotFoundError(run_id)
    return run


def list_runs(session: Session, shop_ids: Collection[UUID], wanted: RunFilter) -> list[RunView]:
    """Return the print log, newest first, paged by key."""
    statement = (
        select(PrintRun, PrintJob, Wave)
        .join(PrintJob, PrintJob.id == PrintRun.print_job_id)
        .outerjoin(Wave, Wave.id == PrintJob.wave_id)
        .where(PrintRun.shop_id.in_(shop_ids))
        .order_by(PrintRun.id.desc())
        .limit(wanted.limit)
    )
    for column, value in (
        (PrintRun.printer_id, wanted.printer_id),
        (PrintRun.state, wanted.state),
        (PrintJob.wave_id, wanted.wave_id),
    ):
        statement = statement.where(column == value) if value is not None else statement
    if wanted.before is not None:
        statement = statement.where(PrintRun.id < wanted.before)
    return [RunView(run, printing, wave.number if wave else None) for run, printing, wave in session.execute(statement)]


def list_runs_of(session: Session, shop_id: UUID, print_job_ids: Collection[UUID]) -> list[PrintRun]:
    """Return the runs of these printings, oldest first."""
    statement = select(PrintRun).where(PrintRun.shop_id == shop_id, PrintRun.print_job_id.in_(print_job_ids))
    return list(session.scalars(statement.order_by(PrintRun.id)))


def list_runs_of_copies(session: Session, shop_id: UUID, copies: Collection[Copy]) -> dict[UUID, list[PrintRun]]:
    """Return how each copy was put on paper, newest first; a copy that nobody put on a printer or fetched has no entry.

    A run holds the copies of its file that were good when it was asked for: what came after a copy became void is not
    counted for it. Labels are in a file of their own where the printing has one.
    """
    printings = {copy.print_job_id for copy in copies if copy.print_job_id is not None}
    runs = list_runs_of(session, shop_id, printings)
    files = select(PrintFile.print_job_id, PrintFile.kind).where(
        PrintFile.shop_id == shop_id, PrintFile.print_job_id.in_(printings)
    )
    kinds = {(print_job_id, kind) for print_job_id, kind in session.execute(files)}
    found: dict[UUID, list[PrintRun]] = {}
    for copy in copies:
        apart = copy.kind == LABEL and (copy.print_job_id, PrintFileKind.LABELS) in kinds
        kind = PrintFileKind.LABELS if apart else PrintFileKind.PAPERS
        own = [run for run in reversed(runs) if run.print_job_id == copy.print_job_id and run.kind is kind]
        held = [run for run in own if copy.voided_at is None or run.created_at < copy.voided_at]
        if held:
            found[copy.id] = held
    return found


def find_newest_run(session: Session, shop_id: UUID, print_job_id: UUID, kind: PrintFileKind) -> PrintRun | None:
    """Return how a file was put on paper last; opening its PDF as it was made counts."""
    statement = select(PrintRun).where(PrintRun.shop_id == shop_id, PrintRun.print_job_id == print_job_id)
    return session.scalars(statement.where(PrintRun.kind == kind).order_by(PrintRun.id.desc()).limit(1)).first()


def find_paper_states(
    session: Session, shop_id: UUID, shipment_ids: Collection[UUID]
) -> dict[UUID, dict[PrintFileKind, RunState]]:
    """Return, by shipment and kind of file, how far its valid papers are at the printer: the newest run of each.

    A shipment whose papers nobody put on a printer has no entry.
    """
    held = (
        select(Copy.shipment_id, Copy.print_job_id, (Copy.kind == LABEL).label("is_label"))
        .where(Copy.shop_id == shop_id, Copy.shipment_id.in_(shipment_ids), Copy.state == CopyState.VALID)
        .distinct()
        .subquery()
    )
    is_label_run = PrintRun.kind == PrintFileKind.LABELS
    rows = session.execute(
        select(held.c.shipment_id, PrintRun.kind, PrintRun.state)
        .join(PrintRun, PrintRun.print_job_id == held.c.print_job_id)
        .where(PrintRun.shop_id == shop_id, PrintRun.kind != PrintFileKind.COVER, is_label_run == held.c.is_label)
        .order_by(PrintRun.id)
    )
    states: dict[UUID, dict[PrintFileKind, RunState]] = {}
    for shipment_id, kind, state in rows:
        states.setdefault(shipment_id, {})[kind] = state
    return states
