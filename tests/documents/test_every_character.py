"""Every character that any of the fonts has is printed, and comes back as itself."""

import unicodedata

import pypdfium2
import pytest

from documents.characters import is_settable, normalise_text
from documents.checking import compile_template
from documents.font_files import FONT_FILES, load_font
from documents.render import render_copies
from documents.specs import CopySpec
from tests.factories.documents import find_faults, make_template

PAGE = {"width": 100, "height": 600, "margins": {"top": 5, "right": 5, "bottom": 5, "left": 5}}
BOX = {"type": "text_box", "x": 5, "y": 5, "width": 90, "text": "{message}", "style": "body"}
# Readers of PDF take ligatures apart and lay vertical marks flat.
READ_AS = {
    letter: unicodedata.normalize("NFKC", letter)
    for letter in map(chr, (*range(0xFB00, 0xFB07), *range(0xFE10, 0xFE1A)))
}


@pytest.mark.prove
@pytest.mark.parametrize("style", [{"font": "gothic"}, {"font": "handwriting", "bold": True}])
def test_every_character_of_the_fonts_comes_back(style: dict[str, object]) -> None:
    codes = frozenset().union(*(load_font(font).characters for font in range(len(FONT_FILES))))
    letters = [chr(code) for code in sorted(codes) if is_settable(chr(code)) and not chr(code).isspace()]
    letters = [letter for letter in letters if normalise_text(letter) == letter]
    template = compile_template(make_template([BOX], page=PAGE, styles={"body": {"size": 10, **style}}))
    pages = [letters[start : start + 1000] for start in range(0, len(letters), 1000)]

    data = render_copies([CopySpec(template, {"message": "　".join(page)}) for page in pages]).data

    assert len(letters) > 46_000
    assert find_faults(data) == []
    for expected, page in zip(pages, pypdfium2.PdfDocument(data), strict=True):
        read = page.get_textpage().get_text_range()
        assert [letter for letter in expected if letter not in read and READ_AS.get(letter, letter) not in read] == []
