"""Codes equal those of the libraries, and are read from the printed page."""

import random
from itertools import product
from typing import Any

import pytest
import qrcode
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.util import MODE_8BIT_BYTE, QRData
from reportlab.graphics.barcode.code128 import Code128

from documents.bar_codes import encode_code128
from documents.errors import DocumentError
from documents.matrix_codes import Level, Symbol, count_capacity, encode_qr
from documents.render import render_copies
from tests.factories.documents import CODE, decode_codes, make_copy, small_copy

_SMALL = range(1, 11)
_LEVELS = {
    Level.LOW: ERROR_CORRECT_L,
    Level.MEDIUM: ERROR_CORRECT_M,
    Level.QUARTILE: ERROR_CORRECT_Q,
    Level.HIGH: ERROR_CORRECT_H,
}


def _draw(payload: bytes, version: int, level: Level, mask: int) -> list[str]:
    symbol = qrcode.QRCode(version=version, error_correction=_LEVELS[level], mask_pattern=mask, border=0)
    symbol.add_data(QRData(payload, mode=MODE_8BIT_BYTE), optimize=0)
    symbol.make(fit=False)
    return ["".join("1" if module else "0" for module in row) for row in symbol.modules]


def _read(symbol: Symbol) -> list[str]:
    width = -(-symbol.side // 8)
    rows = [symbol.rows[start : start + width] for start in range(0, len(symbol.rows), width)]
    return ["".join(f"{byte:08b}" for byte in row)[: symbol.side] for row in rows]


def _compare(chance: random.Random, version: int, level: Level, mask: int, times: int) -> None:
    """Draw payloads of one length twice: by columns, and by the library."""
    length = chance.randint(1, count_capacity(version, level))
    for _ in range(times):
        payload = chance.randbytes(length)
        symbol = encode_qr(payload, level, mask=mask, version=version)
        assert _read(symbol) == _draw(payload, version, level, mask), (version, level, mask, length)


def test_symbols_equal_those_of_the_library() -> None:
    chance = random.Random(11)
    for number, version in enumerate([*_SMALL] * 10):
        _compare(chance, version, list(Level)[number % 4], chance.randrange(8), times=2)


@pytest.mark.prove
def test_ten_thousand_symbols_of_every_version_level_and_mask_equal_those_of_the_library() -> None:
    chance = random.Random(12)
    small, large = list(product(_SMALL, Level, range(8))), list(product(range(11, 41), Level, range(8)))
    for version, level, mask in small:
        _compare(chance, version, level, mask, times=26)
    for version, level, mask in large:
        _compare(chance, version, level, mask, times=2)
    assert len(small) * 26 + len(large) * 2 >= 10_000


def test_the_smallest_version_is_chosen() -> None:
    capacity = count_capacity(2, Level.MEDIUM)
    assert (capacity, count_capacity(40, Level.LOW)) == (26, 2953)
    assert encode_qr(b"a" * capacity).side == 25
    assert encode_qr(b"a" * (capacity + 1)).side == 29


@pytest.mark.parametrize("wrong", [{"mask": 8}, {"version": 1}, {"version": 41}])
def test_what_no_symbol_has_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        encode_qr(b"a" * 20, **wrong)


def test_a_payload_too_long_is_refused() -> None:
    with pytest.raises(ValueError):
        encode_qr(b"a" * 2332)
    spec = small_copy([{"type": "qr", "size": 20}])
    object.__setattr__(spec, "url", "https://example.jp/" + "a" * 2500)
    with pytest.raises(DocumentError) as refused:
        render_copies([spec])
    assert refused.value.code == "code_too_long"


def test_a_code_that_nobody_could_read_is_refused() -> None:
    spec = small_copy([{"type": "code128", "width": 30, "height": 10}])

    with pytest.raises(DocumentError) as refused:
        render_copies([spec])

    assert refused.value.code == "code_too_small"


def test_bars_are_read_as_what_they_were_made_from() -> None:
    chance = random.Random(3)
    texts = ["1234", "12345", "A1234", "A12345", "AB123456CD", "A1234567B1234", "~ !", "0" * 7, "ABCDEFGHJKMN0"]
    texts += ["".join(chance.choices("0123456789ABC-z", k=chance.randint(1, 14))) for _ in range(40)]
    for text in texts:
        widths = encode_code128(text)
        row = "".join(("0" if place % 2 else "1") * width for place, width in enumerate(widths)).center(
            sum(widths) + 24, "0"
        )
        image = Image.new("L", (len(row), 1))
        image.putdata([0 if module == "1" else 255 for module in row])
        [code] = zxingcpp.read_barcodes(image.resize((len(row) * 3, 60)))
        assert (code.format.name, code.text) == ("Code128", text)
        assert len(widths) <= len(_spell_by_reportlab(text))


def _spell_by_reportlab(text: str) -> str:
    symbol = Code128(text, quiet=0)
    symbol.validate()
    symbol.encode()
    return str(symbol.decompose())


def test_code_128_takes_ascii_only() -> None:
    assert sum(encode_code128("A1")) == 11 * 4 + 13
    with pytest.raises(ValueError):
        encode_code128("茶")


@pytest.mark.parametrize("dpi", [203, 300])
def test_label_bears_both_codes(dpi: int) -> None:
    pdf = render_copies([make_copy("shipping_label")]).data

    assert decode_codes(pdf, dpi=dpi) == [("Code128", CODE), ("QRCode", f"https://soegaki.example.jp/c/{CODE}")]


def test_every_page_of_a_slip_bears_its_code() -> None:
    copies = [make_copy(code=f"ABCDEFGHJKM{number:02d}") for number in range(5)]
    pdf = render_copies(copies).data

    for page, copy in enumerate(copies):
        assert decode_codes(pdf, page) == [("QRCode", copy.url)]
