"""Files that a person fetches and prints by hand."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.service import record
from fulfillment.packing.models import PrintFileKind
from fulfillment.printers.errors import RunNotFoundError, RunStateError
from fulfillment.printers.files import making_file
from fulfillment.printers.models import Printer, PrinterKind, PrintRun
from fulfillment.printers.queries import get_run
from fulfillment.printers.running import claim_download


@dataclass(frozen=True)
class HandedFile:
    data: bytes
    media_type: str
    name: str


def get_run_of(session: Session, shop_ids: Collection[UUID], run_id: UUID) -> PrintRun:
    """Return an entry of the log of one of these shops; raises RunNotFoundError."""
    run = get_run(session, run_id)
    if run.shop_id not in shop_ids:
        raise RunNotFoundError(run_id)
    return run


def hand_out(session: Session, run: PrintRun) -> HandedFile:
    """Return the file of a run for a printer without an address. Raises RunStateError for one that is sent by us."""
    if run.means is not PrinterKind.DOWNLOAD or run.printer_id is None:
        raise RunStateError(run.state.value)
    printer = session.get_one(Printer, run.printer_id)
    with making_file(session, run, printer) as file:
        data, copies, pages = file.stream.read(), file.copies, file.pages
    claim_download(session, run.id, copies, pages)
    record(session, "fulfillment:print_file:read", shop_id=run.shop_id, subject_id=run.id)
    is_zpl = printer.kind is PrinterKind.ZPL and run.kind is not PrintFileKind.COVER
    media_type, ending = ("application/vnd.zebra-zpl", "zpl") if is_zpl else ("application/pdf", "pdf")
    return HandedFile(data, media_type, f"{run.kind.value}-{run.id.hex[-6:]}.{ending}")
