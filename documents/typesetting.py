"""Sets text: lines of a style to a width, aligned or justified, written as PDF text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from documents.errors import Refusal
from documents.ink import Ink, escape
from documents.linebreaking import HANGING, break_paragraph
from documents.phrases import find_phrases
from documents.ruby import GROUP_START, split_group
from documents.shaping import Cluster, UndrawableError
from documents.showing import list_gaps, show_line, show_rest
from documents.templates import Style
from documents.typefaces import ASCENT, Face, NotPlainError, get_face, reach_clusters
from documents.units import MM

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
        self[character] = advance = self._face.plain[character] + self._tracking
        return advance


@cache
def _get_advances(face: Face, tracking: float) -> dict[str, float]:
    """Return the widths of plain letters with their tracking."""
    return _TrackedAdvances(face, tracking) if tracking else face.plain


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
    hanging: bool = True
    phrases: bool = False
    latin_gap: float = 0.0

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

    @cached_property
    def gap(self) -> float:
        """Space between Japanese and Western letters in 1/1000 em."""
        return self.latin_gap * 1000

    def measure(self, text: str) -> float:
        """Return the width in points, without the tracking after the last letter."""
        if not self.gap:
            try:
                return (sum(map(self.advances.__getitem__, text)) / 1000 - self.tracking) * self.size
            except NotPlainError:
                pass
        return (self.reach_clusters(self.face.lay_out(text))[-1] / 1000 - self.tracking) * self.size

    def reach_clusters(self, clusters: Sequence[Cluster]) -> list[float]:
        """Return the width of the first 0, 1, 2, … letters of these clusters in 1/1000 em."""
        gaps = list_gaps(clusters, self.gap) if self.gap else [0.0] * len(clusters)
        return reach_clusters(clusters, self.tracking, gaps)

    def resized(self, size: float) -> "TypeStyle":
        return _vary(self, size, self.align)

    def aligned(self, align: str) -> "TypeStyle":
        return self if align == self.align else _vary(self, self.size, align)


@lru_cache(maxsize=1024)
def _vary(style: TypeStyle, size: float, align: str) -> TypeStyle:
    return replace(style, size=size, align=align)


@cache
def get_type_style(style: Style) -> TypeStyle:
    return TypeStyle(
        style.font,
        style.bold,
        style.size,
        style.leading,
        style.color,
        style.align,
        style.tracking,
        style.hanging,
        style.breaking == "phrase",
        style.latin_gap,
    )


@cache
def write_color(color: str) -> str:
    """Return the three components of a color as PDF has them."""
    return " ".join(f"{round(int(color[place : place + 2], 16) / 255, 3):g}" for place in (1, 3, 5))


class SetLine(NamedTuple):
    """`indent` from the left of the box and `tracking` in points; `begins` a paragraph other than the first.

    `plain`: the first font of the face is known to draw every letter; else `clusters` are the line.
    """

    text: str
    indent: float
    tracking: float
    plain: bool = False
    begins: bool = False
    clusters: tuple[Cluster, ...] = ()


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
    reach = None if style.gap else _reach_plainly(paragraph, style)
    if reach is None:
        return _set_clusters(paragraph, style, width)
    unit = style.size / 1000
    preferred = find_phrases(paragraph) if style.phrases and reach[-1] * unit > width else None
    spans = break_paragraph(paragraph, reach, (width + _TOLERANCE) / unit, hanging=style.hanging, preferred=preferred)
    tracking = style.tracking * style.size
    if style.align == "left":
        return [SetLine(paragraph[start:stop], 0.0, tracking, True) for start, stop in spans]
    last = len(spans) - 1
    lines = []
    for number, (start, stop) in enumerate(spans):
        line = SetLine(paragraph[start:stop], 0.0, tracking, True)
        slack = width - (reach[stop] - reach[start]) * unit + tracking
        lines.append(_align(line, slack, style, number < last) if line.text else line)
    return lines


def _reach_plainly(paragraph: str, style: TypeStyle) -> list[float] | None:
    """Return the width of the first 0, 1, 2, … letters in 1/1000 em; None unless all are of the style's own font."""
    if len(paragraph) >= _LONG:
        return style.face.reach(paragraph, style.tracking)
    try:
        return list(accumulate(map(style.advances.__getitem__, paragraph), initial=0.0))
    except NotPlainError:
        return None


def _set_clusters(paragraph: str, style: TypeStyle, width: float) -> list[SetLine]:
    """The same for a text of which letters are combined, of other fonts, or spaced from each other."""
    clusters = style.face.lay_out(paragraph)
    visible = "".join(map(show_as_letters, clusters))
    reach = style.reach_clusters(clusters)
    unit = style.size / 1000
    tracking = style.tracking * style.size
    lines = []
    spans = break_paragraph(
        visible,
        reach,
        (width + _TOLERANCE) / unit,
        hanging=style.hanging,
        preferred=find_phrases(visible) if style.phrases else None,
        whole=find_inner_places(clusters),
    )
    places = list_places(clusters)
    for number, (start, stop) in enumerate(spans):
        own = tuple(cluster for cluster, place in zip(clusters, places, strict=True) if start <= place < stop)
        line = SetLine(paragraph[start:stop], 0.0, tracking, clusters=own)
        if not own:
            lines.append(line)
            continue
        slack = width - (style.reach_clusters(own)[-1] * unit - tracking)
        if slack < -_TOLERANCE and own[-1].text not in HANGING:
            raise UndrawableError(Refusal.TOO_LONG, "", f"{(width - slack) / MM:.1f} > {width / MM:.1f} mm")
        lines.append(_align(line, slack, style, number < len(spans) - 1))
    return lines


def list_places(clusters: Sequence[Cluster]) -> list[int]:
    """Return where in the text each cluster begins."""
    return list(accumulate((len(cluster.text) for cluster in clusters[:-1]), initial=0)) if clusters else []


def show_as_letters(cluster: Cluster) -> str:
    """Return as many characters as a cluster has, by which lines are broken: its first and last visible ones."""
    text = cluster.text
    if not cluster.base:
        return text
    letters, _ = split_group(text)
    return letters + letters[-1] * (len(text) - len(letters))


def find_inner_places(clusters: Sequence[Cluster]) -> frozenset[int]:
    """Return the places between the characters of a cluster: no line ends there."""
    inner: set[int] = set()
    start = 0
    for cluster in clusters:
        stop = start + len(cluster.text)
        if stop - start > 1:
            inner.update(range(start + 1, stop))
        start = stop
    return frozenset(inner)


def _align(line: SetLine, slack: float, style: TypeStyle, spread: bool) -> SetLine:
    """Move or spread a line with `slack` points left to the edge."""
    text = line.text
    if style.align != "justify":
        return line._replace(indent=max(slack, 0.0) * style.share)
    letters = len(line.clusters) or len(text)
    if slack < 0 and text[-1] in HANGING:
        # What stands before the stop that hangs over the edge reaches up to it.
        slack += (line.clusters[-1].advance if line.clusters else style.face.measure(text[-1])) * style.size / 1000
        return line._replace(tracking=line.tracking + max(slack, 0.0) / max(letters - 2, 1))
    extra = slack / max(letters - 1, 1)
    if spread and 0 < extra <= _WIDEST_SPREAD * style.size:
        return line._replace(tracking=line.tracking + extra)
    return line


def measure_lines(lines: Sequence[SetLine], style: TypeStyle, paragraph_gap: float) -> float:
    """Return the height of lines in points."""
    gaps = sum([line.begins for line in lines]) * paragraph_gap if paragraph_gap else 0.0
    return len(lines) * style.leading + gaps


def write_lines(
    ink: Ink, lines: Sequence[SetLine], style: TypeStyle, x: float, y: float, paragraph_gap: float = 0.0
) -> None:
    """Write the lines downwards from the height `y`, as one text."""
    face = style.face
    baseline = y - style.baseline
    parts = [style.opening]
    told = None
    for text, indent, tracking, plain, begins, clusters in lines:
        if begins:
            baseline -= paragraph_gap
        if text:
            if tracking != told:
                parts.append(b"%.3f Tc" % tracking)
                told = tracking
            place = b"1 0 0 1 %.2f %.2f Tm " % (x + indent, baseline)
            if plain:
                data = text.encode("utf-16-be")
                ink.codes.append((face.font, data))
                parts.append(place + b"(" + escape(data) + b") Tj")
            else:
                parts.append(place + _show(ink, style, clusters, tracking, x + indent, baseline))
                told = 0.0 if GROUP_START in text else told
        baseline -= style.leading
    if told is not None:
        parts.append(b"ET")
        ink.parts.append(b" ".join(parts))


def write_text(ink: Ink, style: TypeStyle, text: str, x: float, baseline: float) -> None:
    """Write one line, whatever its letters are."""
    place = b"%.2f %.2f Tm " % (x, baseline)
    shown = _show(ink, style, style.face.lay_out(text), style.tracking * style.size, x, baseline)
    ink.parts.append(style.head + place + shown + b" ET")


def _show(
    ink: Ink, style: TypeStyle, clusters: tuple[Cluster, ...], tracking: float, x: float, baseline: float
) -> bytes:
    """Return what shows a line of clusters and the ruby above it."""
    font = style.face.font
    shown = show_line(clusters, font, style.size, tracking, style.gap)
    ink.codes.extend(shown.codes)
    if not shown.readings and not shown.marks:
        return shown.content
    rest, codes = show_rest(shown, font, style.size, (1.0, 0.0, 0.0, 1.0, x, baseline))
    ink.codes.extend(codes)
    return shown.content + b" " + rest
