"""Texts of one line and boxes of lines, compiled."""

from documents.characters import describe_character
from documents.errors import DocumentError, Refusal
from documents.ink import Ink
from documents.patterns import blame, compile_pattern
from documents.setting import Draw, Setting, Values
from documents.single_lines import compile_line
from documents.templates import PageNumber, Text, TextBox
from documents.typefaces import UndrawableError
from documents.typesetting import SetLine, TypeStyle, measure_lines, set_lines, write_lines, write_text
from documents.units import MM

_TOLERANCE = 0.01
_STEP = 0.25
_SPACES = " \u3000"


def compile_text(element: Text | PageNumber, setting: Setting) -> Draw:
    """One line: refused when too wide, or shrunk to the element's floor."""
    fill = compile_pattern(element.text)
    style = setting.styles[element.style]
    write = compile_line(style, setting.left, setting.top, element.width * MM)
    write_otherwise, leading = _LineBox(element, style, setting).write, style.leading

    def draw(values: Values, ink: Ink, y: float) -> float | None:
        text = fill(values)
        if text is None:
            return None
        text = text.strip(_SPACES)
        if not write(text, ink, y):
            try:
                write_otherwise(text, ink, y, values)
            except UndrawableError as error:
                raise name_character(error, element.text, values) from None
        return leading

    return draw


class _LineBox:
    """Where a line goes that cannot be written at once, and what becomes of one that is too wide."""

    def __init__(self, element: Text | PageNumber, style: TypeStyle, setting: Setting) -> None:
        self._element, self._style = element, style
        self._left, self._top = setting.left, setting.top
        self._width = element.width * MM

    def write(self, text: str, ink: Ink, y: float, values: Values) -> None:
        if "\n" in text:
            raise DocumentError(Refusal.LINE_BREAK, blame(self._element.text, values, "\n"))
        style = self._fit(text, values)
        baseline = y + self._style.baseline
        x = self._left + max(self._width - style.measure(text), 0.0) * style.share
        write_text(ink, style, text, x, self._top - baseline)

    def _fit(self, text: str, values: Values) -> TypeStyle:
        element, style = self._element, self._style
        needed = style.measure(text)
        if needed <= self._width + _TOLERANCE:
            return style
        size = style.size * self._width / needed
        if isinstance(element, PageNumber) or element.overflow == "refuse" or size < element.floor:
            note = f"{needed / MM:.1f} > {element.width:g} mm"
            raise DocumentError(Refusal.TOO_LONG, blame(element.text, values), note=note)
        return style.resized(size)


def compile_text_box(element: TextBox, setting: Setting) -> Draw:
    """Lines broken to the width; without a height as tall as they are."""
    fill = compile_pattern(element.text)
    style = setting.styles[element.style]
    width, gap = element.width * MM, element.paragraph_gap * MM
    left, top = setting.left, setting.top
    above = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[element.vertical]

    def draw(values: Values, ink: Ink, y: float) -> float | None:
        text = fill(values)
        if text is None:
            return None
        try:
            fitting, lines = _fit_box(element, values, text, style)
            used = measure_lines(lines, fitting, gap)
            height = used if element.height is None else element.height * MM
            write_lines(ink, lines, fitting, left, top - y - (height - used) * above, gap)
        except UndrawableError as error:
            raise name_character(error, element.text, values) from None
        return height

    def draw_plainly(values: Values, ink: Ink, y: float) -> float | None:
        text = fill(values)
        if text is None:
            return None
        try:
            lines = set_lines(text, style, width)
            write_lines(ink, lines, style, left, top - y, gap)
        except UndrawableError as error:
            raise name_character(error, element.text, values) from None
        return measure_lines(lines, style, gap)

    return draw_plainly if element.height is None else draw


def _fit_box(element: TextBox, values: Values, text: str, style: TypeStyle) -> tuple[TypeStyle, list[SetLine]]:
    """Return the style in which the text fits the box; refuses when it does not or would be smaller than allowed."""
    width, height = element.width * MM, (element.height or 0.0) * MM + _TOLERANCE
    smallest = element.floor if element.overflow == "shrink" else style.size
    while True:
        lines = set_lines(text, style, width)
        if measure_lines(lines, style, element.paragraph_gap * MM) <= height:
            return style, lines
        if style.size - _STEP < smallest:
            note = f"{element.width:g} × {element.height:g} mm"
            raise DocumentError(Refusal.TOO_LONG, blame(element.text, values), note=note)
        style = style.resized(style.size - _STEP)


def name_character(error: UndrawableError, pattern: str, values: Values) -> DocumentError:
    """Return the refusal of a character, with the slot that holds it."""
    field = blame(pattern, values, error.character)
    return DocumentError(error.code, field, character=describe_character(error.character), note=error.note)
