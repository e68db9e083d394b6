"""Pages of random shipments are read back: every text, each code at 203 dpi, nothing over the edge."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from random import Random
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from documents.file_options import FileOptions
from documents.render import render_copies
from documents.specs import CopySpec, Money, RenderedDocument
from documents.units import MM
from tests.factories.documents import find_faults, make_copy

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FAMILIES = ("髙橋", "𠮷田", "渡邊", "﨑山", "佐藤", "五十嵐", "Müller", "O'Connor", "Nguyễn", "長谷川", "邊", "齋藤")
_GIVEN = ("みのり", "太郎", "花子", "ゔぃ", "Zoë", "一二三", "翔", "Mary Ann", "ジョージ", "美咲")
_TOWNS = ("港区六本木", "千代田区丸の内", "札幌市中央区北一条西", "京都市上京区今出川通烏丸東入", "那覇市首里金城町")
_GOODS = ("煎茶", "ほうじ茶", "玉露", "抹茶", "化粧水", "ハンドクリーム", "和紅茶", "急須(常滑)", "Tea Set", "茶こし")
_SENTENCES = (
    "いつもご利用いただき、誠にありがとうございます。",
    "新茶の季節になりました。",
    "「朝しずく」は、湯冷ましで淹れるのがおすすめです。",
    "次回のご注文から10%引きのクーポンを同封いたしました。",
    "お体にお気をつけて、よい年末年始をお過ごしください。",
)
_KEYS = ("packing_slip", "packing_slip", "gift_slip", "thank_you_letter", "coupon_card", "shipping_label")
# Printers leave so much of the paper white.
_EDGE = 3 * MM


def _draw_copy(chance: Random, number: int) -> CopySpec:
    code = "".join(chance.choices(_ALPHABET, k=13))
    reference = f"S-{number:06d}"
    return replace(make_copy(chance.choice(_KEYS), code=code, **_draw_values(chance, number)), reference=reference)


def _draw_values(chance: Random, number: int) -> dict[str, Any]:
    name = f"{chance.choice(_FAMILIES)} {chance.choice(_GIVEN)}"
    lines = [_draw_line(chance) for _ in range(chance.choice((1, 2, 3, 6, 6, 9, 40)))]
    message = "".join(chance.choices(_SENTENCES, k=chance.randint(0, 5))) or None
    return {
        "recipient_name": name,
        "salutation": f"{name} 様",
        "recipient_address": f"{chance.choice(_TOWNS)}{chance.randint(1, 99)}-{chance.randint(1, 30)}",
        "recipient_postal_code": f"{chance.randint(100, 999)}-{chance.randint(0, 9999):04d}",
        "order_number": f"A-{number:07d}",
        "shipment_number": f"S-{number:06d}",
        "ordered_on": date(2026, 1 + number % 12, 1 + number % 28),
        "lines": lines,
        "total": Money(sum(line["amount"].amount for line in lines)),
        "message": message,
        "gift_message": message,
        "coupon_code": f"TEA-{chance.randint(1000, 9999)}",
    }


def _draw_line(chance: Random) -> dict[str, Any]:
    quantity, price = chance.randint(1, 9), chance.choice((480, 1080, 2200, 12800))
    return {
        "sku": f"T-{chance.randint(0, 9999):04d}",
        "name": f"{chance.choice(_GOODS)} {chance.randint(1, 500)}g",
        "quantity": quantity,
        "unit_price": Money(price),
        "amount": Money(quantity * price),
    }


def _list_texts(copy: CopySpec) -> Iterator[str]:
    """Give what of a copy's values stands on its pages as it was given."""
    used = {name for name in copy.template.slots if name in _draw_values(Random(0), 0)}
    for name in used - {"lines", "total", "ordered_on"}:
        if isinstance(text := copy.values[name], str) and _is_printed(copy, name):
            yield text
    if "lines" in used:
        for line in copy.values["lines"]:  # type: ignore[union-attr]
            yield str(line["name"])  # type: ignore[index]


def _is_printed(copy: CopySpec, name: str) -> bool:
    """A template may declare a slot only to require it."""
    return f"{{{name}" in copy.template.template.model_dump_json()


def _squeeze(text: str) -> str:
    """Return a text without what breaking lines adds or takes."""
    return "".join(text.split()).replace("\ufffe", "").replace("\u00ad", "")


def _check(document: RenderedDocument, copies: list[CopySpec]) -> None:
    file = pypdfium2.PdfDocument(document.data)
    assert len(file) == document.pages == sum(document.pages_per_copy)
    first = 0
    for copy, count in zip(copies, document.pages_per_copy, strict=True):
        pages = [file[number] for number in range(first, first + count)]
        first += count
        texts = [page.get_textpage() for page in pages]
        told = _squeeze("".join(text.get_text_range() for text in texts))
        for expected in _list_texts(copy):
            assert _squeeze(expected) in told, (copy.reference, expected)
        for page, text in zip(pages, texts, strict=True):
            _check_edges(page, text)
        codes = {code.text for page in pages for code in _decode(page)}
        assert copy.url in codes, copy.reference


def _check_edges(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> None:
    width, height = page.get_size()
    for number in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(number)
        inside = min(left, bottom, width - right, height - top)
        assert inside >= _EDGE, text.get_text_bounded(left, bottom, right, top)


def _decode(page: pypdfium2.PdfPage) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(page.render(scale=203 / 72).to_pil().convert("L"))


def _check_file(data: bytes) -> None:
    assert find_faults(data) == []
    with pikepdf.open(BytesIO(data)) as file:
        fonts = [each for each in file.objects if isinstance(each, pikepdf.Dictionary) and "/FontName" in each]
        assert fonts
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def _prove(pages: int) -> None:
    chance = Random(pages)
    done = number = 0
    while done < pages:
        copies = [_draw_copy(chance, number + place) for place in range(min(200, pages - done))]
        document = render_copies(copies, FileOptions(bookmarks=True, page_labels=True))
        _check_file(document.data)
        _check(document, copies)
        done, number = done + document.pages, number + len(copies)


def test_a_few_pages_are_read_back() -> None:
    _prove(15)


@pytest.mark.prove
def test_two_thousand_pages_are_read_back() -> None:
    _prove(2000)
