"""Pages of a PDF as pictures, for screens and label printers. pdfium is not made for threads: one at a time uses it."""

from collections.abc import Collection
from io import BytesIO
from threading import Lock
from typing import Any

import pypdfium2
from PIL.Image import Image

_PDFIUM = Lock()


def draw_pages(pdf: bytes, scale: float, pages: Collection[int] | None = None) -> list[bytes]:
    """Return pages (numbers from 1; all when none are named) as PNG, `scale` pixels to a point."""
    return [_to_png(image) for image in _rasterise(pdf, scale, pages)]


def draw_gray(pdf: bytes, scale: float) -> list[Any]:
    """Return every page as an array of grey values (uint8, height × width), `scale` pixels to a point."""
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            drawn = (document[number].render(scale=scale, grayscale=True) for number in range(len(document)))
            return [bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy() for bitmap in drawn]
        finally:
            document.close()


def _rasterise(pdf: bytes, scale: float, pages: Collection[int] | None) -> list[Image]:
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            wanted = [number for number in range(len(document)) if pages is None or number + 1 in pages]
            return [document[number].render(scale=scale).to_pil().convert("RGB") for number in wanted]
        finally:
            document.close()


def _to_png(image: Image) -> bytes:
    # A page has few colours: with a palette it is a third of the size, and sooner at the screen.
    sink = BytesIO()
    image.save(sink, "PNG", compress_level=3)
    return sink.getvalue()
