"""Codes equal those of the libraries, and are read from the printed page."""

import random

import pytest
import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, QRData

from documents.bar_codes import encode_code128
from documents.errors import DocumentError
from documents.matrix_codes import CAPACITIES, Symbol, encode_qr
from documents.render import render_copies
from tests.factories.documents import CODE, decode_codes, make_copy, small_copy


def _draw(payload: bytes, version: int) -> list[str]:
    symbol = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_M, mask_pattern=3, border=0)
    symbol.add_data(QRData(payload, mode=MODE_8BIT_BYTE), optimize=0)
    symbol.make(fit=False)
    return ["".join("1" if module else "0" for module in row) for row in symbol.modules]


def _read(symbol: Symbol) -> list[str]:
    width = -(-symbol.side // 8)
    rows = [symbol.rows[start : start + width] for start in range(0, len(symbol.rows), width)]
    return ["".join(f"{byte:08b}" for byte in row)[: symbol.side] for row in rows]


@pytest.mark.parametrize("length", [10, 42, 60, 100])
def test_symbols_equal_those_of_the_library(length: int) -> None:
    chance = random.Random(length)
    for _ in range(20):
        payload = chance.randbytes(length)
        symbol = encode_qr(payload)
        assert _read(symbol) == _draw(payload, (symbol.side - 17) // 4)


def test_the_smallest_version_is_chosen() -> None:
    assert encode_qr(b"a" * CAPACITIES[1]).side == 25
    assert encode_qr(b"a" * (CAPACITIES[1] + 1)).side == 29


def test_a_payload_too_long_is_refused() -> None:
    with pytest.raises(ValueError):
        encode_qr(b"a" * 214)
    spec = small_copy([{"type": "qr", "size": 20}])
    object.__setattr__(spec, "url", "https://example.jp/" + "a" * 300)
    with pytest.raises(DocumentError) as refused:
        render_copies([spec])
    assert refused.value.code == "code_too_long"


def test_a_code_that_nobody_could_read_is_refused() -> None:
    spec = small_copy([{"type": "code128", "width": 30, "height": 10}])

    with pytest.raises(DocumentError) as refused:
        render_copies([spec])

    assert refused.value.code == "code_too_small"


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
