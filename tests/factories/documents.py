"""Copies to print, and eyes to read them back with."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import zxingcpp

from documents.catalogue import load_gallery
from documents.checking import CompiledTemplate, compile_template
from documents.render import make_sample_copy
from documents.specs import CopySpec, Money

CODE = "ABCDEFGHJKMN0"
Box = tuple[float, float, float, float]


def gallery_template(key: str = "packing_slip", language: str = "ja") -> CompiledTemplate:
    return compile_template(load_gallery()[key, language])


def make_copy(
    key: str = "packing_slip",
    language: str = "ja",
    *,
    code: str = CODE,
    flags: frozenset[str] = frozenset(),
    **values: Any,
) -> CopySpec:
    """Return a copy of the samples, with these values in their stead (None takes one away)."""
    sample = make_sample_copy(gallery_template(key, language))
    return CopySpec(
        template=sample.template,
        values={**sample.values, **values},
        code=code,
        code_text=f"{code[:4]}-{code[4:8]}-{code[8:]}",
        url=f"https://soegaki.example.jp/c/{code}",
        flags=flags,
        reference="S-1",
    )


def make_lines(count: int) -> list[dict[str, Any]]:
    return [
        {
            "sku": f"T-{number:04d}",
            "name": f"煎茶その{number}",
            "quantity": 1,
            "unit_price": Money(500),
            "amount": Money(500),
        }
        for number in range(1, count + 1)
    ]


def make_template(elements: Sequence[Mapping[str, Any]] = (), **changes: Any) -> dict[str, Any]:
    """Return a small template: a page of 100 × 80 mm, style `body`, slots `order_number`, `message`, `lines`."""
    return {
        "key": "small",
        "language": "ja",
        "kind": "letter",
        "name": {"ja": "小さな手紙", "en": "Small letter"},
        "page": {"width": 100, "height": 80, "margins": {"top": 5, "right": 5, "bottom": 5, "left": 5}},
        "styles": {"body": {"size": 10}},
        "slots": {"order_number": {}, "message": {}, "lines": {}, "shop_logo": {}},
        "flags": {"gift": {"ja": "ギフト", "en": "Gift"}},
        "elements": list(elements),
        **changes,
    }


def small_copy(
    elements: Sequence[Mapping[str, Any]], *, flags: frozenset[str] = frozenset(), **values: Any
) -> CopySpec:
    """Return a copy of a small template of these elements."""
    template = compile_template(make_template(elements))
    return CopySpec(template, values, CODE, CODE, f"https://example.jp/c/{CODE}", flags, "S-1")


def read_pages(pdf: bytes) -> list[str]:
    """Return the text of each page as a reader would copy it."""
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def decode_codes(pdf: bytes, page: int = 0, dpi: int = 203) -> list[tuple[str, str]]:
    """Return format and text of the codes on a page as a label printer of this resolution would print it."""
    image = pypdfium2.PdfDocument(pdf)[page].render(scale=dpi / 72).to_pil().convert("L")
    return sorted((str(code.format.name), code.text) for code in zxingcpp.read_barcodes(image))


def find_faults(pdf: bytes) -> list[str]:
    """Return what qpdf finds wrong with the file."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return [str(fault) for fault in document.check_pdf_syntax()]


def find_text(pdf: bytes, text: str, page: int = 0) -> Box:
    """Return where the ink of a text is on a page: left, top, right, bottom in mm from its top left."""
    drawn = pypdfium2.PdfDocument(pdf)[page]
    glyphs = drawn.get_textpage()
    place = glyphs.search(text).get_next()
    assert place is not None, text
    start, count = place
    return _join([glyphs.get_charbox(start + number) for number in range(count)], drawn.get_height())


def list_texts(pdf: bytes, page: int = 0) -> list[tuple[str, Box]]:
    """Return the runs of text on a page with where they are, in mm."""
    drawn = pypdfium2.PdfDocument(pdf)[page]
    glyphs = drawn.get_textpage()
    boxes = [glyphs.get_rect(number) for number in range(glyphs.count_rects())]
    return [(glyphs.get_text_bounded(*box), _join([box], drawn.get_height())) for box in boxes]


def _join(boxes: Sequence[tuple[float, float, float, float]], height: float) -> Box:
    left, bottom, right, top = zip(*boxes, strict=True)
    edges = (min(left), height - max(top), max(right), height - min(bottom))
    return tuple(round(edge * 25.4 / 72, 1) for edge in edges)
