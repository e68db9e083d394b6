"""Where the eye looks first in each shipped template, in millimetres: what moves there is moved on purpose.

When a template was changed on purpose, `golden_geometry.json` is changed with it: left, top, right, bottom of the ink.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from documents.catalogue import load_gallery
from documents.proofing import proof
from documents.render import make_sample_copy, preview
from documents.tracing import trace_copy
from tests.factories.documents import find_text, gallery_template, list_texts

GOLDEN: dict[str, dict[str, list[float]]] = json.loads(
    (Path(__file__).parent / "golden_geometry.json").read_text(encoding="utf-8")
)
TOLERANCE = 0.5


@cache
def draw_samples(key: str, language: str) -> bytes:
    return preview(gallery_template(key, language))


@pytest.mark.parametrize("name", GOLDEN)
def test_key_elements_stand_where_they_were_put(name: str) -> None:
    key, language = name.split(".")
    pdf = draw_samples(key, language)

    found = {text: find_text(pdf, text) for text in GOLDEN[name]}

    moved = {
        text: (found[text], wanted)
        for text, wanted in GOLDEN[name].items()
        if any(abs(is_at - should) > TOLERANCE for is_at, should in zip(found[text], wanted, strict=True))
    }
    assert moved == {}


@pytest.mark.parametrize(("key", "language"), sorted(load_gallery()))
def test_texts_stay_within_the_margins(key: str, language: str) -> None:
    template = gallery_template(key, language)
    page = template.template.page
    margins = page.margins

    for text, (left, top, right, bottom) in list_texts(draw_samples(key, language)):
        # A stop may hang over the edge of its box.
        assert margins.left - 1 <= left <= right <= page.width - margins.right + 2, text
        assert 3 <= top <= bottom <= page.height - 3, text


@pytest.mark.parametrize(("key", "language"), sorted(load_gallery()))
def test_the_designer_has_nothing_to_remark(key: str, language: str) -> None:
    template = gallery_template(key, language)

    assert list(proof(template, trace_copy(make_sample_copy(template)))) == []
