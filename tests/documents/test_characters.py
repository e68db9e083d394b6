"""What can be printed: characters are kept as they were written, and refused by name when no font has them."""

import pytest

from documents.characters import describe_character, is_settable, normalise_text


@pytest.mark.parametrize(
    ("raw", "printed"),
    [
        ("か\u3099", "が"),
        ("e\u0301", "é"),
        ("ｶﾞ①㈱", "ｶﾞ①㈱"),  # NFKC would change all of these
        ("\ufa19谷", "\ufa19谷"),  # NFC alone would write another 神
        ("\ufa11\u30ab\u3099", "\ufa11ガ"),
        ("一行\r\n二行\r三行", "一行\n二行\n三行"),
        ("見え\u200bない\ufeff", "見えない"),
        ("列\t次", "列 次"),
    ],
)
def test_text_is_normalised_without_changing_names(raw: str, printed: str) -> None:
    assert normalise_text(raw) == printed


@pytest.mark.parametrize(
    "character", ["\u3099", "\ufe0f", "\U000e0100", "\u200d", "\u05d0", "\u0627", "\u0007", "\ue000"]
)
def test_what_cannot_be_set_from_left_to_right_is_told(character: str) -> None:
    assert not is_settable(character)


@pytest.mark.parametrize("character", ["あ", "髙", "𠮷", "é", "-", "♡"])
def test_ordinary_letters_can_be_set(character: str) -> None:
    assert is_settable(character)


def test_a_character_is_named() -> None:
    assert describe_character("😀") == "U+1F600 GRINNING FACE"
