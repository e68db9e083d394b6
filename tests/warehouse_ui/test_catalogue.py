"""Japanese first, English complete."""

import re

from babel.messages.catalog import Catalog

from warehouse_ui.catalogue import extract, list_missing, read_english
from warehouse_ui.words import GROUPS

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
KANA = re.compile(r"[぀-ヿ]")


def texts(catalogue: Catalog) -> set[str]:
    return {str(message.id) for message in catalogue if message.id}


def test_every_text_has_its_english_and_nothing_else_is_there() -> None:
    said, known = texts(extract()), texts(read_english())
    assert list_missing(read_english()) == []
    assert (said - known, known - said) == (set(), set())


def list_names(text: str) -> list[str]:
    """Return what a sentence fills in; of what is given in both languages each takes its own."""
    return sorted(re.sub("_(ja|en)$", "", name) for name in PLACEHOLDER.findall(text))


def test_english_fills_in_what_japanese_fills_in() -> None:
    pairs = [(str(message.id), str(message.string)) for message in read_english() if message.id]
    different = [ja for ja, en in pairs if list_names(ja) != list_names(en)]
    assert different == []


def test_english_is_not_japanese() -> None:
    assert [message.id for message in read_english() if KANA.search(str(message.string))] == []


def test_every_word_of_a_state_is_in_the_catalogue() -> None:
    # Topics bring both languages with them: rules and explanations use the same names.
    said = {word.text for name, group in GROUPS.items() if name != "topic" for word in group.values()}
    assert said - texts(read_english()) == set()
