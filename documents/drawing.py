"""Draws one element: checks that its value fits, and adds its marks. Functions return the height used in points."""

import re
from collections.abc import Callable
from typing import Any

from documents.bar_codes import QUIET_MODULES as BAR_QUIET
from documents.bar_codes import encode_code128
from documents.characters import describe_character
from documents.context import Context
from documents.errors import DocumentError, Refusal
from documents.marks import MM, BarsMark, ImageMark, LineMark, Mark, PathMark, QrMark, RectMark
from documents.matrix_codes import QUIET_MODULES as QR_QUIET
from documents.matrix_codes import encode_qr
from documents.pictures import PictureError, read_picture
from documents.tables import draw_rows, list_table
from documents.templates import (
    AnyElement,
    Box,
    Code128,
    Group,
    Image,
    InsertList,
    Line,
    PageNumber,
    Path,
    Qr,
    Table,
    Text,
    TextBox,
)
from documents.typefaces import UndrawableError
from documents.typesetting import TypeStyle, mark_line, mark_lines, measure_lines, set_lines

_TOLERANCE = 0.01
_STEP = 0.25
# A dot of a 203 dpi label printer, and the smallest modules that its readers take, in millimetres.
_DOT = 0.125
_SMALLEST_QR_MODULE = 0.25
_SMALLEST_BAR = 0.25
_PATH_STEP = re.compile(r"([MLCZ])([^MLCZ]*)")


def draw_element(element: AnyElement, context: Context, x: float, y: float, out: list[Mark]) -> float | None:
    """Draw at (x, y), the element's own x included by the caller. Returns None when the element is not shown."""
    if not context.shows(element):
        return None
    try:
        return _DRAWERS[type(element)](element, context, x, y, out)
    except UndrawableError as error:
        field = context.blame(getattr(element, "text", type(element).__name__), error.character)
        raise DocumentError(error.code, field, character=describe_character(error.character)) from None


def _draw_text(element: Text | PageNumber, context: Context, x: float, y: float, out: list[Mark]) -> float | None:
    text = context.fill(element.text)
    if text is None:
        return None
    if "\n" in text:
        raise DocumentError(Refusal.LINE_BREAK, context.blame(element.text, "\n"))
    text = text.strip(" \u3000")
    style = context.styles[element.style]
    leading, width = style.leading, element.width * MM
    needed = style.measure(text)
    if needed > width + _TOLERANCE:
        size = style.size * width / needed
        if isinstance(element, PageNumber) or element.overflow == "refuse" or size < element.floor:
            note = f"{needed / MM:.1f} > {element.width:g} mm"
            raise DocumentError(Refusal.TOO_LONG, context.blame(element.text), note=note)
        smaller = style.resized(size)
        y += style.baseline - smaller.baseline
        style = smaller
    mark_line(text, style, x, y, width, out)
    return leading


def _draw_text_box(element: TextBox, context: Context, x: float, y: float, out: list[Mark]) -> float | None:
    text = context.fill(element.text)
    if text is None:
        return None
    style = context.styles[element.style]
    gap = element.paragraph_gap * MM
    if element.height is not None:
        style = _fit_style(element, context, text, style)
    lines = set_lines(text, style, element.width * MM)
    used = measure_lines(lines, style, gap)
    height = used if element.height is None else element.height * MM
    top = y + (height - used) * {"top": 0.0, "middle": 0.5, "bottom": 1.0}[element.vertical]
    mark_lines(lines, style, x, top, out, paragraph_gap=gap)
    return height


def _fit_style(element: TextBox, context: Context, text: str, style: TypeStyle) -> TypeStyle:
    """Return the style in which the text fits the box; refuses when it does not or would be smaller than allowed."""
    width, height = element.width * MM, (element.height or 0.0) * MM + _TOLERANCE
    smallest = element.floor if element.overflow == "shrink" else style.size
    while measure_lines(set_lines(text, style, width), style, element.paragraph_gap * MM) > height:
        if style.size - _STEP < smallest:
            note = f"{element.width:g} × {element.height:g} mm"
            raise DocumentError(Refusal.TOO_LONG, context.blame(element.text), note=note)
        style = style.resized(style.size - _STEP)
    return style


def _draw_image(element: Image, context: Context, x: float, y: float, out: list[Mark]) -> float | None:
    data = context.values.get(element.slot)
    if data is None:
        return None
    try:
        picture = read_picture(data)
    except PictureError as error:
        raise DocumentError(Refusal.BROKEN_IMAGE, element.slot, note=str(error)) from None
    scale = min(element.width * MM / picture.width, element.height * MM / picture.height)
    width, height = picture.width * scale, picture.height * scale
    spare = element.width * MM - width
    left = x + spare * {"left": 0.0, "center": 0.5, "right": 1.0}[element.align]
    out.append(ImageMark(left, y + (element.height * MM - height) / 2, width, height, picture))
    return element.height * MM


def _draw_line(element: Line, _context: Context, x: float, y: float, out: list[Mark]) -> float:
    dash = (element.dash[0] * MM, element.dash[1] * MM) if element.dash else None
    out.append(LineMark(x, y, x + element.width * MM, y + element.height * MM, element.color, element.weight, dash))
    return element.height * MM


def _draw_box(element: Box, _context: Context, x: float, y: float, out: list[Mark]) -> float:
    width, height = element.width * MM, element.height * MM
    out.append(RectMark(x, y, width, height, element.fill, element.stroke, element.weight, element.radius * MM))
    return height


def _draw_path(element: Path, _context: Context, x: float, y: float, out: list[Mark]) -> float:
    steps = tuple(
        (operator, tuple(float(number) * MM for number in numbers.split()))
        for operator, numbers in _PATH_STEP.findall(element.commands)
    )
    out.append(PathMark(x, y, steps, element.fill, element.stroke, element.weight))
    return element.height * MM


def _draw_qr(element: Qr, context: Context, x: float, y: float, out: list[Mark]) -> float | None:
    if not context.url:
        return None
    try:
        symbol = encode_qr(context.url.encode())
    except ValueError as error:
        raise DocumentError(Refusal.CODE_TOO_LONG, "copy_url", note=str(error)) from None
    # Whole printer dots make every module equally wide.
    module = int(element.size / (symbol.side + 2 * QR_QUIET) / _DOT + 1e-9) * _DOT
    if module < _SMALLEST_QR_MODULE:
        raise DocumentError(Refusal.CODE_TOO_SMALL, "copy_url", note=f"{element.size:g} mm")
    side = module * symbol.side * MM
    inset = (element.size * MM - side) / 2
    out.append(QrMark(x + inset, y + inset, side, symbol))
    return element.size * MM


def _draw_code128(element: Code128, context: Context, x: float, y: float, out: list[Mark]) -> float | None:
    text = context.fill(element.text)
    if text is None:
        return None
    field = context.blame(element.text)
    try:
        widths = encode_code128(text)
    except ValueError as error:
        raise DocumentError(Refusal.CODE_TOO_LONG, field, note=str(error)) from None
    modules = sum(widths)
    module = int(element.width / (modules + 2 * BAR_QUIET) / _DOT + 1e-9) * _DOT
    if module < _SMALLEST_BAR:
        raise DocumentError(Refusal.CODE_TOO_SMALL, field, note=f"{element.width:g} mm")
    left = x + (element.width - modules * module) / 2 * MM
    out.append(BarsMark(left, y, module * MM, element.height * MM, widths))
    return element.height * MM


def _draw_group(element: Group, context: Context, x: float, y: float, out: list[Mark]) -> float | None:
    inside: list[Mark] = []
    padding = element.padding * MM
    cursor = deepest = y + padding
    shown = False
    for child in element.elements:
        top = (cursor if element.stack else y + padding) + child.y * MM
        height = draw_element(child, context, x + padding + child.x * MM, top, inside)
        if height is None:
            continue
        shown = True
        cursor = top + height
        deepest = max(deepest, cursor)
    if not shown:
        return None
    height = deepest + padding - y
    if element.fill or element.stroke:
        width, radius = element.width * MM, element.radius * MM
        out.append(RectMark(x, y, width, height, element.fill, element.stroke, element.weight, radius))
    out.extend(inside)
    return height


def _draw_table(element: Table | InsertList, context: Context, x: float, y: float, out: list[Mark]) -> float | None:
    """Draw all rows in one piece; in the flow, tables are drawn row by row instead."""
    return draw_rows(list_table(element), context, x, y, out)


_DRAWERS: dict[type, Callable[[Any, Context, float, float, list[Mark]], float | None]] = {
    Text: _draw_text,
    PageNumber: _draw_text,
    TextBox: _draw_text_box,
    Image: _draw_image,
    Line: _draw_line,
    Box: _draw_box,
    Path: _draw_path,
    Qr: _draw_qr,
    Code128: _draw_code128,
    Group: _draw_group,
    Table: _draw_table,
    InsertList: _draw_table,
}
