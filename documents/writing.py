"""Files of copies, written as they are drawn: what is laid out may still be refused, what is written stays."""

from dataclasses import dataclass
from typing import BinaryIO

from documents.composing import Page, Program, get_program
from documents.errors import DocumentError
from documents.file_options import PLAIN, FileOptions, Separator
from documents.imposing import Layout, check_labels, make_layout
from documents.pdf_file import PdfFile
from documents.specs import CopySpec
from documents.values import Before


@dataclass(frozen=True)
class WrittenDocument:
    """What went into a sink. `pages_per_copy` is in the order of the copies written; `pages` are those of the file:
    blank backs and separators count, labels on one sheet are one.
    """

    pages_per_copy: tuple[int, ...]
    sha256: str
    pages: int


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A copy that can be drawn, for one file."""

    pages: list[Page]
    reference: str
    group: str
    language: str


class CopyWriter:
    """One file. Lay out what belongs together, for several files if need be; write it when nothing is refused."""

    def __init__(self, sink: BinaryIO, options: FileOptions = PLAIN) -> None:
        self._sink, self._options = sink, options
        self._befores: dict[Program, Before] = {}
        self._file: PdfFile | None = None
        self._layout: Layout | None = None
        self._group = ""
        self._counts: list[int] = []

    def lay_out(self, copy: CopySpec) -> LaidOut:
        """Return the pages of a copy, not yet written. Raises DocumentError."""
        program = get_program(copy.template)
        before = self._befores.get(program)
        if before is None:
            before = self._befores[program] = program.begin()
        pages = program.lay_out(copy, before)
        if self._options.sheet is not None:
            try:
                check_labels(pages, self._options.sheet)
            except DocumentError as error:
                raise error.of_copy(copy.reference) from None
        return LaidOut(pages, copy.reference, copy.group, copy.template.language)

    def write(self, laid_out: LaidOut) -> None:
        """Write what this writer has laid out, behind what it has written before."""
        layout = self._layout or self._begin(laid_out.language)
        if laid_out.group != self._group:
            self._group = laid_out.group
            if self._options.separator is not Separator.NONE:
                layout.separate(laid_out.group, (laid_out.pages[0].width, laid_out.pages[0].height))
        layout.add(laid_out.pages, laid_out.reference, laid_out.group)
        self._counts.append(len(laid_out.pages))

    def finish(self) -> WrittenDocument | None:
        """Write the rest of the file; None when nothing was written: the sink is empty then."""
        if self._file is None or self._layout is None:
            return None
        self._layout.finish()
        return WrittenDocument(tuple(self._counts), self._file.finish(), self._file.page_count)

    def _begin(self, language: str) -> Layout:
        self._file = PdfFile(self._sink, language, self._options)
        self._layout = make_layout(self._file, self._options, language)
        return self._layout
