"""What the screens of printing show: files of a wave with what became of them at the printer, and the print log."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from core.auth.service import names_of
from fulfillment.packing.models import PrintFile, PrintFileKind, PrintJob, PrintKind
from fulfillment.printers.models import OPEN_RUNS, PrinterKind, PrintRun, RunState
from fulfillment.printers.queries import RunView, list_runs_of
from fulfillment.printing.queries import list_print_files
from warehouse_ui.print_words import plain_reason
from warehouse_ui.word import Word
from warehouse_ui.words import find_word

KINDS: Final = (PrintFileKind.COVER, PrintFileKind.PAPERS, PrintFileKind.LABELS)
_GOING: Final = (*OPEN_RUNS, RunState.DONE, RunState.DOUBT)


@dataclass(frozen=True)
class FileView:
    """A file of a printing and its newest run; none: nobody put it on paper or fetched it."""

    file: PrintFile
    run: PrintRun | None

    @property
    def is_wanted(self) -> bool:
        """Whether it still has to be put on paper."""
        return self.run is None or self.run.state not in _GOING


@dataclass(frozen=True)
class PartView:
    """A part of a wave, or what was printed again of it."""

    printing: PrintJob
    files: tuple[FileView, ...]

    @property
    def is_reprint(self) -> bool:
        return self.printing.kind is PrintKind.REPRINT

    def find(self, kind: str) -> FileView | None:
        """Return the file of a kind; pages name it by its value."""
        return next((each for each in self.files if each.file.kind == kind), None)


@dataclass(frozen=True)
class LogLine:
    """An entry of the print log. `told`: what is wrong or what the printer says, worst first."""

    view: RunView
    who: str | None
    told: tuple[Word, ...]

    @property
    def may_answer(self) -> bool:
        return self.view.run.state is RunState.DOUBT

    @property
    def may_repeat(self) -> bool:
        return self.view.run.state in (RunState.FAILED, RunState.CANCELLED) and self.view.run.printer_id is not None

    @property
    def may_cancel(self) -> bool:
        return self.view.run.state is RunState.QUEUED

    @property
    def may_fetch(self) -> bool:
        run = self.view.run
        return run.means is PrinterKind.DOWNLOAD and run.printer_id is not None and run.state in _GOING


def load_parts(session: Session, shop_id: UUID, printings: Sequence[PrintJob]) -> list[PartView]:
    """Return these printings with their files and the newest run of each."""
    ids = [printing.id for printing in printings]
    newest = {(run.print_job_id, run.kind): run for run in list_runs_of(session, shop_id, ids)}
    files: dict[UUID, list[FileView]] = {}
    for file in list_print_files(session, shop_id, ids):
        run = newest.get((file.print_job_id, file.kind))
        files.setdefault(file.print_job_id, []).append(FileView(file, run))
    order = {kind: place for place, kind in enumerate(KINDS)}
    return [
        PartView(each, tuple(sorted(files.get(each.id, []), key=lambda view: order[view.file.kind])))
        for each in printings
    ]


@dataclass(frozen=True)
class Making:
    """How far the files of a wave are: shipments of finished parts, and what was made of them so far."""

    done: int
    total: int
    copies: int
    pages: int


def measure_making(printings: Sequence[PrintJob]) -> Making:
    sizes = [(each.last_position or 0) - (each.first_position or 0) + 1 for each in printings]
    done = sum(size for size, each in zip(sizes, printings, strict=True) if each.printed_at is not None)
    return Making(done, sum(sizes), sum(each.copies for each in printings), sum(each.pages for each in printings))


def has_open(parts: Collection[PartView]) -> bool:
    """Whether something is on its way to a printer."""
    return any(view.run is not None and view.run.state in OPEN_RUNS for part in parts for view in part.files)


def tell_runs(session: Session, views: Sequence[RunView]) -> list[LogLine]:
    people = names_of(session, [view.run.created_by for view in views if view.run.created_by])
    return [LogLine(view, people.get(view.run.created_by or UUID(int=0)), tell_run(view.run)) for view in views]


def tell_run(run: PrintRun) -> tuple[Word, ...]:
    problem = (find_word("run_problem", run.problem),) if run.problem else ()
    reasons = dict.fromkeys(plain_reason(reason) for reason in run.reasons)
    return problem + tuple(find_word("printer_reason", reason) for reason in reasons)
