"""Writes marks as PDF content: glyphs by number, paths, one-bit code symbols. The file is made in `pdf_file`."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from documents.marks import BarsMark, ImageMark, LineMark, Mark, PathMark, QrMark, RectMark, TextMark

# Control points of a quarter circle by a cubic curve.
_ROUND = 0.5523


class Painter:
    """Collects the content of one page or form, and which glyphs and pictures it uses."""

    def __init__(self, height: float) -> None:
        self._height = height
        self._parts: list[str] = []
        self._font: tuple[int, float] | None = None
        self._color = "#000000"
        self._tracking = 0.0
        self.characters: dict[int, set[str]] = defaultdict(set)
        self.pictures: dict[str, Any] = {}

    @property
    def content(self) -> bytes:
        return "\n".join(self._parts).encode("ascii")

    def use_form(self, name: str) -> None:
        self._parts.append(f"/{name} Do")

    def paint(self, marks: Iterable[Mark], x: float, y: float) -> None:
        """Paint marks moved by (x, y)."""
        left, top = x, self._height - y
        for mark in marks:
            _PAINTERS[type(mark)](self, mark, left, top)

    def _fill(self, color: str) -> None:
        if color != self._color:
            self._color = color
            self._parts.append(f"{_rgb(color)} rg")

    def _text(self, mark: TextMark, left: float, top: float) -> None:
        x, y, text, face, size, color, tracking = mark
        self._fill(color)
        spacing = ""
        if tracking != self._tracking:
            self._tracking = tracking
            spacing = f" {tracking:.3f} Tc"
        shown = []
        for run in face.encode(text):
            if self._font != (run.font, size):
                self._font = (run.font, size)
                shown.append(f"/F{run.font} {size:g} Tf <{run.codes}> Tj")
            else:
                shown.append(f"<{run.codes}> Tj")
            self.characters[run.font].update(run.text)
        self._parts.append(f"BT 1 0 0 1 {left + x:.2f} {top - y:.2f} Tm{spacing} {' '.join(shown)} ET")

    def _rect(self, mark: RectMark, left: float, top: float) -> None:
        x, y = left + mark.x, top - mark.y - mark.height
        outline = f"{x:.2f} {y:.2f} {mark.width:.2f} {mark.height:.2f} re"
        if mark.radius:
            outline = _round_rectangle(x, y, mark.width, mark.height, min(mark.radius, mark.width / 2, mark.height / 2))
        self._outline(outline, mark.fill, mark.stroke, mark.weight)

    def _outline(self, outline: str, fill: str | None, stroke: str | None, weight: float) -> None:
        if fill:
            self._fill(fill)
        if stroke:
            self._parts.append(f"{_rgb(stroke)} RG {weight:g} w")
        operator = {(True, True): "B", (True, False): "f", (False, True): "S"}.get((bool(fill), bool(stroke)), "n")
        self._parts.append(f"{outline} {operator}")

    def _line(self, mark: LineMark, left: float, top: float) -> None:
        dash = f"[{mark.dash[0]:.2f} {mark.dash[1]:.2f}] 0 d " if mark.dash else ""
        after = " [] 0 d" if mark.dash else ""
        self._parts.append(
            f"{dash}{_rgb(mark.color)} RG {mark.weight:g} w {left + mark.x:.2f} {top - mark.y:.2f} m "
            f"{left + mark.to_x:.2f} {top - mark.to_y:.2f} l S{after}"
        )

    def _path(self, mark: PathMark, left: float, top: float) -> None:
        steps = []
        for operator, numbers in mark.steps:
            points = zip(numbers[::2], numbers[1::2], strict=True)
            placed = [f"{left + mark.x + x:.2f} {top - mark.y - y:.2f}" for x, y in points]
            steps.append(" ".join([*placed, {"Z": "h"}.get(operator, operator.lower())]))
        self._outline(" ".join(steps), mark.fill, mark.stroke, mark.weight)

    def _image(self, mark: ImageMark, left: float, top: float) -> None:
        name = f"I{mark.picture.digest[:16]}"
        self.pictures[name] = mark.picture
        y = top - mark.y - mark.height
        self._parts.append(f"q {mark.width:.2f} 0 0 {mark.height:.2f} {left + mark.x:.2f} {y:.2f} cm /{name} Do Q")

    def _qr(self, mark: QrMark, left: float, top: float) -> None:
        self._fill("#000000")
        side = mark.symbol.side
        y = top - mark.y - mark.size
        self._parts.append(
            f"q {mark.size:.3f} 0 0 {mark.size:.3f} {left + mark.x:.3f} {y:.3f} cm "
            f"BI /W {side} /H {side} /BPC 1 /IM true /D [1 0] /F /AHx ID {_pad_rows(mark.symbol.bits, side)}> EI Q"
        )

    def _bars(self, mark: BarsMark, left: float, top: float) -> None:
        self._fill("#000000")
        x, y = left + mark.x, top - mark.y - mark.height
        bars = []
        for number, width in enumerate(mark.widths):
            if number % 2 == 0:
                bars.append(f"{x:.3f} {y:.3f} {width * mark.module:.3f} {mark.height:.3f} re")
            x += width * mark.module
        self._parts.append(" ".join(bars) + " f")


_PAINTERS: dict[type, Callable[..., None]] = {
    TextMark: Painter._text,
    RectMark: Painter._rect,
    LineMark: Painter._line,
    PathMark: Painter._path,
    ImageMark: Painter._image,
    QrMark: Painter._qr,
    BarsMark: Painter._bars,
}


@cache
def _rgb(color: str) -> str:
    return " ".join(f"{int(color[place : place + 2], 16) / 255:.3f}" for place in (1, 3, 5))


def _pad_rows(bits: int, side: int) -> str:
    """Return the rows of a symbol, each filled up to whole bytes, in hexadecimal digits."""
    width = -(-side // 8) * 8
    rows = f"{bits:0{side * side}b}"
    padded = "".join(rows[start : start + side].ljust(width, "0") for start in range(0, side * side, side))
    return f"{int(padded, 2):0{width * side // 4}X}"


def _round_rectangle(x: float, y: float, width: float, height: float, radius: float) -> str:
    right, top, bend = x + width, y + height, radius * (1 - _ROUND)
    return (
        f"{x + radius:.2f} {y:.2f} m {right - radius:.2f} {y:.2f} l "
        f"{right - bend:.2f} {y:.2f} {right:.2f} {y + bend:.2f} {right:.2f} {y + radius:.2f} c "
        f"{right:.2f} {top - radius:.2f} l "
        f"{right:.2f} {top - bend:.2f} {right - bend:.2f} {top:.2f} {right - radius:.2f} {top:.2f} c "
        f"{x + radius:.2f} {top:.2f} l "
        f"{x + bend:.2f} {top:.2f} {x:.2f} {top - bend:.2f} {x:.2f} {top - radius:.2f} c "
        f"{x:.2f} {y + radius:.2f} l "
        f"{x:.2f} {y + bend:.2f} {x + bend:.2f} {y:.2f} {x + radius:.2f} {y:.2f} c h"
    )
