"""The flow: elements cut into strips that cannot be parted, and strips set onto pages. Points."""

from collections.abc import Callable
from typing import NamedTuple

from documents.cards import CardMaker
from documents.drawing import compile_element
from documents.errors import DocumentError, Refusal
from documents.ink import Fragment, Ink
from documents.offer_elements import ProductCards
from documents.patterns import blame, compile_pattern
from documents.setting import Setting, Values, list_conditions
from documents.tables import RowMaker, TableRow
from documents.templates import AnyElement, Flow, Group, InsertList, Table, TextBox
from documents.texts import name_character
from documents.typefaces import UndrawableError
from documents.typesetting import set_lines, write_lines
from documents.units import MM

_TOLERANCE = 0.05
_MOST_KNOWN = 4096


class Strip(NamedTuple):
    """`gap` is dropped at the top of a page; `sticks` to the strip before; `header` comes along onto a new page.
    `element` is what it shows, or a part of it.
    """

    x: float
    gap: float
    height: float
    content: Fragment | Ink
    sticks: bool
    header: TableRow | None
    element: AnyElement


# Distance of a content's top left from that of the page, right and down, and the content.
Placement = tuple[float, float, Fragment | Ink]
Cut = Callable[[Values], list[Strip]]


class CompiledFlow:
    """Cuts the values of a copy into strips."""

    def __init__(self, flow: Flow, setting: Setting) -> None:
        self._flow = flow
        self._elements = [
            (element, list_conditions(element), _watch_cut(element, setting)) for element in flow.elements
        ]

    def set(self, values: Values) -> list[tuple[Placement, ...]]:
        """Return what stands on each page; refuses a strip taller than a page."""
        cuts = self._cut(values)
        whole = _set_on_one(self._flow, cuts)
        if whole is not None:
            return [whole]
        return paginate(self._flow, _bind(cuts))

    def cut(self, values: Values) -> list[Strip]:
        """Return the strips of all shown elements in order."""
        return _bind(self._cut(values))

    def _cut(self, values: Values) -> list[tuple[AnyElement, list[Strip]]]:
        cuts = []
        for element, conditions, cut in self._elements:
            for key in conditions:
                if values.get(key) is None:
                    break
            else:
                strips = cut(values)
                if strips:
                    cuts.append((element, strips))
        return cuts


def _set_on_one(flow: Flow, cuts: list[tuple[AnyElement, list[Strip]]]) -> tuple[Placement, ...] | None:
    """Return what stands on the first page if everything does: what sticks to what does not matter then."""
    placements: list[Placement] = []
    cursor = flow.first.top * MM
    for _, strips in cuts:
        for x, gap, height, content, _, _, _ in strips:
            if placements:
                cursor += gap
            placements.append((x, cursor, content))
            cursor += height
    return None if cursor > flow.first.bottom * MM + _TOLERANCE else tuple(placements)


def _bind(cuts: list[tuple[AnyElement, list[Strip]]]) -> list[Strip]:
    """Return the strips in order, each sticking to the one before it where its element says so."""
    strips: list[Strip] = []
    sticks = False
    for element, cut in cuts:
        new = list(cut)
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


def _watch_cut(element: AnyElement, setting: Setting) -> Cut:
    cut = _compile_cut(element, setting)
    return cut if setting.watch is None else setting.watch.cut(element, cut)


def _compile_cut(element: AnyElement, setting: Setting) -> Cut:
    if isinstance(element, Table | InsertList):
        return _compile_rows(element, RowMaker(element, setting))
    if isinstance(element, ProductCards):
        return _compile_rows(element, CardMaker(element, setting))
    if isinstance(element, TextBox) and element.overflow == "continue":
        return _compile_text(element, setting)
    draw = compile_element(element, setting)
    x, gap = element.x * MM, element.y * MM

    def cut(values: Values) -> list[Strip]:
        ink = Ink()
        height = draw(values, ink, 0.0)
        if height is None:
            return []
        return [Strip(x, gap, height, ink, False, None, element)]

    return cut


def _name_field(element: AnyElement) -> str:
    """Return the slot that makes an element as tall as it is."""
    if element.show_if_slot:
        return element.show_if_slot
    if isinstance(element, Group):
        return _name_field(element.elements[-1])
    pattern = getattr(element, "text", None)
    return blame(pattern, {}) if pattern else str(getattr(element, "slot", element.type))


def _compile_rows(element: AnyElement, maker: RowMaker | CardMaker) -> Cut:
    x, first_gap, header = element.x * MM, element.y * MM, maker.header
    head = None if header is None else Strip(x, first_gap, header.height, header.fragment, False, None, element)
    # Rows return from copy to copy, and with them their strips.
    known: dict[int, Strip] = {}
    known_first: dict[int, Strip] = {}

    def make_strip(row: TableRow, strips: dict[int, Strip]) -> Strip:
        if len(strips) >= _MOST_KNOWN:
            strips.clear()
        is_first = strips is known_first
        gap, sticks = (first_gap if is_first and head is None else 0.0), is_first and head is not None
        strip = strips[id(row)] = Strip(x, gap, row.height, row.fragment, sticks, header, element)
        return strip

    def cut(values: Values) -> list[Strip]:
        strips: list[Strip] = []
        lookup = known_first
        for row in maker.make_rows(values):
            strip = lookup.get(id(row))
            if strip is None or strip.content is not row.fragment:
                strip = make_strip(row, lookup)
            strips.append(strip)
            lookup = known
        if strips and head is not None:
            strips.insert(0, head)
        return strips

    return cut


def _compile_text(element: TextBox, setting: Setting) -> Cut:
    fill = compile_pattern(element.text)
    style = setting.styles[element.style]
    x, first_gap, paragraph_gap = element.x * MM, element.y * MM, element.paragraph_gap * MM

    def cut(values: Values) -> list[Strip]:
        text = fill(values)
        if text is None:
            return []
        strips = []
        try:
            lines = set_lines(text, style, element.width * MM)
            for number, line in enumerate(lines):
                ink = Ink()
                write_lines(ink, (line._replace(begins=False),), style, 0.0, 0.0)
                # No first or last line of a text alone on a page.
                sticks = number in (1, len(lines) - 1) and number > 0
                gap = first_gap if number == 0 else paragraph_gap * line.begins
                strips.append(Strip(x, gap, style.leading, ink, sticks, None, element))
        except UndrawableError as error:
            raise name_character(error, element.text, values) from None
        return strips

    return cut


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
            self.placements.append((strip.x, self.cursor, header.fragment))
        self.placements.append((strip.x, top, strip.content))
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
            note = f"{strips[index].height / MM:.0f} mm"
            raise DocumentError(Refusal.TOO_LONG, _name_field(strips[index].element), note=note)
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
