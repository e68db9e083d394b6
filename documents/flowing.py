"""The flow: elements cut into strips that cannot be parted, and strips set onto pages. Points."""

from collections.abc import Iterator
from typing import NamedTuple

from documents.characters import describe_character
from documents.context import Context
from documents.drawing import draw_element
from documents.errors import DocumentError, Refusal
from documents.marks import MM, Mark, Placement
from documents.tables import TableRow, list_table, make_header, make_rows
from documents.templates import AnyElement, Flow, Group, InsertList, Table, TextBox
from documents.typefaces import UndrawableError
from documents.typesetting import mark_lines, set_lines

_TOLERANCE = 0.05


class Strip(NamedTuple):
    """`gap` is dropped at the top of a page; `sticks` to the strip before; `header` comes along onto a new page."""

    x: float
    gap: float
    height: float
    marks: tuple[Mark, ...]
    sticks: bool
    header: TableRow | None
    field: str


def cut_strips(flow: Flow, context: Context) -> list[Strip]:
    """Return the strips of all shown elements in order."""
    strips: list[Strip] = []
    sticks = False
    for element in flow.elements:
        if not context.shows(element):
            continue
        new = list(_cut_element(element, context))
        if not new:
            continue
        if element.keep_with_previous and strips:
            # Totals never stand alone: the last row comes with them, and the one before it stays with the last.
            if strips[-1].header is not None and len(strips) > 1:
                strips[-1] = strips[-1]._replace(sticks=strips[-1].sticks or strips[-2].header is not None)
            new[0] = new[0]._replace(sticks=True)
        if sticks:
            new[0] = new[0]._replace(sticks=True)
        strips.extend(new)
        sticks = element.keep_with_next
    return strips


def _cut_element(element: AnyElement, context: Context) -> Iterator[Strip]:
    if isinstance(element, Table | InsertList):
        yield from _cut_table(list_table(element), element, context)
    elif isinstance(element, TextBox) and element.overflow == "continue":
        yield from _cut_text(element, context)
    else:
        marks: list[Mark] = []
        height = draw_element(element, context, 0.0, 0.0, marks)
        if height is not None:
            field = _name_field(element, context)
            yield Strip(element.x * MM, element.y * MM, height, tuple(marks), False, None, field)


def _name_field(element: AnyElement, context: Context) -> str:
    """Return the slot that makes an element as tall as it is."""
    if element.show_if_slot:
        return element.show_if_slot
    if isinstance(element, Group):
        return _name_field(element.elements[-1], context)
    pattern = getattr(element, "text", None)
    return context.blame(pattern) if pattern else str(getattr(element, "slot", element.type))


def _cut_table(table: Table, element: AnyElement, context: Context) -> Iterator[Strip]:
    header = make_header(table, context)
    for number, row in enumerate(make_rows(table, context)):
        gap = element.y * MM if number == 0 else 0.0
        if number == 0 and header is not None:
            yield Strip(element.x * MM, gap, header.height, header.marks, False, None, table.slot)
            gap = 0.0
        sticks = number == 0 and header is not None
        yield Strip(element.x * MM, gap, row.height, row.marks, sticks, header, table.slot)


def _cut_text(element: TextBox, context: Context) -> Iterator[Strip]:
    text = context.fill(element.text)
    if text is None:
        return
    style = context.styles[element.style]
    try:
        lines = set_lines(text, style, element.width * MM)
    except UndrawableError as error:
        field = context.blame(element.text, error.character)
        raise DocumentError(error.code, field, character=describe_character(error.character)) from None
    for number, line in enumerate(lines):
        marks: list[Mark] = []
        mark_lines((line._replace(begins=False),), style, 0.0, 0.0, marks)
        # No first or last line of a text alone on a page.
        sticks = number in (1, len(lines) - 1) and number > 0
        gap = (element.y if number == 0 else element.paragraph_gap * line.begins) * MM
        yield Strip(element.x * MM, gap, style.leading, tuple(marks), sticks, None, context.blame(element.text))


class _Sheet:
    """One page being filled. `ends[n]` is the number of placements once its n-th strip is set."""

    def __init__(self, flow: Flow, number: int) -> None:
        frame = flow.later if number else flow.first
        self.is_later = number > 0
        self.cursor = frame.top * MM
        self.bottom = frame.bottom * MM
        self.placements: list[Placement] = []
        self.ends: list[int] = []

    def try_strip(self, strip: Strip) -> bool:
        """Set the strip if there is room for it."""
        at_top = not self.ends
        header = strip.header if at_top and self.is_later else None
        top = self.cursor + (0.0 if at_top else strip.gap) + (header.height if header else 0.0)
        if top + strip.height > self.bottom + _TOLERANCE:
            return False
        if header:
            self.placements.append(Placement(strip.x, self.cursor, header.marks))
        self.placements.append(Placement(strip.x, top, strip.marks))
        self.ends.append(len(self.placements))
        self.cursor = top + strip.height
        return True


def paginate(flow: Flow, strips: list[Strip]) -> list[tuple[Placement, ...]]:
    """Set the strips onto as many pages as they need; refuses a strip taller than a page."""
    pages: list[tuple[Placement, ...]] = []
    sheet, first, index = _Sheet(flow, 0), 0, 0
    while index < len(strips):
        if sheet.try_strip(strips[index]):
            index += 1
            continue
        if not sheet.ends:
            raise DocumentError(Refusal.TOO_LONG, strips[index].field, note=f"{strips[index].height / MM:.0f} mm")
        index = _find_break(strips, first, index)
        pages.append(tuple(sheet.placements[: sheet.ends[index - first - 1]]))
        sheet, first = _Sheet(flow, len(pages)), index
    return [*pages, tuple(sheet.placements)]


def _find_break(strips: list[Strip], first: int, index: int) -> int:
    """Return the strip that begins the next page, moved back over strips that stick unless the whole page does."""
    position = index
    while position > first and strips[position].sticks:
        position -= 1
    return position if position > first else index
