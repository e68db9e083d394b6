"""Which texts of a template are still in the other language, and which samples go along."""

import pytest

from documents.catalogue import load_gallery
from documents.checking import compile_template
from documents.translating import is_foreign, list_foreign_texts, put_into


@pytest.mark.parametrize(
    ("text", "language", "foreign"),
    [
        ("御礼", "en", True),
        ("電話 {shop_phone}", "en", True),
        ("〒", "en", False),
        ("Thank you", "en", False),
        ("JAN", "ja", False),
        ("Tea & Skin", "ja", False),
        ("Thank you for your order", "ja", True),
        ("Thank you — ありがとう", "ja", False),
    ],
)
def test_what_is_foreign_is_found(text: str, language: str, foreign: bool) -> None:
    assert is_foreign(text, language) is foreign


def test_shipped_templates_are_in_their_own_language() -> None:
    found = {key: list(list_foreign_texts(compile_template(each).template)) for key, each in load_gallery().items()}
    assert {key: told for key, told in found.items() if told} == {}


def test_a_slip_in_the_other_language_keeps_its_shape_and_gets_its_samples() -> None:
    document = dict(load_gallery()["packing_slip", "ja"])
    document["slots"] = {**document["slots"], "shop_name": {"sample": "手製"}, "message": {"sample": None}}
    english = put_into(document, "en")
    compiled = compile_template(english)
    assert compiled.slots["shop_name"].sample == "Shizukudo Tea & Skin"
    assert compiled.slots["message"].sample is None
    assert document["slots"]["shop_name"] == {"sample": "手製"}
    labels = [text for _, text in list_foreign_texts(compiled.template)]
    assert "品番" in labels
