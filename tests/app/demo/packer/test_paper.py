"""The packer reads its papers as a scanner does."""

from app.demo.packer.bench import read_code
from app.demo.packer.paper import read_sheets
from core.codes import new_code
from documents.render import render_copies
from documents.specs import CopySpec
from tests.factories.documents import make_copy, make_lines

KEYS = ("packing_slip", "thank_you_letter", "shipping_label")


def _make(key: str, code: str) -> CopySpec:
    return make_copy(key, code=code, lines=make_lines(40)) if key == "packing_slip" else make_copy(key, code=code)


def test_every_page_of_a_pile_is_read_whatever_its_size() -> None:
    codes = [new_code() for _ in range(9)]
    copies = [_make(key, code) for key, code in zip(KEYS * 3, codes, strict=True)]
    printed = render_copies(copies)
    sheets = read_sheets(printed.data)
    assert len(sheets) == printed.pages > len(copies)
    read = [read_code(text) for sheet in sheets for text in sheet.texts]
    assert list(dict.fromkeys(read)) == codes
