"""Writes clusters as PDF text: fonts by turns, moved glyphs, ruby above, and beside them the text they stand for."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from documents.font_files import load_font
from documents.ink import Codes, escape
from documents.leftward import order_clusters
from documents.ruby import SCALE
from documents.shaping import Cluster, measure_clusters

_NEGLIGIBLE = 0.05
_WIDE = re.compile("[々〆\u3041-\u30fa\u30fc-\u30ff\u3400-\u9fff\uf900-\ufaff]")


Matrix = tuple[float, float, float, float, float, float]


class Mark(NamedTuple):
    """A glyph raised or lowered from the line. Places in 1/1000 em from the line's beginning."""

    x: float
    y: float
    font: int
    data: bytes


class Shown(NamedTuple):
    """Operators for inside a text object; marks and readings (ruby) are still to be shown, each at its place.

    They come after the line, so that readers of PDF find the line in one piece.
    """

    content: bytes
    codes: list[Codes]
    marks: list[Mark]
    readings: list[tuple[float, Cluster]]


class Pen:
    """Shows clusters from left to right in a text of `size` points whose font is set to `own` and stays so."""

    def __init__(self, own: int, size: float, tracking: float) -> None:
        self._own = self._font = (own, 1.0)
        self._size = size
        self._tracking = tracking * 1000 / size  # 1/1000 em
        self._parts: list[bytes] = []
        self._waiting: list[bytes] = []
        self._place = 0.0
        self.codes: list[Codes] = []
        self.marks: list[Mark] = []
        self.readings: list[tuple[float, Cluster]] = []

    def show(self, clusters: Iterable[Cluster]) -> None:
        for cluster in clusters:
            if cluster.base:
                self._show_base(cluster)
            elif cluster.placed or cluster.told:
                self._show_told(cluster)
                self._place += cluster.advance + self._tracking
            else:
                self._turn_to(cluster)
                self._waiting.append(cluster.data)
                self._place += cluster.advance + self._tracking

    def move(self, distance: float) -> None:
        """Leave a space, in 1/1000 em."""
        if abs(distance) > _NEGLIGIBLE:
            self._flush()
            self._parts.append(b"[%.1f] TJ" % (-distance / self._font[1]))
            self._place += distance

    def finish(self) -> Shown:
        self._turn_back()
        return Shown(b" ".join(self._parts), self.codes, self.marks, self.readings)

    def _turn_to(self, cluster: Cluster) -> None:
        font = (cluster.font, cluster.scale)
        if font != self._font:
            self._flush()
            self._font = font
            self._parts.append(call_font(font[0], self._size * font[1]))

    def _turn_back(self) -> None:
        self._flush()
        if self._font != self._own:
            self._font = self._own
            self._parts.append(call_font(self._own[0], self._size))

    def _flush(self) -> None:
        if self._waiting:
            data = b"".join(self._waiting)
            self._waiting.clear()
            self.codes.append((self._font[0], data))
            self._parts.append(b"(%b) Tj" % escape(data))

    def _show_told(self, cluster: Cluster) -> None:
        self._turn_to(cluster)
        self._flush()
        self.codes.append((cluster.font, cluster.data))
        shown = self._show_placed(cluster) if cluster.placed else b"(%b) Tj" % escape(cluster.data)
        if cluster.placed and abs(self._tracking) > _NEGLIGIBLE:
            shown = b"0 Tc %b %.3f Tc" % (shown, self._tracking * self._size / 1000)
        if cluster.told:
            text = cluster.text.encode("utf-16-be").hex().upper().encode()
            shown = b"/Span <</ActualText <FEFF%b>>> BDC %b EMC" % (text, shown)
        self._parts.append(shown)

    def _show_placed(self, cluster: Cluster) -> bytes:
        """Show glyphs where shaping put them: without character spacing, the tracking after the last."""
        font = load_font(cluster.font)
        row: list[bytes] = []
        reached = 0.0  # where shaping has the pen
        stands = 0.0  # where it is
        for number, placed in enumerate(cluster.placed):
            data = cluster.data[2 * number : 2 * number + 2]
            wanted = reached + placed.x
            if abs(placed.y) > _NEGLIGIBLE:
                self.marks.append(Mark(self._place + wanted, placed.y, cluster.font, data))
            else:
                if abs(stands - wanted) > _NEGLIGIBLE:
                    row.append(b"%.1f" % (stands - wanted))
                row.append(b"(%b)" % escape(data))
                stands = wanted + font.measure_glyph(placed.glyph)
            reached += placed.advance
        if abs(stands - reached - self._tracking) > _NEGLIGIBLE:
            row.append(b"%.1f" % (stands - reached - self._tracking))
        return b"[%b] TJ" % b"".join(row)

    def _show_base(self, cluster: Cluster) -> None:
        """The letters spread over the width of their reading; the reading comes after the line."""
        start = self._place
        spare = cluster.advance - measure_clusters(cluster.base)
        step = spare / len(cluster.base)
        self.move(step / 2)
        for number, each in enumerate(cluster.base):
            if number:
                self.move(step)
            self.show((each,))
        self.move(step / 2)
        inner = self._place - start - self._tracking
        width = measure_clusters(cluster.ruby) * SCALE
        self.readings.append((start + (inner - width) / 2, cluster))


def show_line(clusters: tuple[Cluster, ...], own: int, size: float, tracking: float, gap: float = 0.0) -> Shown:
    """Show a line; `tracking` in points is already set, `gap` (1/1000 em) stands between Japanese and Western."""
    pen = Pen(own, size, tracking)
    if not gap:
        pen.show(order_clusters(clusters))
        return pen.finish()
    before = None
    for cluster in order_clusters(clusters):
        if before is not None and needs_gap(before.text, cluster.text):
            pen.move(gap)
        pen.show((cluster,))
        before = cluster
    return pen.finish()


def show_rest(shown: Shown, own: int, size: float, matrix: Matrix) -> tuple[bytes, list[Codes]]:
    """Show marks and ruby of a line that began with this text matrix; the ruby stands above the em boxes."""
    parts: list[bytes] = []
    codes: list[Codes] = []
    for mark in shown.marks:
        parts.append(call_font(mark.font, size) + _move(matrix, mark.x * size / 1000, mark.y * size / 1000))
        parts.append(b"(%b) Tj" % escape(mark.data))
    for place, cluster in shown.readings:
        small = size * SCALE
        moved = _move(matrix, place * size / 1000, _RISE * size)
        pen = Pen(own, small, 0.0)
        pen.show(cluster.ruby)
        reading = pen.finish()
        parts += [b"0 Tc", call_font(own, small) + moved, reading.content]
        codes += reading.codes
    if parts:
        parts.append(call_font(own, size))
    return b" ".join(parts), codes


def call_font(font: int, size: float) -> bytes:
    return b"/F%d %b Tf" % (font, f"{size:g}".encode())


def write_matrix(matrix: Matrix) -> bytes:
    a, b, c, d, e, f = matrix
    return b"%.4g %.4g %.4g %.4g %.2f %.2f Tm" % (a, b, c, d, e, f)


def _move(matrix: Matrix, x: float, y: float) -> bytes:
    a, b, c, d, e, f = matrix
    return b" " + write_matrix((a, b, c, d, e + a * x + c * y, f + b * x + d * y))


# Baseline of a reading above that of its letters: their em box ends at 0.88, its own begins 0.06 below its baseline.
_RISE = 0.95


def needs_gap(before: str, after: str) -> bool:
    """Say whether a Japanese letter meets a Western one."""
    return (is_wide(before[-1]) and is_latin(after[0])) or (is_latin(before[-1]) and is_wide(after[0]))


def is_latin(character: str) -> bool:
    return character < "\u0530" and character.isalnum()


def is_wide(character: str) -> bool:
    """Say whether it is a kana or an ideograph."""
    return _WIDE.match(character) is not None


def list_gaps(clusters: Sequence[Cluster], gap: float) -> list[float]:
    """Return the space after each cluster."""
    return [*(gap if needs_gap(one.text, other.text) else 0.0 for one, other in pairwise(clusters)), 0.0]
