"""Reading the codes back from printed PDFs as a scanner sees them: rendered at 203 dpi, decoded by zxing-cpp.

Once a code was found on a page of some size, only that corner is rendered of the next; a miss looks at the whole page.
"""

from dataclasses import dataclass
from typing import Any, Final

import pypdfium2
import zxingcpp

DPI: Final = 203
_SCALE: Final = DPI / 72
# White space that a decoder wants around a symbol, in points.
_MARGIN: Final = 14.0
_QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
Box = tuple[float, float, float, float]
_places: dict[tuple[int, int], list[Box]] = {}


@dataclass(frozen=True)
class Sheet:
    """One page in the tray. `texts` are the codes on it that belong to Soegaki; none on a page without any."""

    texts: tuple[str, ...]


def read_sheets(data: bytes) -> list[Sheet]:
    """Return the pages of a PDF in order, each with what its QR symbols say."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [Sheet(tuple(_read_page(document[number]))) for number in range(len(document))]
    finally:
        document.close()


def _read_page(page: Any) -> list[str]:
    width, height = page.get_size()
    size = (round(width), round(height))
    for box in _places.get(size, ()):
        found = _decode(page, width, height, box)
        if found:
            return [text for text, _ in found]
    found = _decode(page, width, height, (0.0, 0.0, width, height))
    for _, box in found:
        _places.setdefault(size, []).append(box)
    return [text for text, _ in found]


def _decode(page: Any, width: float, height: float, box: Box) -> list[tuple[str, Box]]:
    """Decode within a box (left, top, right, bottom in points from the top left corner)."""
    left, top, right, bottom = box
    crop = (left, height - bottom, width - right, top)
    image = page.render(scale=_SCALE, crop=crop, grayscale=True).to_numpy()
    codes = zxingcpp.read_barcodes(image[..., 0] if image.ndim == 3 else image, formats=_QR)
    return [(code.text, _surround(code.position, left, top, width, height)) for code in codes if "/c/" in code.text]


def _surround(position: Any, left: float, top: float, width: float, height: float) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_left, position.bottom_right)
    across = [left + corner.x / _SCALE for corner in corners]
    down = [top + corner.y / _SCALE for corner in corners]
    return (
        max(0.0, min(across) - _MARGIN),
        max(0.0, min(down) - _MARGIN),
        min(width, max(across) + _MARGIN),
        min(height, max(down) + _MARGIN),
    )
