"""Where the codes of a page stand, found while it is laid out: for printers that are given their dots one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from documents.bar_codes import QUIET_MODULES as BAR_QUIET
from documents.bar_codes import encode_code128
from documents.ean_codes import LEFT_QUIET, RIGHT_QUIET, encode_ean13, read_ean13
from documents.flowing import Placement, Strip, paginate
from documents.ink import Ink
from documents.matrix_codes import QUIET_MODULES as QR_QUIET
from documents.matrix_codes import encode_qr
from documents.patterns import compile_pattern
from documents.setting import Draw, Setting, Values
from documents.templates import AnyElement, Code128, Ean13, Flow, Qr
from documents.units import MM


@dataclass(frozen=True, slots=True)
class PlacedCode:
    """A symbol as modules (bool, rows × columns; bars are one row), in its place: mm from the page's top left, quiet
    zones included in `width`.
    """

    modules: Any
    quiet: tuple[int, int]
    x: float
    y: float
    width: float
    height: float


class CodeWatch:
    """Takes note of the codes of each page. One watch serves one program; `begin` before each copy."""

    def __init__(self) -> None:
        self.pages: list[list[PlacedCode]] = []
        self._drawn: dict[int, list[PlacedCode]] = {}  # by ink
        self._kept: list[Any] = []  # what is known by its id must stay

    def begin(self) -> None:
        self.pages, self._drawn, self._kept = [], {}, []

    def draw(self, element: AnyElement, setting: Setting, draw: Draw) -> Draw:
        if not isinstance(element, Qr | Code128 | Ean13):
            return draw
        fill = compile_pattern(element.text or "{copy_url}")
        depth = setting.styles[element.style].size / MM if isinstance(element, Ean13) and element.style else 0.0

        def follow(values: Values, ink: Ink, y: float) -> float | None:
            height = draw(values, ink, y)
            text = fill(values)
            if height is not None and text is not None:
                code = _place(element, text, (setting.left / MM, y / MM), height / MM - depth)
                self._drawn.setdefault(id(ink), []).append(code)
                self._kept.append(ink)
            return height

        return follow

    def cut(self, _element: AnyElement, cut: Callable[[Values], list[Strip]]) -> Callable[[Values], list[Strip]]:
        def follow(values: Values) -> list[Strip]:
            strips = cut(values)
            self._kept += [strip.content for strip in strips]
            return strips

        return follow

    def paginate(self, flow: Flow, strips: list[Strip]) -> list[tuple[Placement, ...]]:
        return paginate(flow, strips)

    def page(self, ink: Ink, placements: tuple[Placement, ...]) -> None:
        codes = list(self._drawn.get(id(ink), ()))
        for x, y, content in placements:
            for code in self._drawn.get(id(content), ()):
                codes.append(
                    PlacedCode(code.modules, code.quiet, code.x + x / MM, code.y + y / MM, code.width, code.height)
                )
        self.pages.append(codes)


def _place(element: Qr | Code128 | Ean13, text: str, corner: tuple[float, float], height: float) -> PlacedCode:
    """Return the symbol of a text that was drawn: it can be encoded."""
    x, y = corner
    if isinstance(element, Qr):
        symbol = encode_qr(text.encode())
        rows = np.frombuffer(symbol.rows, dtype=np.uint8).reshape(symbol.side, -1)
        modules = np.unpackbits(rows, axis=1)[:, : symbol.side].astype(bool)
        return PlacedCode(modules, (QR_QUIET, QR_QUIET), x, y, element.size, element.size)
    if isinstance(element, Ean13):
        bars, quiet = encode_ean13(read_ean13(text)), (LEFT_QUIET, RIGHT_QUIET)
    else:
        bars, quiet = encode_code128(text), (BAR_QUIET, BAR_QUIET)
    dark = [place % 2 == 0 for place, _ in enumerate(bars)]
    return PlacedCode(np.repeat([dark], bars, axis=1), quiet, x, y, element.width, height)


def paint_code(page: Any, code: PlacedCode, dots: float, moved: tuple[float, float, float, float]) -> None:
    """Paint a symbol over what stands in its place (bool, height × width), every module the same whole number of dots.

    `moved`: scale and offset (mm) to the right, scale and offset down.
    """
    scale_x, offset_x, scale_y, offset_y = moved
    left, top = round((code.x * scale_x + offset_x) * dots), round((code.y * scale_y + offset_y) * dots)
    rows, columns = code.modules.shape
    width, height = int(code.width * dots + 1e-6), round(code.height * scale_y * dots)
    module = width // (columns + sum(code.quiet))
    painted = np.kron(code.modules, np.ones((module if rows > 1 else height, module), dtype=bool))
    inset = (width - (columns + sum(code.quiet)) * module) // 2 + code.quiet[0] * module
    down = (height - painted.shape[0]) // 2 if rows > 1 else 0
    page[max(top, 0) : top + height, max(left, 0) : left + width] = False
    first, beginning = max(top + down, 0), max(left + inset, 0)
    target = page[first : top + down + painted.shape[0], beginning : left + inset + painted.shape[1]]
    target |= painted[: target.shape[0], : target.shape[1]]
