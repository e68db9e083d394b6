"""Labels for ZPL printers from the same templates: drawn here with our own glyphs, codes in whole dots of the printer,
and sent as pictures (^GFA). No text ever stands in a command, so none can become one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import Any, BinaryIO, Final

import numpy as np
from PIL import Image

from documents.checking import CompiledTemplate
from documents.code_places import CodeWatch, PlacedCode, paint_code
from documents.composing import Page, Program
from documents.file_options import Calibration
from documents.pdf_file import PdfFile
from documents.rasters import draw_gray
from documents.specs import CopySpec
from documents.templates import Group
from documents.units import MM
from documents.values import Before

# Dots of a millimetre. Printers that are sold as 203 dpi have eight.
DOTS: Final = {203: 8.0, 300: 300 / 25.4, 600: 600 / 25.4}
# Darker than this is black: thin strokes of kanji stay, their counters stay open.
_BLACK_BELOW = 150
# What one ^GF may hold, and how many blank rows end one.
_MOST_BYTES, _GAP = 99_999, 16
# So many labels are drawn at once.
_TOGETHER = 25


@dataclass(frozen=True)
class LabelPrinter:
    """`dpi` is 203, 300 or 600."""

    dpi: int
    calibration: Calibration = field(default_factory=Calibration)


def write_labels(copies: Iterable[CopySpec], sink: BinaryIO, printer: LabelPrinter) -> int:
    """Write every page of the copies as a label, in the order given; returns how many. Raises DocumentError."""
    painter, count = _Painter(printer), 0
    for copy in copies:
        painter.lay_out(copy)
        if len(painter.waiting) >= _TOGETHER:
            count += painter.write(sink)
    return count + painter.write(sink)


class _Painter:
    """Lays copies out and paints their pages a few at a time: text by pdfium, codes dot by dot."""

    def __init__(self, printer: LabelPrinter) -> None:
        self._printer = printer
        self._programs: dict[CompiledTemplate, tuple[Program, Before, CodeWatch]] = {}
        self.waiting: list[tuple[Page, list[PlacedCode]]] = []
        self._language = "ja"

    def lay_out(self, copy: CopySpec) -> None:
        known = self._programs.get(copy.template)
        if known is None:
            watch = CodeWatch()
            program = Program(at_resolution(copy.template, self._printer.dpi), watch)
            known = self._programs[copy.template] = program, program.begin(), watch
        program, before, watch = known
        watch.begin()
        pages = program.lay_out(copy, before)
        self._language = copy.template.language
        self.waiting += zip(pages, watch.pages, strict=True)

    def write(self, sink: BinaryIO) -> int:
        """Write what waits as labels."""
        if not self.waiting:
            return 0
        pdf = BytesIO()
        file = PdfFile(pdf, self._language)
        for page, _ in self.waiting:
            file.add_page(page)
        file.finish()
        given, dots = self._printer.calibration, DOTS[self._printer.dpi]
        moved = given.scale_x, given.offset_x, given.scale_y, given.offset_y
        drawn = draw_gray(pdf.getvalue(), dots / MM)
        for picture, (_, codes) in zip(drawn, self.waiting, strict=True):
            black = _correct(picture, self._printer) < _BLACK_BELOW
            for code in codes:
                paint_code(black, code, dots, moved)
            sink.write(make_label(black))
        self.waiting = []
        return len(drawn)


@lru_cache(maxsize=64)
def at_resolution(compiled: CompiledTemplate, dpi: int) -> CompiledTemplate:
    """Return the template with its codes in whole dots of this printer."""
    template = compiled.template
    elements = tuple(_set_resolution(element, dpi) for element in template.elements)
    flow = template.flow and template.flow.model_copy(
        update={"elements": tuple(_set_resolution(element, dpi) for element in template.flow.elements)}
    )
    return replace(compiled, template=template.model_copy(update={"elements": elements, "flow": flow}))


def _set_resolution(element: Any, dpi: int) -> Any:
    if isinstance(element, Group):
        return element.model_copy(update={"elements": tuple(_set_resolution(each, dpi) for each in element.elements)})
    return element.model_copy(update={"resolution": dpi}) if "resolution" in type(element).model_fields else element


def _correct(page: Any, printer: LabelPrinter) -> Any:
    """Scale and move a page as the printer needs it."""
    given = printer.calibration
    if given == Calibration():
        return page
    dots = DOTS[printer.dpi]
    # PIL asks where each pixel comes from: the inverse.
    inverse = (
        1 / given.scale_x, 0, -given.offset_x * dots / given.scale_x,
        0, 1 / given.scale_y, -given.offset_y * dots / given.scale_y,
    )  # fmt: skip
    image = Image.fromarray(page)
    moved = image.transform(image.size, Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR, fillcolor=255)
    return np.asarray(moved)


def make_label(black: Any) -> bytes:
    """Return a label of this picture (bool, height × width): one ^GF for each stretch of rows that shows something."""
    height, width = black.shape
    packed = np.packbits(black, axis=1)
    parts = [f"^XA^PW{width}^LL{height}^LH0,0^PQ1\n".encode()]
    for top, bottom in _find_stretches(packed):
        size = (bottom - top) * packed.shape[1]
        head = f"^FO0,{top}^GFA,{size},{size},{packed.shape[1]},"
        parts.append(head.encode() + b"".join(_compress(packed[top:bottom])) + b"^FS\n")
    return b"".join([*parts, b"^XZ\n"])


def _find_stretches(packed: Any) -> Iterator[tuple[int, int]]:
    """Give (first row, row after the last) of what is not blank, none of them larger than a command may be."""
    most = _MOST_BYTES // packed.shape[1]
    rows = np.flatnonzero(packed.any(axis=1))
    if not rows.size:
        return
    for stretch in np.split(rows, np.flatnonzero(np.diff(rows) > _GAP) + 1):
        first, end = int(stretch[0]), int(stretch[-1]) + 1
        for top in range(first, end, most):
            yield top, min(top + most, end)


def _compress(rows: Any) -> Iterator[bytes]:
    """Give rows in the compression of ^GF (ZPL II Programming Guide): hexadecimal digits with counts before those that
    repeat; a comma fills the row with white, a colon repeats the row before.
    """
    before = ""
    for row in rows:
        digits = row.tobytes().hex().upper()
        if digits == before:
            yield b":"
            continue
        before = digits
        shown = digits.rstrip("0")
        runs = "".join(_count(len(list(same))) + digit for digit, same in groupby(shown))
        yield (runs + ("," if len(shown) < len(digits) else "")).encode()


@lru_cache(maxsize=4096)
def _count(times: int) -> str:
    """Return how often the next digit stands: g–z are twenties, G–Y are ones; a single one needs none."""
    if times == 1:
        return ""
    letters = "z" * (times // 400)
    rest = times % 400
    if rest >= 20:
        letters += chr(ord("g") + rest // 20 - 1)
    if rest % 20:
        letters += chr(ord("G") + rest % 20 - 1)
    return letters
