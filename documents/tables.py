"""Tables and insert lists: the header and each row as a strip of marks at height zero."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from documents.characters import describe_character
from documents.context import Context
from documents.errors import DocumentError, Refusal
from documents.formatting import fill_pattern
from documents.marks import MM, LineMark, Mark, RectMark
from documents.templates import Column, InsertList, Table
from documents.typefaces import UndrawableError
from documents.typesetting import TypeStyle, mark_lines, set_lines

_MARK_COLUMN = 4.0
_ALIGNED_STYLES: dict[tuple[TypeStyle, str], TypeStyle] = {}


class TableRow(NamedTuple):
    """`marks` are relative to the left of the table and the top of the row; heights in points."""

    height: float
    marks: tuple[Mark, ...]


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


def make_header(table: Table, context: Context) -> TableRow | None:
    """Return the header, or None for a table without labels."""
    if not any(column.label for column in table.columns):
        return None
    style = context.styles[table.header_style or table.style]
    height = style.leading + 2 * table.padding * MM
    marks: list[Mark] = []
    if table.header_fill:
        marks.append(RectMark(0, 0, table.width * MM, height, table.header_fill, None, table.weight, 0))
    for column, left in _list_columns(table):
        lines = set_lines(column.label, _align(style, column.align), column.width * MM)
        if len(lines) > 1:
            raise DocumentError(Refusal.TOO_LONG, column.label, note=f"{column.width:g} mm")
        mark_lines(lines, style, left, table.padding * MM, marks)
    if table.header_rule:
        marks.append(LineMark(0, height, table.width * MM, height, table.header_rule, table.weight, None))
    return TableRow(height, tuple(marks))


def make_rows(table: Table, context: Context) -> Iterator[TableRow]:
    """Give the rows of the table's slot in order."""
    for number, row in enumerate(context.values.get(table.slot, ()), 1):
        try:
            yield _make_row(table, context, _drop_single_quantity(row) if table.hide_single_quantity else row)
        except UndrawableError as error:
            field = f"{table.slot}[{number}].{_find_field(row, error.character)}"
            raise DocumentError(error.code, field, character=describe_character(error.character)) from None
        except DocumentError as error:
            raise DocumentError(Refusal(error.code), f"{table.slot}[{number}].{error.field}", note=error.note) from None


def draw_rows(table: Table, context: Context, x: float, y: float, out: list[Mark]) -> float | None:
    """Draw header and rows one below the other; return their height, or None without rows."""
    rows = list(make_rows(table, context))
    if not rows:
        return None
    header = make_header(table, context)
    top = y
    for row in [header, *rows] if header else rows:
        out.extend(_move(mark, x, top) for mark in row.marks)
        top += row.height
    return top - y


def _make_row(table: Table, context: Context, row: Mapping[str, Any]) -> TableRow:
    marks: list[Mark] = []
    deepest = 0.0
    for column, left in _list_columns(table):
        style = context.styles[column.style or table.style]
        if column.mark != "none":
            _draw_mark(column.mark, style, left, table.padding * MM, marks)
            depth = style.leading
        else:
            depth = _draw_cell(table, context, row, (column, left), marks)
        deepest = max(deepest, depth)
    height = deepest + 2 * table.padding * MM
    if table.row_rule:
        marks.append(LineMark(0, height, table.width * MM, height, table.row_rule, table.weight, None))
    return TableRow(height, tuple(marks))


def _draw_cell(
    table: Table, context: Context, row: Mapping[str, Any], place: tuple[Column, float], marks: list[Mark]
) -> float:
    """Draw the text of a cell and its note; return their depth below the padding."""
    column, left = place
    depth = 0.0
    for pattern, name in (
        (column.text or f"{{{column.field}}}", column.style or table.style),
        (column.note, table.note_style),
    ):
        text = fill_pattern(pattern, row, context.language) if pattern else None
        if not text:
            continue
        style = _align(context.styles[name or table.style], column.align)
        lines = set_lines(text, style, column.width * MM)
        if len(lines) > 1 and not isinstance(row.get(column.field), str):
            raise DocumentError(Refusal.TOO_LONG, column.field, note=f"{column.width:g} mm")
        mark_lines(lines, style, left, table.padding * MM + depth, marks)
        depth += len(lines) * style.leading
    return depth


def _drop_single_quantity(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in row.items() if name != "quantity" or value != 1}


def _draw_mark(kind: str, style: TypeStyle, x: float, y: float, marks: list[Mark]) -> None:
    middle = y + style.leading / 2
    if kind == "dot":
        radius = style.size * 0.12
        marks.append(RectMark(x + 1, middle - radius, 2 * radius, 2 * radius, style.color, None, 0.3, radius))
    else:
        side = style.size
        marks.append(RectMark(x, middle - side / 2, side, side, None, style.color, 0.6, 0.6))


def _list_columns(table: Table) -> Iterator[tuple[Column, float]]:
    left = table.inset
    for column in table.columns:
        yield column, left * MM
        left += column.width + table.gutter


def _align(style: TypeStyle, align: str) -> TypeStyle:
    aligned = _ALIGNED_STYLES.get((style, align))
    if aligned is None:
        aligned = TypeStyle(
            style.family, style.bold, style.size, style.leading_factor, style.color, align, style.tracking
        )
        _ALIGNED_STYLES[style, align] = aligned
    return aligned


def _find_field(row: Mapping[str, Any], character: str) -> str:
    return next((name for name, value in row.items() if isinstance(value, str) and character in value), "?")


def _move(mark: Mark, x: float, y: float) -> Mark:
    if isinstance(mark, LineMark):
        return mark._replace(x=mark.x + x, y=mark.y + y, to_x=mark.to_x + x, to_y=mark.to_y + y)
    return mark._replace(x=mark.x + x, y=mark.y + y)
