"""Lays pages onto paper: one by one, or as labels on sheets; with backs behind their fronts."""

from typing import NamedTuple, Protocol

from documents.composing import Page
from documents.errors import DocumentError, Refusal
from documents.file_options import Duplex, FileOptions, LabelSheet
from documents.pdf_file import PdfFile
from documents.separating import make_blank, make_separator
from documents.units import MM

_TOLERANCE = 0.05


class Layout(Protocol):
    """Where the pages of copies go."""

    def add(self, pages: list[Page], reference: str, group: str) -> None:
        """Put a copy behind what stands already."""

    def separate(self, group: str, size: tuple[float, float]) -> None:
        """Put a separator page before a group of copies whose first page has this size."""

    def finish(self) -> None:
        """Write what still waits."""


def make_layout(file: PdfFile, options: FileOptions, language: str) -> Layout:
    return OnSheets(file, options, options.sheet, language) if options.sheet else PageByPage(file, options, language)


class PageByPage:
    """Every page on a page of its own; with backs, each copy begins on a front."""

    def __init__(self, file: PdfFile, options: FileOptions, language: str) -> None:
        self._file, self._separator, self._language = file, options.separator, language
        self._has_backs = options.duplex is not Duplex.SIMPLEX
        self._last: Page | None = None

    def add(self, pages: list[Page], reference: str, group: str) -> None:
        if self._has_backs:
            self._turn()
        file, index = self._file, self._file.page_count
        numbers = [file.add_page(page) for page in pages]
        file.properties.note_copy(group, reference, index, numbers[0])
        self._last = pages[-1]

    def separate(self, group: str, size: tuple[float, float]) -> None:
        if self._has_backs:
            self._turn()
        page = make_separator(self._separator, group, self._language, size)
        file, index = self._file, self._file.page_count
        file.properties.note_group(group, index, file.add_page(page))
        self._last = page

    def finish(self) -> None:
        """Nothing waits: the last back may stay away."""

    def _turn(self) -> None:
        if self._last is not None and self._file.page_count % 2:
            self._file.add_page(make_blank((self._last.width, self._last.height)))


class _Leaf(NamedTuple):
    """What one label bears, and whose first one it is."""

    front: Page
    back: Page | None
    reference: str
    group: str
    is_first: bool


class OnSheets:
    """Every page on the next free label; with backs, two pages of a copy on the two sides of one."""

    def __init__(self, file: PdfFile, options: FileOptions, sheet: LabelSheet, language: str) -> None:
        self._file, self._sheet, self._language = file, sheet, language
        self._separator, self._duplex = options.separator, options.duplex
        self._width, self._height = sheet.width * MM, sheet.height * MM
        self._leaves: list[_Leaf] = []
        self._skipped = sheet.start - 1

    def add(self, pages: list[Page], reference: str, group: str) -> None:
        step = 1 if self._duplex is Duplex.SIMPLEX else 2
        for start in range(0, len(pages), step):
            back = pages[start + 1] if step == 2 and start + 1 < len(pages) else None
            self._leaves.append(_Leaf(pages[start], back, reference, group, start == 0))
            if self._skipped + len(self._leaves) == self._sheet.count:
                self._write_sheet()

    def separate(self, group: str, size: tuple[float, float]) -> None:
        """Put a separator sheet before the sheets of a group, whatever the size of its labels."""
        size = (self._width, self._height)
        self._write_sheet()
        page = make_separator(self._separator, group, self._language, size)
        self._file.properties.note_group(group, self._file.page_count, self._file.add_page(page))
        if self._duplex is not Duplex.SIMPLEX:
            self._file.add_page(make_blank(size))

    def finish(self) -> None:
        self._write_sheet()

    def _write_sheet(self) -> None:
        if not self._leaves:
            return
        file, index = self._file, self._file.page_count
        fronts = [self._impose(place, leaf.front) for place, leaf in enumerate(self._leaves, self._skipped)]
        number = file.write_page(self._width, self._height, [part for label in fronts for part in label])
        for leaf in self._leaves:
            if leaf.is_first:
                file.properties.note_copy(leaf.group, leaf.reference, index, number)
        if self._duplex is not Duplex.SIMPLEX:
            self._write_backs()
        self._leaves, self._skipped = [], 0

    def _write_backs(self) -> None:
        """Backs stand mirrored, so that each lies behind its front; a label reads on when it is turned like a page."""
        content = []
        if (self._duplex is Duplex.LONG_EDGE) != (self._width <= self._height):
            # The printer turns the sheet about a horizontal line: the other half of a whole turn is made here.
            content.append(b"-1 0 0 -1 %.3f %.3f cm" % (self._width, self._height))
        for place, leaf in enumerate(self._leaves, self._skipped):
            if leaf.back is not None:
                content += self._impose(place, leaf.back, is_back=True)
        self._file.write_page(self._width, self._height, content)

    def _impose(self, place: int, page: Page, *, is_back: bool = False) -> list[bytes]:
        """Return what draws a page in the middle of a label, cut off at the page's edges."""
        sheet = self._sheet
        row, column = divmod(place, sheet.columns)
        left = (sheet.left + column * (sheet.label_width + sheet.column_gap)) * MM
        top = (sheet.top + row * (sheet.label_height + sheet.row_gap)) * MM
        wide, tall = sheet.label_width * MM, sheet.label_height * MM
        if is_back:
            left = self._width - left - wide
        bottom = self._height - top - tall
        if is_turned(page, self._sheet):
            x, y = left + (wide + page.height) / 2, bottom + (tall - page.width) / 2
            matrix = b"0 1 -1 0 %.3f %.3f cm" % (x, y)
        else:
            x, y = left + (wide - page.width) / 2, bottom + (tall - page.height) / 2
            matrix = b"1 0 0 1 %.3f %.3f cm" % (x, y)
        edges = b"0 0 %.3f %.3f re W n" % (page.width, page.height)
        return [b"q", matrix, edges, *self._file.list_content(page), b"Q"]


def check_labels(pages: list[Page], sheet: LabelSheet) -> None:
    """Raise DocumentError for a page that is larger than a label."""
    for page in pages:
        if is_turned(page, sheet) is None:
            size = f"{page.width / MM:.0f} × {page.height / MM:.0f}"
            note = f"{size} > {sheet.label_width:g} × {sheet.label_height:g} mm"
            raise DocumentError(Refusal.PAGE_TOO_LARGE, "page", note=note)


def is_turned(page: Page, sheet: LabelSheet) -> bool | None:
    """Say whether a page lies on its label turned by a quarter; None when it is too large either way."""
    wide, tall = sheet.label_width * MM + _TOLERANCE, sheet.label_height * MM + _TOLERANCE
    if page.width <= wide and page.height <= tall:
        return False
    return True if page.height <= wide and page.width <= tall else None
