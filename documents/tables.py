"""Tables and insert lists, compiled: the header and each row as content drawn for height zero.

Rows return in a wave as the products do: each is drawn once and used again.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from documents.characters import describe_character
from documents.errors import DocumentError, Refusal
from documents.ink import Fragment, Ink
from documents.patterns import Fill, compile_pattern
from documents.setting import Draw, Setting, Values
from documents.shapes import paint_outline, round_rectangle
from documents.single_lines import compile_line
from documents.slots import Slot
from documents.templates import Column, InsertList, SlotType, Table
from documents.typefaces import UndrawableError
from documents.typesetting import SetLine, TypeStyle, set_lines, write_color, write_lines
from documents.units import MM
from documents.values import Row

_MARK_COLUMN = 4.0
_MOST_ROWS = 4096
_WRITTEN = frozenset({SlotType.TEXT, SlotType.PARAGRAPHS})
DrawCell = Callable[[Row, Ink], float]


class TableRow(NamedTuple):
    """`fragment` is drawn from the left of the table and the top of the row; heights in points."""

    height: float
    fragment: Fragment


@lru_cache(maxsize=1024)
def list_table(element: Table | InsertList) -> Table:
    """Return an insert list as the table it is: mark, name with the quantity when above one, note."""
    if isinstance(element, Table):
        return element
    mark = _MARK_COLUMN if element.mark != "none" else 0.0
    columns = (
        Column(field="name", width=_MARK_COLUMN, mark=element.mark),
        Column(field="name", width=element.width - mark, text="{name}{quantity?　× }", note="{note}"),
    )
    return Table(
        type="table",
        width=element.width,
        slot=element.slot,
        columns=columns if mark else columns[1:],
        style=element.style,
        note_style=element.note_style,
        padding=element.padding,
        gutter=0,
        hide_single_quantity=True,
    )


class RowMaker:
    """Draws the header and the rows of one table."""

    def __init__(self, element: Table | InsertList, setting: Setting) -> None:
        self.table = list_table(element)
        self._styles = setting.styles
        slot = setting.slots[self.table.slot]
        self._cells = [self._compile_cell(column, left, slot) for column, left in _list_columns(self.table)]
        # Equal rows are read as one and the same: they are known by what they are, not by what they say.
        self._known: dict[int, tuple[Row, TableRow]] = {}
        self.header = self._make_header()

    def make_rows(self, values: Values) -> Iterator[TableRow]:
        """Give the rows of the table's slot in order."""
        for number, row in enumerate(values.get(self.table.slot) or (), 1):
            known = self._known.get(id(row))
            if known is None or known[0] is not row:
                if len(self._known) >= _MOST_ROWS:
                    self._known.clear()
                known = self._known[id(row)] = row, self._make_row(row, f"{self.table.slot}[{number}]")
            yield known[1]

    def _make_header(self) -> TableRow | None:
        table = self.table
        if not any(column.label for column in table.columns):
            return None
        style = self._styles[table.header_style or table.style]
        height = style.leading + 2 * table.padding * MM
        ink = Ink()
        if table.header_fill:
            outline = f"0 {-height:.2f} {table.width * MM:.2f} {height:.2f} re"
            ink.parts.append(paint_outline(outline, table.header_fill, None, table.weight))
        for column, left in _list_columns(table):
            aligned = style.aligned(column.align)
            lines = set_lines(column.label, aligned, column.width * MM)
            if len(lines) > 1:
                raise DocumentError(Refusal.TOO_LONG, column.label, note=f"{column.width:g} mm")
            write_lines(ink, lines, aligned, left, -table.padding * MM)
        if table.header_rule:
            ink.parts.append(_draw_rule(table.header_rule, table.weight, table.width, height))
        return TableRow(height, ink.cut())

    def _make_row(self, row: Row, place: str) -> TableRow:
        table, shown = self.table, row
        if table.hide_single_quantity and row.get("quantity") == "1":
            shown = {**row, "quantity": None}
        ink = Ink()
        try:
            deepest = max(draw(shown, ink) for draw in self._cells)
        except UndrawableError as error:
            field = f"{place}.{find_field(row, error.character)}"
            raise DocumentError(error.code, field, character=describe_character(error.character)) from None
        except DocumentError as error:
            raise DocumentError(Refusal(error.code), f"{place}.{error.field}", note=error.note) from None
        height = deepest + 2 * table.padding * MM
        if table.row_rule:
            ink.parts.append(_draw_rule(table.row_rule, table.weight, table.width, height))
        return TableRow(height, ink.cut())

    def _compile_cell(self, column: Column, left: float, slot: Slot) -> DrawCell:
        """Return what draws the text of a cell and its note, and returns their depth below the padding."""
        table, width, top = self.table, column.width * MM, -self.table.padding * MM
        style = self._styles[column.style or table.style]
        if column.mark != "none":
            mark = _draw_mark(column.mark, style, left, top)

            def draw_mark(_row: Row, ink: Ink) -> float:
                ink.parts.append(mark)
                return style.leading

            return draw_mark
        note_style = self._styles[table.note_style or table.style]
        written = [(compile_pattern(column.text or f"{{{column.field}}}"), style)]
        if column.note:
            written.append((compile_pattern(column.note), note_style))
        may_break = slot.fields[column.field] in _WRITTEN
        texts = [_compile_text(fill, set_in.aligned(column.align), left, top, width) for fill, set_in in written]

        def draw(row: Row, ink: Ink) -> float:
            depth = 0.0
            for leading, draw_text in texts:
                lines = draw_text(row, ink, depth)
                if lines > 1 and not may_break:
                    raise DocumentError(Refusal.TOO_LONG, column.field, note=f"{column.width:g} mm")
                depth += lines * leading
            return depth

        return draw


def _compile_text(
    fill: Fill, style: TypeStyle, left: float, top: float, width: float
) -> tuple[float, Callable[[Row, Ink, float], int]]:
    """Return the height of a line, and what draws the text of a row so far below the top and tells its lines."""
    write, set_text = compile_line(style, left, top, width), _set_once(style, width)

    def draw(row: Row, ink: Ink, depth: float) -> int:
        text = fill(row)
        if not text:
            return 0
        if write(text, ink, depth):
            return 1
        lines = set_text(text)
        write_lines(ink, lines, style, left, top - depth)
        return len(lines)

    return style.leading, draw


def compile_table(element: Table | InsertList, setting: Setting) -> Draw:
    """All rows in one piece; in the flow, tables are set row by row instead."""
    maker = RowMaker(element, setting)

    def draw(values: Values, ink: Ink, y: float) -> float | None:
        rows = list(maker.make_rows(values))
        if not rows:
            return None
        top = y
        for row in [maker.header, *rows] if maker.header else rows:
            ink.place(row.fragment, setting.left, setting.top - top)
            top += row.height
        return top - y

    return draw


def _set_once(style: TypeStyle, width: float) -> Callable[[str], list[SetLine]]:
    """Rows differ in their figures; most of their longer texts return."""
    return lru_cache(maxsize=_MOST_ROWS)(lambda text: set_lines(text, style, width))


@lru_cache(maxsize=1024)
def _draw_rule(color: str, weight: float, width: float, y: float) -> bytes:
    """`width` in millimetres, `y` below the top in points."""
    return f"{write_color(color)} RG {weight:g} w 0 {-y:.2f} m {width * MM:.2f} {-y:.2f} l S".encode()


def _draw_mark(kind: str, style: TypeStyle, x: float, y: float) -> bytes:
    middle = y - style.leading / 2
    if kind == "dot":
        radius = style.size * 0.12
        outline = round_rectangle(x + 1, middle - radius, 2 * radius, 2 * radius, radius)
        return paint_outline(outline, style.color, None, 0.3)
    side = style.size
    return paint_outline(round_rectangle(x, middle - side / 2, side, side, 0.6), None, style.color, 0.6)


def _list_columns(table: Table) -> Iterator[tuple[Column, float]]:
    left = table.inset
    for column in table.columns:
        yield column, left * MM
        left += column.width + table.gutter


def find_field(row: Row, character: str) -> str:
    return next((name for name, value in row.items() if isinstance(value, str) and character in value), "?")
