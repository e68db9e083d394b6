"""Sets text: lines of a style to a width, aligned or justified, as marks."""

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from documents.linebreaking import HANGING, break_lines
from documents.marks import Mark, TextMark
from documents.templates import Style
from documents.typefaces import ASCENT, Face, get_face

# A line is spread out to the edge unless its letters would stand further apart than this (em).
_WIDEST_SPREAD = 0.18
_TOLERANCE = 0.01


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

    def measure(self, text: str) -> float:
        """Return the width in points, without the tracking after the last letter."""
        return (sum(map(self.advances.__getitem__, text)) / 1000 - self.tracking) * self.size

    def resized(self, size: float) -> "TypeStyle":
        return _resize(self, size)


@lru_cache(maxsize=1024)
def _resize(style: TypeStyle, size: float) -> TypeStyle:
    return TypeStyle(style.family, style.bold, size, style.leading_factor, style.color, style.align, style.tracking)


@cache
def get_type_style(style: Style) -> TypeStyle:
    return TypeStyle(style.font, style.bold, style.size, style.leading, style.color, style.align, style.tracking)


class SetLine(NamedTuple):
    """`indent` from the left of the box and `tracking` in points; `begins` a paragraph other than the first."""

    text: str
    indent: float
    tracking: float
    begins: bool = False


@lru_cache(maxsize=8192)
def set_lines(text: str, style: TypeStyle, width: float) -> tuple[SetLine, ...]:
    """Break a text to a width in points and align its lines."""
    lines: list[SetLine] = []
    for paragraph in text.split("\n"):
        broken = break_lines(paragraph, style.advances, (width + _TOLERANCE) * 1000 / style.size)
        last = len(broken) - 1
        first = len(lines)
        lines.extend(_align_line(line, style, width, number < last) for number, line in enumerate(broken))
        if first:
            lines[first] = lines[first]._replace(begins=True)
    return tuple(lines)


def measure_lines(lines: tuple[SetLine, ...], style: TypeStyle, paragraph_gap: float) -> float:
    """Return the height of lines in points."""
    return len(lines) * style.leading + sum(line.begins for line in lines) * paragraph_gap


def _align_line(line: str, style: TypeStyle, width: float, spread: bool) -> SetLine:
    tracking = style.tracking * style.size
    slack = width - style.measure(line) if line else 0.0
    if style.align == "justify":
        if slack < 0 and line[-1] in HANGING:
            slack = width - style.measure(line[:-1])
            return SetLine(line, 0.0, tracking + max(slack, 0.0) / max(len(line) - 2, 1))
        extra = slack / max(len(line) - 1, 1)
        if spread and 0 < extra <= _WIDEST_SPREAD * style.size:
            return SetLine(line, 0.0, tracking + extra)
        return SetLine(line, 0.0, tracking)
    share = {"left": 0.0, "center": 0.5, "right": 1.0}[style.align]
    return SetLine(line, max(slack, 0.0) * share, tracking)


def mark_lines(
    lines: tuple[SetLine, ...], style: TypeStyle, x: float, y: float, out: list[Mark], *, paragraph_gap: float = 0.0
) -> None:
    """Add the lines from `y` downwards."""
    baseline = y + style.baseline
    for line in lines:
        if line.begins:
            baseline += paragraph_gap
        if line.text:
            out.append(
                TextMark(x + line.indent, baseline, line.text, style.face, style.size, style.color, line.tracking)
            )
        baseline += style.leading


def mark_line(text: str, style: TypeStyle, x: float, y: float, width: float, out: list[Mark]) -> None:
    """Add one line that is known to fit."""
    line = _align_line(text, style, width, False)
    out.append(TextMark(x + line.indent, y + style.baseline, text, style.face, style.size, style.color, line.tracking))
