"""Vertical text boxes, compiled: columns from right to left, in Identity-V fonts so that text can be copied."""

from collections.abc import Iterable, Sequence

from documents.columns import Column, Stand, Unit, measure_units, set_columns, split_ruby, write_in_kanji
from documents.errors import DocumentError, Refusal
from documents.font_files import VERTICAL
from documents.ink import Ink, escape
from documents.leftward import order_clusters
from documents.patterns import blame, compile_pattern
from documents.setting import Draw, Setting, Values
from documents.shaping import Cluster, UndrawableError, measure_clusters
from documents.showing import Matrix, Pen, call_font, show_rest, write_matrix
from documents.templates import VerticalBox
from documents.texts import name_character
from documents.typesetting import TypeStyle, write_color
from documents.units import MM

_TOLERANCE = 0.01
_STEP = 0.25
_SHARES = {"right": 0.0, "center": 0.5, "left": 1.0}
# Baseline of figures that stand side by side, below the top of their em; of turned letters, left of the middle.
_FIGURES, _TURNED = 0.86, 0.38
# Middle of a reading right of the middle of its letters.
_READING = 0.5 + 0.29


def compile_vertical_box(element: VerticalBox, setting: Setting) -> Draw:
    """Columns broken to the height: refused when they need more than the width, or shrunk to the element's floor."""
    fill = compile_pattern(element.text)
    style = setting.styles[element.style]
    right, top = setting.left + element.width * MM, setting.top

    def draw(values: Values, ink: Ink, y: float) -> float | None:
        text = fill(values)
        if text is None:
            return None
        if element.figures == "kanji":
            text = write_in_kanji(text)
        try:
            fitting, columns = _fit(element, values, text, style)
        except UndrawableError as error:
            raise name_character(error, element.text, values) from None
        spare = element.width * MM - measure_columns(columns, fitting, element.paragraph_gap * MM)
        start = right - max(spare, 0.0) * _SHARES[element.horizontal]
        if element.rule:
            ink.parts.append(_draw_rules(element, fitting, right, top - y))
        write_columns(ink, columns, fitting, start, top - y, element.paragraph_gap * MM)
        return element.height * MM

    return draw


def _draw_rules(element: VerticalBox, style: TypeStyle, right: float, top: float) -> bytes:
    """Return the lines right and left of every column for which the box has room."""
    pitch = style.leading
    first = right + (pitch - style.size) / 2
    count = int((element.width * MM - style.size) / pitch + _TOLERANCE) + 1
    places = [first - pitch * number for number in range(count + 1)]
    bottom = top - element.height * MM
    lines = " ".join(f"{x:.2f} {top:.2f} m {x:.2f} {bottom:.2f} l" for x in places)
    return f"{write_color(element.rule or '')} RG {element.weight:g} w {lines} S".encode()


def _fit(element: VerticalBox, values: Values, text: str, style: TypeStyle) -> tuple[TypeStyle, list[Column]]:
    width = element.width * MM + _TOLERANCE
    smallest = element.floor if element.overflow == "shrink" else style.size
    while True:
        last = style.size - _STEP < smallest
        try:
            columns = set_columns(text, style, element.height * MM)
            if measure_columns(columns, style, element.paragraph_gap * MM) <= width:
                return style, columns
        except UndrawableError as error:
            if last or error.code is not Refusal.TOO_LONG:
                raise
        if last:
            note = f"{element.width:g} × {element.height:g} mm"
            raise DocumentError(Refusal.TOO_LONG, blame(element.text, values), note=note)
        style = style.resized(style.size - _STEP)


def measure_columns(columns: Sequence[Column], style: TypeStyle, gap: float) -> float:
    """Return the width of columns in points: the first and the last need no more than their letters."""
    pitch = (len(columns) - 1) * style.leading + style.size if columns else 0.0
    return pitch + sum(column.begins for column in columns) * gap


def write_columns(
    ink: Ink, columns: Sequence[Column], style: TypeStyle, right: float, top: float, gap: float = 0.0
) -> None:
    """Write columns from `right` to the left, their tops at the height `top`."""
    middle = right - style.size / 2
    writer = _Writer(ink, style)
    for number, column in enumerate(columns):
        if number:
            middle -= style.leading + (gap if column.begins else 0.0)
        writer.write(column.units, middle, top - column.indent, style.size, column.tracking, cut=1 + number % 2)
        writer.write_readings()
    writer.finish()


class _Writer:
    """Writes units downwards: upright and turned letters in runs, others each at their place."""

    def __init__(self, ink: Ink, style: TypeStyle) -> None:
        self._ink, self._style = ink, style
        self._own = style.face.font
        self._parts: list[bytes] = []
        self._run: list[bytes] = []
        self._codes = b""
        self._turned: list[Cluster] = []
        self._head = b""
        self._matrix: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
        self._font = -1
        self._readings: list[tuple[tuple[Unit, ...], float, float]] = []

    def write(self, units: Iterable[Unit], middle: float, y: float, size: float, tracking: float, cut: int = 0) -> None:
        """`y` is the height at which the units begin; `tracking` in points after each.

        A text is cut after `cut` letters: some readers take texts that begin at one height for words of one line, and
        would copy columns from left to right.
        """
        for number, unit in enumerate(units):
            if unit.stand is Stand.UPRIGHT:
                self._flush_turned(size, tracking)
                self._add_upright(unit, middle, y, size, tracking)
                if number == cut - 1:
                    self._flush()
            elif unit.stand is Stand.TURNED:
                self._flush()
                if not self._turned:
                    self._matrix = (0.0, -1.0, 1.0, 0.0, middle - _TURNED * size, y)
                self._turned.extend(unit.letters)
            else:
                self._flush()
                self._flush_turned(size, tracking)
                self._write_other(unit, middle, y, size, tracking)
            y -= unit.cluster.advance * size / 1000 + tracking
        self._flush()
        self._flush_turned(size, tracking)

    def write_readings(self) -> None:
        """Write the ruby of what was written, each right of its letters."""
        for units, middle, y in self._readings:
            self.write(units, middle, y, self._style.size / 2, 0.0)
        self._readings.clear()

    def finish(self) -> None:
        if self._parts:
            opening = self._style.opening + b" 0 Tc"
            self._ink.parts.append(b" ".join((opening, *self._parts, b"ET")))

    def _show_beside(self, letters: tuple[Cluster, ...], matrix: Matrix, size: float, tracking: float) -> None:
        """Show letters of horizontal fonts."""
        pen = Pen(self._own, size, tracking)
        pen.show(order_clusters(letters))
        shown = pen.finish()
        rest, codes = show_rest(shown, self._own, size, matrix)
        self._ink.codes.extend(shown.codes + codes)
        spacing = (b"%.3f Tc " % tracking, b" 0 Tc") if tracking else (b"", b"")
        content = shown.content.join(spacing)
        self._parts.append(b" ".join((call_font(self._own, size), write_matrix(matrix), content, rest)))

    def _flush_turned(self, size: float, tracking: float) -> None:
        if self._turned:
            self._show_beside(tuple(self._turned), self._matrix, size, tracking)
            self._turned.clear()

    def _add_upright(self, unit: Unit, middle: float, y: float, size: float, tracking: float) -> None:
        cluster = unit.cluster
        if cluster.told or cluster.font + VERTICAL != self._font:
            self._flush()
        if not self._run:
            self._font = cluster.font + VERTICAL
            self._head = call_font(self._font, size) + b" 1 0 0 1 %.2f %.2f Tm" % (middle, y)
        self._run.append(b"(%b)" % escape(cluster.data))
        self._codes += cluster.data
        if tracking:
            self._run.append(b"%.1f" % (tracking * 1000 / size))
        if cluster.told:
            text = cluster.text.encode("utf-16-be").hex().upper().encode()
            self._head = b"/Span <</ActualText <FEFF%b>>> BDC " % text + self._head
            self._flush(b" EMC")

    def _flush(self, ending: bytes = b"") -> None:
        if self._run:
            self._parts.append(b"%b [%b] TJ%b" % (self._head, b"".join(self._run).replace(b")(", b""), ending))
            self._ink.codes.append((self._font, self._codes))
            self._run.clear()
            self._codes = b""

    def _write_other(self, unit: Unit, middle: float, y: float, size: float, tracking: float) -> None:
        if unit.stand is Stand.RUBY:
            self._write_ruby(unit, middle, y, size, tracking)
            return
        width = measure_clusters(unit.letters)
        narrow = min(1.0, 1000 / width) if width else 1.0
        left = middle - width * narrow * size / 2000
        self._show_beside(unit.letters, (narrow, 0.0, 0.0, 1.0, left, y - _FIGURES * size), size, 0.0)

    def _write_ruby(self, unit: Unit, middle: float, y: float, size: float, tracking: float) -> None:
        base, ruby = split_ruby(unit)
        length = unit.cluster.advance * size / 1000 + tracking * (len(base) - 1)
        step = (unit.cluster.advance - measure_units(base)) * size / 1000 / len(base)
        self.write(base, middle, y - step / 2, size, step)
        reading = measure_units(ruby) * size / 2000
        self._readings.append((ruby, middle + _READING * size, y - (length - reading) / 2))
