"""Sets text: lines of a style to a width, aligned or justified, written as PDF text."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from documents.ink import Ink, escape
from documents.linebreaking import HANGING, break_paragraph
from documents.templates import Style
from documents.typefaces import ASCENT, Face, Run, get_face

# A line is spread out to the edge unless its letters would stand further apart than this (em).
_WIDEST_SPREAD = 0.18
_TOLERANCE = 0.01
# From so many letters on, widths are added up as arrays.
_LONG = 48
SHARES = {"left": 0.0, "justify": 0.0, "center": 0.5, "right": 1.0}


class _TrackedAdvances(dict[str, float]):
    def __init__(self, face: Face, tracking: float) -> None:
        super().__init__()
        self._face = face
        self._tracking = tracking * 1000

    def __missing__(self, character: str) -> float:
        self[character] = advance = self._face.advances[character] + self._tracking
        return advance


@cache
def _get_advances(face: Face, tracking: float) -> dict[str, float]:
    return _TrackedAdvances(face, tracking) if tracking else face.advances


@dataclass(frozen=True)
class TypeStyle:
    """A style ready to set: `size` in points, `tracking` in em."""

    family: str
    bold: bool
    size: float
    leading_factor: float
    color: str
    align: str
    tracking: float

    @cached_property
    def face(self) -> Face:
        return get_face(self.family, self.bold)

    @cached_property
    def advances(self) -> dict[str, float]:
        return _get_advances(self.face, self.tracking)

    @cached_property
    def leading(self) -> float:
        return self.size * self.leading_factor

    @cached_property
    def baseline(self) -> float:
        """Distance from the top of a line to its baseline."""
        return (self.leading - self.size) / 2 + ASCENT * self.size

    @cached_property
    def share(self) -> float:
        """Which share of the spare width is left of a line."""
        return SHARES[self.align]

    @cached_property
    def opening(self) -> bytes:
        """What a text begins with: font and color."""
        return f"BT /F{self.face.font} {self.size:g} Tf {write_color(self.color)} rg".encode()

    @cached_property
    def head(self) -> bytes:
        """The same, with the style's own tracking and the matrix but its place."""
        return self.opening + f" {round(self.tracking * self.size, 3):g} Tc 1 0 0 1 ".encode()

    def measure(self, text: str) -> float:
        """Return the width in points, without the tracking after the last letter."""
        return (sum(map(self.advances.__getitem__, text)) / 1000 - self.tracking) * self.size

    def resized(self, size: float) -> "TypeStyle":
        return _vary(self, size, self.align)

    def aligned(self, align: str) -> "TypeStyle":
        return self if align == self.align else _vary(self, self.size, align)


@lru_cache(maxsize=1024)
def _vary(style: TypeStyle, size: float, align: str) -> TypeStyle:
    return TypeStyle(style.family, style.bold, size, style.leading_factor, style.color, align, style.tracking)


@cache
def get_type_style(style: Style) -> TypeStyle:
    return TypeStyle(style.font, style.bold, style.size, style.leading, style.color, style.align, style.tracking)


@cache
def write_color(color: str) -> str:
    """Return the three components of a color as PDF has them."""
    return " ".join(f"{round(int(color[place : place + 2], 16) / 255, 3):g}" for place in (1, 3, 5))


class SetLine(NamedTuple):
    """`indent` from the left of the box and `tracking` in points; `begins` a paragraph other than the first.

    `plain`: the first font of the face is known to draw every letter.
    """

    text: str
    indent: float
    tracking: float
    plain: bool = False
    begins: bool = False


def set_lines(text: str, style: TypeStyle, width: float) -> list[SetLine]:
    """Break a text to a width in points and align its lines."""
    lines: list[SetLine] = []
    for number, paragraph in enumerate(text.split("\n")):
        first = len(lines)
        lines.extend(_set_paragraph(paragraph, style, width))
        if number:
            lines[first] = lines[first]._replace(begins=True)
    return lines


def _set_paragraph(paragraph: str, style: TypeStyle, width: float) -> list[SetLine]:
    reach = style.face.reach(paragraph, style.tracking) if len(paragraph) >= _LONG else None
    plain = reach is not None
    if reach is None:
        reach = list(accumulate(map(style.advances.__getitem__, paragraph), initial=0.0))
    unit = style.size / 1000
    spans = break_paragraph(paragraph, reach, (width + _TOLERANCE) / unit)
    tracking = style.tracking * style.size
    if style.align == "left":
        return [SetLine(paragraph[start:stop], 0.0, tracking, plain) for start, stop in spans]
    last = len(spans) - 1
    lines = []
    for number, (start, stop) in enumerate(spans):
        line = SetLine(paragraph[start:stop], 0.0, tracking, plain)
        slack = width - (reach[stop] - reach[start]) * unit + tracking
        lines.append(_align(line, slack, style, number < last) if line.text else line)
    return lines


def _align(line: SetLine, slack: float, style: TypeStyle, spread: bool) -> SetLine:
    """Move or spread a line with `slack` points left to the edge."""
    text = line.text
    if style.align != "justify":
        return line._replace(indent=max(slack, 0.0) * style.share)
    if slack < 0 and text[-1] in HANGING:
        # What stands before the stop that hangs over the edge reaches up to it.
        slack += style.advances[text[-1]] * style.size / 1000
        return line._replace(tracking=line.tracking + max(slack, 0.0) / max(len(text) - 2, 1))
    extra = slack / max(len(text) - 1, 1)
    if spread and 0 < extra <= _WIDEST_SPREAD * style.size:
        return line._replace(tracking=line.tracking + extra)
    return line


def measure_lines(lines: Sequence[SetLine], style: TypeStyle, paragraph_gap: float) -> float:
    """Return the height of lines in points."""
    return len(lines) * style.leading + sum(line.begins for line in lines) * paragraph_gap


def write_lines(
    ink: Ink, lines: Sequence[SetLine], style: TypeStyle, x: float, y: float, paragraph_gap: float = 0.0
) -> None:
    """Write the lines downwards from the height `y`, as one text."""
    face = style.face
    baseline = y - style.baseline
    parts = [style.opening]
    told = None
    for text, indent, tracking, plain, begins in lines:
        if begins:
            baseline -= paragraph_gap
        if text:
            if tracking != told:
                parts.append(b"%.3f Tc" % tracking)
                told = tracking
            place = b"1 0 0 1 %.2f %.2f Tm " % (x + indent, baseline)
            if plain or face.is_plain(text):
                data = text.encode("utf-16-be")
                ink.codes.append((face.font, data))
                parts.append(place + b"(" + escape(data) + b") Tj")
            else:
                runs = face.encode(text)
                ink.codes.extend(runs)
                parts.append(place + _show_runs(runs, face.font, style.size))
        baseline -= style.leading
    if told is not None:
        parts.append(b"ET")
        ink.parts.append(b" ".join(parts))


def write_text(ink: Ink, style: TypeStyle, text: str, head: bytes) -> None:
    """Write one line after its head; letters of other fonts as runs of their own."""
    runs = style.face.encode(text)
    ink.codes.extend(runs)
    ink.parts.append(head + _show_runs(runs, style.face.font, style.size) + b" ET")


def _show_runs(runs: Sequence[Run], own: int, size: float) -> bytes:
    """Return what shows the runs and ends in the font `own`, in which it begins."""
    shown = []
    font = own
    for run in runs:
        if run.font != font:
            font = run.font
            shown.append(b"/F%d %b Tf" % (font, f"{size:g}".encode()))
        shown.append(b"(%b) Tj" % escape(run.data))
    if font != own:
        shown.append(b"/F%d %b Tf" % (own, f"{size:g}".encode()))
    return b" ".join(shown)
