"""Trying a printer: how it does, and its calibration page. No shipment's papers are concerned."""

from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.service import record
from documents.zpl import LabelPrinter
from fulfillment.printers.addresses import find_machine, read_address
from fulfillment.printers.calibration import draw_page, write_label
from fulfillment.printers.choices import read_calibration
from fulfillment.printers.client import PDF, IppPrinter, Ticket
from fulfillment.printers.media import MEDIA
from fulfillment.printers.models import Printer, PrinterKind
from fulfillment.printers.raw import ask_status, send_zpl


@dataclass(frozen=True)
class Tried:
    """`model` is empty for printers that do not tell; `takes_pdf` is None where the question does not arise."""

    model: str
    reasons: tuple[str, ...]
    takes_pdf: bool | None = None
    keeps_jobs: bool | None = None
    answers: bool = True


def try_printer(session: Session, shop_id: UUID, printer: Printer) -> Tried:
    """Ask a printer how it does. Raises PrinterAddressError, PrinterAwayError or PrinterFailedError."""
    record(session, "fulfillment:printer:test", shop_id=shop_id, subject_id=printer.id)
    target = find_machine(read_address(printer.kind, printer.address or ""))
    if printer.kind is PrinterKind.ZPL:
        status = ask_status(target)
        return Tried("", status.reasons if status else (), answers=status is not None)
    about = IppPrinter(target).describe()
    return Tried(about.model or about.name, about.reasons, PDF in about.formats, about.keeps_jobs)


def send_calibration(session: Session, shop_id: UUID, printer: Printer, language: str) -> None:
    """Print the calibration page. Raises like `try_printer`."""
    record(session, "fulfillment:printer:test", shop_id=shop_id, subject_id=printer.id)
    target = find_machine(read_address(printer.kind, printer.address or ""))
    calibration = read_calibration(printer)
    if printer.kind is PrinterKind.ZPL:
        sink = BytesIO()
        write_label(printer.media, LabelPrinter(printer.dpi, calibration), sink, language)
        send_zpl(target, [sink.getvalue()])
        return
    data = draw_page(printer.media, calibration, language)
    medium = MEDIA[printer.media]
    ticket = Ticket("Soegaki calibration", media=medium.key, tray=printer.tray, size=(medium.width, medium.height))
    IppPrinter(target).print_job(ticket, [data], len(data))
