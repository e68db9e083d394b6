"""QR symbols and Code 128 bars, compiled: whole printer dots, quiet zones, refused when too small to be read."""

from binascii import hexlify
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate, islice

from documents.bar_codes import QUIET_MODULES as BAR_QUIET
from documents.bar_codes import count_modules, list_bars, list_symbols
from documents.errors import DocumentError, Refusal
from documents.ink import Ink
from documents.matrix_codes import QUIET_MODULES as QR_QUIET
from documents.matrix_codes import encode_qr
from documents.patterns import blame, compile_pattern
from documents.setting import Draw, Setting, Values
from documents.templates import Code128, Qr
from documents.units import MM

# The dots of printers, and the smallest modules that readers take, in millimetres. 203 dpi are eight dots to one.
_DOTS = {203: 0.125, 300: 25.4 / 300, 600: 25.4 / 600}
_SMALLEST_QR_MODULE = 0.25
SMALLEST_BAR = 0.25


def find_dot(resolution: int | None) -> float:
    """Return the dot of a printer in millimetres."""
    return _DOTS[resolution or 203]


def compile_qr(element: Qr, setting: Setting) -> Draw:
    size, dot = element.size * MM, find_dot(element.resolution)
    fill = compile_pattern(element.text or "{copy_url}")
    field = "copy_url" if element.text is None else element.text.strip("{}")
    heads: dict[tuple[int, float], bytes] = {}

    def make_head(side: int, y: float) -> bytes:
        # Whole printer dots make every module equally wide.
        module = int(element.size / (side + 2 * QR_QUIET) / dot + 1e-9) * dot
        if module < _SMALLEST_QR_MODULE:
            raise DocumentError(Refusal.CODE_TOO_SMALL, field, note=f"{element.size:g} mm")
        width = module * side * MM
        inset = (size - width) / 2
        x, bottom = setting.left + inset, setting.top - y - inset - width
        return (
            f"0 0 0 rg q {width:.3f} 0 0 {width:.3f} {x:.3f} {bottom:.3f} cm "
            f"BI /W {side} /H {side} /BPC 1 /IM true /D [1 0] /F /AHx ID "
        ).encode()

    def draw(values: Values, ink: Ink, y: float) -> float | None:
        url = fill(values)
        if url is None:
            return None
        try:
            symbol = encode_qr(url.encode())
        except ValueError as error:
            raise DocumentError(Refusal.CODE_TOO_LONG, field, note=str(error)) from None
        head = heads.get((symbol.side, y))
        if head is None:
            head = heads[symbol.side, y] = make_head(symbol.side, y)
        ink.parts.append(head + hexlify(symbol.rows) + b"> EI Q")
        return size

    return draw


def compile_code128(element: Code128, setting: Setting) -> Draw:
    fill, dot = compile_pattern(element.text), find_dot(element.resolution)

    def draw(values: Values, ink: Ink, y: float) -> float | None:
        text = fill(values)
        if text is None:
            return None
        try:
            symbols = list_symbols(text)
        except ValueError as error:
            raise DocumentError(Refusal.CODE_TOO_LONG, blame(element.text, values), note=str(error)) from None
        modules = count_modules(symbols)
        module = int(element.width / (modules + 2 * BAR_QUIET) / dot + 1e-9) * dot
        if module < SMALLEST_BAR:
            note = f"{element.width:g} mm"
            raise DocumentError(Refusal.CODE_TOO_SMALL, blame(element.text, values), note=note)
        left = setting.left + (element.width - modules * module) / 2 * MM
        bottom = setting.top - y - element.height * MM
        bars = map(_write_symbol, enumerate(symbols))
        ink.parts.append(_paint_bars(bars, left, bottom, module * MM, element.height * MM))
        return element.height * MM

    return draw


def write_bars(
    widths: tuple[int, ...],
    x: float,
    y: float,
    module: float,
    height: float,
    guards: frozenset[int] = frozenset(),
    guard: float = 0.0,
) -> bytes:
    """Return bars and spaces by turns, in modules; those at the places of `guards` reach further down.

    The unit is a module wide and a bar high.
    """
    places = zip(accumulate(widths[:-1], initial=0), widths, strict=True)
    bars = list(map(_write_bar, islice(places, 0, None, 2)))
    for number in guards:
        left = sum(widths[:number])
        bars[number // 2] = f"{left} {-guard / height:.6f} {widths[number]} {1 + guard / height:.6f} re"
    return _paint_bars(bars, x, y, module, height)


def _paint_bars(bars: Iterable[str], x: float, y: float, module: float, height: float) -> bytes:
    return f"0 0 0 rg q {module:.6f} 0 0 {height:.3f} {x:.3f} {y:.3f} cm {' '.join(bars)} f Q".encode()


@lru_cache(maxsize=4096)
def _write_symbol(placed: tuple[int, int]) -> str:
    """Return the bars of a Code 128 symbol at its place in the code."""
    return " ".join(map(_write_bar, list_bars(*placed)))


@lru_cache(maxsize=4096)
def _write_bar(place: tuple[int, int]) -> str:
    left, width = place
    return f"{left} 0 {width} 1 re"
