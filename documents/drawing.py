"""Compiles elements: what each draws, and which values it looks at."""

from collections.abc import Callable, Iterator
from typing import Any

from documents.cards import compile_cards
from documents.code_symbols import compile_code128, compile_qr
from documents.ean_codes import compile_ean13
from documents.ink import Ink
from documents.offer_elements import ProductCards
from documents.patterns import list_keys
from documents.remembering import remember
from documents.setting import Draw, Setting, Values, guard, list_conditions
from documents.shapes import compile_box, compile_image, compile_line, compile_path, compile_picture, make_frame
from documents.tables import compile_table
from documents.templates import (
    AnyElement,
    Box,
    Code128,
    Ean13,
    Group,
    Image,
    InsertList,
    Line,
    PageNumber,
    Path,
    Picture,
    Qr,
    Table,
    Text,
    TextBox,
    VerticalBox,
)
from documents.texts import compile_text, compile_text_box
from documents.units import MM
from documents.vertical_boxes import compile_vertical_box


def compile_element(element: AnyElement, setting: Setting) -> Draw:
    """Return what draws an element; its own x is part of the setting, its y is given when it is drawn."""
    draw = guard(element, _COMPILERS[type(element)](element, setting))
    if setting.watch is not None:
        return setting.watch.draw(element, setting, draw)
    if isinstance(element, Qr) or has_rows(element):
        return draw
    return remember(draw, tuple(sorted(set(list_values(element)))))


def list_values(element: AnyElement) -> Iterator[str]:
    """Give the keys of all values that an element looks at."""
    yield from list_conditions(element)
    if isinstance(element, Group):
        for child in element.elements:
            yield from list_values(child)
    elif isinstance(element, Table | InsertList | ProductCards | Image):
        yield element.slot
    elif isinstance(element, Qr):
        yield from list_keys(element.text or "{copy_url}")
    else:
        yield from list_keys(getattr(element, "text", ""))


def list_patterns(element: AnyElement) -> Iterator[str]:
    """Give every text of an element in which fields are filled."""
    if isinstance(element, Group):
        for child in element.elements:
            yield from list_patterns(child)
    elif isinstance(element, Table):
        for column in element.columns:
            yield from (column.text, column.note)
    elif text := getattr(element, "text", ""):
        yield text


def has_rows(element: AnyElement) -> bool:
    """Say whether it shows a table."""
    if isinstance(element, Group):
        return any(has_rows(child) for child in element.elements)
    return isinstance(element, Table | InsertList | ProductCards)


def _compile_group(group: Group, setting: Setting) -> Draw:
    padding, stack = group.padding * MM, group.stack
    children = [
        (compile_element(child, setting.moved(padding + child.x * MM)), child.y * MM) for child in group.elements
    ]
    has_frame = bool(group.fill or group.stroke)

    def draw(values: Values, ink: Ink, y: float) -> float | None:
        beginning = len(ink.parts)
        start = cursor = deepest = y + padding
        shown = False
        for draw_child, gap in children:
            top = (cursor if stack else start) + gap
            height = draw_child(values, ink, top)
            if height is None:
                continue
            shown = True
            cursor = top + height
            if cursor > deepest:
                deepest = cursor
        if not shown:
            return None
        height = deepest + padding - y
        if has_frame:
            ink.parts.insert(beginning, make_frame(group, setting, y, height))
        return height

    return draw


_COMPILERS: dict[type, Callable[[Any, Setting], Draw]] = {
    Text: compile_text,
    PageNumber: compile_text,
    TextBox: compile_text_box,
    VerticalBox: compile_vertical_box,
    Image: compile_image,
    Picture: compile_picture,
    Line: compile_line,
    Box: compile_box,
    Path: compile_path,
    Qr: compile_qr,
    Code128: compile_code128,
    Ean13: compile_ean13,
    ProductCards: compile_cards,
    Group: _compile_group,
    Table: compile_table,
    InsertList: compile_table,
}
