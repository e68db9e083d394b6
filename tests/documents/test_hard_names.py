"""Hard names and addresses of invented people: each is drawn right, or refused with the character that is at fault."""

import json
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from documents.characters import normalise_text
from documents.checking import CompiledTemplate, compile_template
from documents.coverage import find_undrawable
from documents.errors import DocumentError
from documents.render import find_refusal, render_drawable_copies
from documents.specs import CopySpec
from tests.factories.documents import find_faults, make_template

NAMES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "hard_names.json").read_text(encoding="utf-8"), strict=False
)
STYLES = {
    f"{font}{'_bold' * bold}": {"size": 10, "font": font, "bold": bold}
    for font in ("gothic", "mincho", "handwriting")
    for bold in (False, True)
}
ELEMENTS = {
    "name": {"type": "text", "width": 90, "overflow": "shrink", "floor": 5},
    "text": {"type": "text_box", "width": 90, "height": 70},
    "columns": {"type": "vertical_box", "width": 90, "height": 70, "overflow": "shrink", "floor": 5},
}
# Not shown by a font of one color, or without ink; of readers of PDF not all keep them.
UNSEEN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\U0001f3fb-\U0001f3ff\u200b-\u200d\u2060\ufeff\u00ad\x02]")
# Vowel points of Arabic and Hebrew are drawn, but not copied.
LEFTWARD = {"アラビア文字", "ヘブライ文字"}
POINTS = re.compile("[\u0591-\u05c7\u064b-\u0652]")


@cache
def _template(style: str, where: str) -> CompiledTemplate:
    element = {**ELEMENTS[where], "x": 5, "y": 5, "text": "{message}", "style": style}
    return compile_template(make_template([element], styles=STYLES))


def _copies() -> list[CopySpec]:
    styles = list(STYLES)
    return [
        CopySpec(
            _template(styles[place % len(styles)], entry["where"]), {"message": entry["text"]}, reference=f"{place}"
        )
        for place, entry in enumerate(NAMES)
    ]


def _clean(text: str) -> str:
    return UNSEEN.sub("", unicodedata.normalize("NFC", normalise_text(text)))


def _letters(text: str) -> Counter[str]:
    """Readers of PDF give words that run leftward in the order in which they stand, with spaces for their points."""
    return Counter(POINTS.sub("", "".join(_clean(text).split())))


def _judge(entry: dict[str, Any], error: DocumentError | None) -> bool:
    """Say whether a text was refused exactly as it should be."""
    if error is None or "refused" not in entry:
        return error is None and "refused" not in entry
    told = error.code == entry["refused"] and error.character.startswith(entry["character"])
    return told and error.field == "message"


def test_there_are_enough_and_none_twice() -> None:
    assert len({entry["text"] for entry in NAMES}) == len(NAMES) >= 500


def test_each_is_drawn_right_or_refused_by_name() -> None:
    rendered = render_drawable_copies(_copies())
    assert rendered.document is not None
    assert find_faults(rendered.document.data) == []

    assert [e["text"] for n, e in enumerate(NAMES) if not _judge(e, rendered.refusals.get(n))] == []
    document = pypdfium2.PdfDocument(rendered.document.data)
    drawn = [entry for number, entry in enumerate(NAMES) if number not in rendered.refusals]
    assert len(document) == len(drawn)
    for page, entry in zip(document, drawn, strict=True):
        read, expected = page.get_textpage().get_text_range(), entry.get("copied", entry["text"])
        if "".join(_clean(read).split()) != "".join(_clean(expected).split()):
            assert entry["kind"] in LEFTWARD
            assert _letters(read) == _letters(expected)


@pytest.mark.parametrize("where", ["columns"])
def test_columns_take_the_same_texts(where: str) -> None:
    short = [entry for entry in NAMES if entry.get("refused") != "too_long"]
    refusals = [find_refusal(CopySpec(_template("handwriting", where), {"message": e["text"]})) for e in short]

    assert [e["text"] for e, error in zip(short, refusals, strict=True) if not _judge(e, error)] == []


def test_decisions_know_what_cannot_be_drawn() -> None:
    short = [entry for entry in NAMES if entry.get("refused") != "too_long"]

    assert [e["text"] for e in short if not _judge(e, find_undrawable([("message", e["text"])]))] == []
