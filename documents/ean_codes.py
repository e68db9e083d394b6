"""EAN-13 (JAN) symbols: digits to bars, compiled in whole printer dots with their quiet zones.

GS1 General Specifications, section 5.2: guard bars, number sets A, B, C, quiet zones of 11 and 7 modules.
"""

from functools import lru_cache

from documents.code_symbols import SMALLEST_BAR, find_dot, write_bars
from documents.errors import DocumentError, Refusal
from documents.ink import Ink
from documents.patterns import blame, compile_pattern
from documents.setting import Draw, Setting, Values
from documents.templates import Ean13
from documents.typesetting import TypeStyle, write_text
from documents.units import MM
from orders.catalogue.gtin import compute_check_digit

LEFT_QUIET, RIGHT_QUIET, MODULES = 11, 7, 95
_GUARD_MODULES = 5
_SET_A = ("3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112")
# Which of the six left digits are of number set B (set A mirrored), by the leading digit.
_PARITY = ("AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA")
# Places among the 59 bars and spaces where a guard bar stands; they reach further down than the others.
_GUARDS = frozenset((0, 2, 28, 30, 56, 58))


def read_ean13(text: str) -> str:
    """Return the thirteen digits of an EAN-13, also of a GTIN-14 that holds one; ValueError says what is wrong."""
    digits = text.replace(" ", "").replace("-", "")
    if len(digits) == 14 and digits.startswith("0"):
        digits = digits[1:]
    if len(digits) != 13 or not (digits.isascii() and digits.isdigit()):
        raise ValueError("EAN-13: 13 digits")
    expected = compute_check_digit(digits[:-1])
    if digits[-1] != expected:
        raise ValueError(f"EAN-13: check digit {digits[-1]} ≠ {expected}")
    return digits


@lru_cache(maxsize=4096)
def encode_ean13(digits: str) -> tuple[int, ...]:
    """Return widths in modules, bar and space by turns, without quiet zones."""
    sets = _PARITY[int(digits[0])]
    left = "".join(
        _SET_A[int(digit)][:: -1 if parity == "B" else 1] for digit, parity in zip(digits[1:7], sets, strict=True)
    )
    right = "".join(_SET_A[int(digit)] for digit in digits[7:])
    return tuple(map(int, f"111{left}11111{right}111"))


def compile_ean13(element: Ean13, setting: Setting) -> Draw:
    """Bars, and beneath them the digits where the element has a style for them."""
    fill = compile_pattern(element.text)
    dot = find_dot(element.resolution)
    module = int(element.width / (LEFT_QUIET + MODULES + RIGHT_QUIET) / dot + 1e-9) * dot
    spare = element.width - (LEFT_QUIET + MODULES + RIGHT_QUIET) * module
    left = setting.left + (spare / 2 + LEFT_QUIET * module) * MM
    style = None if element.style is None else setting.styles[element.style]
    depth = style.size if style else 0.0

    def draw(values: Values, ink: Ink, y: float) -> float | None:
        text = fill(values)
        if text is None:
            return None
        field = blame(element.text, values)
        if module < SMALLEST_BAR:
            raise DocumentError(Refusal.CODE_TOO_SMALL, field, note=f"{element.width:g} mm")
        try:
            digits = read_ean13(text)
        except ValueError as error:
            raise DocumentError(Refusal.CODE_TOO_LONG, field, note=str(error)) from None
        height, bottom = element.height * MM - depth, setting.top - y - element.height * MM + depth
        guard = min(_GUARD_MODULES * module * MM, depth)
        widths = encode_ean13(digits)
        ink.parts.append(write_bars(widths, left, bottom, module * MM, height, _GUARDS, guard))
        if style is not None:
            _write_digits(ink, style, digits, (left, setting.top - y - element.height * MM), module * MM)
        return element.height * MM

    return draw


def _write_digits(ink: Ink, style: TypeStyle, digits: str, place: tuple[float, float], module: float) -> None:
    """Write the leading digit before the bars and six beneath each half."""
    x, y = place
    baseline = y + style.size * 0.12
    for text, first, modules in ((digits[0], -9, 7), (digits[1:7], 4, 41), (digits[7:], 50, 41)):
        slack = modules * module - style.measure(text)
        start = x + first * module + slack / 2
        write_text(ink, style, text, start, baseline)
