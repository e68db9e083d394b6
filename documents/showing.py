"""Writes clusters as PDF text: fonts by turns, moved glyphs, ruby above, and beside them the text they stand for."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from documents.font_files import Placed, load_font
from documents.ink import Codes, escape
from documents.ruby import SCALE
from documents.shaping import Cluster, measure_clusters, order_clusters

_NEGLIGIBLE = 0.05


class Shown(NamedTuple):
    """Operators for inside a text object; `readings` are ruby still to be shown, with their place (1/1000 em)."""

    content: bytes
    codes: list[Codes]
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
        return Shown(b" ".join(self._parts), self.codes, self.readings)

    def _turn_to(self, cluster: Cluster) -> None:
        font = (cluster.font, cluster.scale)
        if font != self._font:
            self._flush()
            self._font = font
            self._parts.append(b"/F%d %b Tf" % (font[0], f"{self._size * font[1]:g}".encode()))

    def _turn_back(self) -> None:
        self._flush()
        if self._font != self._own:
            self._font = self._own
            self._parts.append(b"/F%d %b Tf" % (self._own[0], f"{self._size:g}".encode()))

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
        text = cluster.text.encode("utf-16-be").hex().upper().encode()
        shown = (
            _show_placed(cluster, self._size, self._tracking) if cluster.placed else b"(%b) Tj" % escape(cluster.data)
        )
        if cluster.placed and abs(self._tracking) > _NEGLIGIBLE:
            shown = b"0 Tc %b %.3f Tc" % (shown, self._tracking * self._size / 1000)
        if cluster.told:
            shown = b"/Span <</ActualText <FEFF%b>>> BDC %b EMC" % (text, shown)
        self._parts.append(shown)

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


def _show_placed(cluster: Cluster, size: float, tracking: float) -> bytes:
    """Show glyphs where shaping put them. Without character spacing; the tracking comes after the last."""
    font = load_font(cluster.font)
    parts: list[bytes] = []
    row: list[bytes] = []
    raised = 0.0
    owing = 0.0  # how far the pen stands right of where it should
    for number, placed in enumerate(cluster.placed):
        if abs(placed.y - raised) > _NEGLIGIBLE:
            _end_row(parts, row)
            parts.append(b"%.3f Ts" % (placed.y * size / 1000))
            raised = placed.y
        shift = owing - placed.x
        if abs(shift) > _NEGLIGIBLE:
            row.append(b"%.1f" % shift)
        row.append(b"(%b)" % escape(cluster.data[2 * number : 2 * number + 2]))
        owing = font.measure_glyph(placed.glyph) + placed.x - placed.advance
    if abs(owing - tracking) > _NEGLIGIBLE:
        row.append(b"%.1f" % (owing - tracking))
    _end_row(parts, row)
    if raised:
        parts.append(b"0 Ts")
    return b" ".join(parts)


def _end_row(parts: list[bytes], row: list[bytes]) -> None:
    if row:
        parts.append(b"[%b] TJ" % b"".join(row))
        row.clear()


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


def show_readings(shown: Shown, own: int, size: float, x: float, baseline: float) -> tuple[bytes, list[Codes]]:
    """Show the ruby of a line that began at x: above its em boxes."""
    parts: list[bytes] = []
    codes: list[Codes] = []
    for place, cluster in shown.readings:
        small = size * SCALE
        left, height = x + place * size / 1000, baseline + _RISE * size
        pen = Pen(own, small, 0.0)
        pen.show(cluster.ruby)
        reading = pen.finish()
        parts.append(b"/F%d %b Tf 0 Tc 1 0 0 1 %.2f %.2f Tm" % (own, f"{small:g}".encode(), left, height))
        parts.append(reading.content)
        codes += reading.codes
    if parts:
        parts.append(b"/F%d %b Tf" % (own, f"{size:g}".encode()))
    return b" ".join(parts), codes


# Baseline of a reading above that of its letters: their em box ends at 0.88, its own begins 0.06 below its baseline.
_RISE = 0.95


def needs_gap(before: str, after: str) -> bool:
    """Say whether a Japanese letter meets a Western one."""
    return (is_wide(before[-1]) and is_latin(after[0])) or (is_latin(before[-1]) and is_wide(after[0]))


def is_latin(character: str) -> bool:
    return character < "\u0530" and character.isalnum()


def is_wide(character: str) -> bool:
    """Say whether it is a kana or an ideograph."""
    return (
        "\u3041" <= character <= "\u30ff"
        and character != "・"
        or "\u3400" <= character <= "\u9fff"
        or character == "々"
    )


def list_gaps(clusters: Sequence[Cluster], gap: float) -> list[float]:
    """Return the space after each cluster."""
    spaces = [
        gap if needs_gap(before.text, after.text) else 0.0
        for before, after in zip(clusters, clusters[1:], strict=False)
    ]
    return [*spaces, 0.0]


__all__ = ["Pen", "Placed", "Shown", "is_latin", "is_wide", "list_gaps", "needs_gap", "show_line", "show_readings"]
