"""The file of a run: the papers as this printer wants them, on disk while they are sent and nowhere after."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.storage.streaming import read_pieces
from documents.render import write_copies
from documents.zpl import LabelPrinter, write_labels
from fulfillment.packing.models import PrintFile, PrintFileKind, PrintJob, Wave
from fulfillment.printers.choices import make_options, read_calibration, read_choices
from fulfillment.printers.errors import NothingToPrintError
from fulfillment.printers.models import Printer, PrinterKind, PrintRun
from fulfillment.printing.output import list_valid, open_copies

# A file without a name: it is gone when it is closed, or with the process.
CHUNK = 1 << 16


@dataclass(frozen=True)
class RunFile:
    """`stream` stands at its beginning."""

    stream: IO[bytes]
    copies: int
    pages: int
    size: int

    def pieces(self) -> Iterator[bytes]:
        while piece := self.stream.read(CHUNK):
            yield piece


@contextmanager
def making_file(session: Session, run: PrintRun, printer: Printer | None) -> Iterator[RunFile]:
    """Draw a run's file. Raises NothingToPrintError when none of its papers is good any more."""
    with TemporaryFile() as stream:
        copies, pages = _write(session, run, printer, cast(BinaryIO, stream))
        size = stream.tell()
        stream.seek(0)
        yield RunFile(stream, copies, pages, size)


def _write(session: Session, run: PrintRun, printer: Printer | None, stream: BinaryIO) -> tuple[int, int]:
    if run.kind is PrintFileKind.COVER:
        return _copy_cover(session, run, stream)
    chosen = list_valid(session, run.shop_id, run.print_job_id, run.kind)
    if not chosen:
        raise NothingToPrintError
    specs = open_copies(session, chosen)
    if printer is not None and printer.kind is PrinterKind.ZPL:
        written = write_labels(specs, stream, LabelPrinter(printer.dpi, read_calibration(printer)))
        return len(chosen), written
    choices = read_choices(run.choices)
    document = write_copies(specs, stream, make_options(choices, printer, name_run(session, run)))
    return len(chosen), document.pages


def _copy_cover(session: Session, run: PrintRun, stream: BinaryIO) -> tuple[int, int]:
    """The cover names no person; it goes out as it was made."""
    statement = select(PrintFile).where(PrintFile.shop_id == run.shop_id, PrintFile.print_job_id == run.print_job_id)
    found = session.scalars(statement.where(PrintFile.kind == PrintFileKind.COVER)).one_or_none()
    if found is None:
        raise NothingToPrintError
    for piece in read_pieces(session, found.file_id):
        stream.write(piece)
    return 1, found.pages


def name_run(session: Session, run: PrintRun) -> str:
    """Return what a run is called at the printer: short, nobody's name, and never twice."""
    printing = session.get_one(PrintJob, run.print_job_id)
    wave = session.get(Wave, printing.wave_id) if printing.wave_id else None
    beginning = f"{wave.number}-{printing.part or 0}" if wave else "reprint"
    return f"{beginning} {run.kind.value} {run.id.hex[-8:]}"
