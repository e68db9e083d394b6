"""Laws of Japanese line-breaking, for any text."""

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from documents.linebreaking import (
    HANGING,
    NOT_AT_END,
    NOT_AT_START,
    break_lines,
    can_break,
    is_western,
    split_atoms,
)

EM: defaultdict[str, float] = defaultdict(lambda: 10.0)
LETTERS = "あいうえおカキク漢字茶、。，．」』）「『（っゃー々…—ABCdef0129-'%¥円 　！？"
texts = st.text(alphabet=LETTERS, max_size=80)


def _lines(text: str, characters: int) -> list[str]:
    return break_lines(text, EM, characters * 10.0)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("お茶をどうぞ", 3, ["お茶を", "どうぞ"]),
        ("朝しずくです。はい", 6, ["朝しずくです。", "はい"]),  # hangs over
        (
            "これは「朝しずく」です",
            4,
            ["これは", "「朝しず", "く」です"],
        ),  # an opening bracket goes on to the next line
        ("茶、、、", 2, ["茶、、", "、"]),  # a piece wider than the line
        ("お茶……です", 3, ["お茶", "……で", "す"]),
        ("価格は1,080円です", 5, ["価格は", "1,080", "円です"]),
        ("We brew tea", 7, ["We brew", "tea"]),
        ("チョコレート", 3, ["チョコ", "レート"]),
        ("ショッピング", 4, ["ショッピ", "ング"]),
        ("きゃきゃ", 3, ["きゃ", "きゃ"]),
        ("一行目\n\n三行目", 9, ["一行目", "", "三行目"]),
        ("", 5, [""]),
    ],
)
def test_examples(text: str, width: int, lines: list[str]) -> None:
    assert _lines(text, width) == lines


@given(texts, st.integers(1, 30))
def test_no_letter_is_lost_or_moved(text: str, width: int) -> None:
    joined = "".join(_lines(text, width))

    assert joined.replace(" ", "").replace("　", "") == text.replace(" ", "").replace("　", "")


@given(texts, st.integers(1, 30))
def test_lines_are_no_wider_than_the_box_but_for_one_hanging_stop(text: str, width: int) -> None:
    for line in _lines(text, width):
        within = line[:-1] if len(line) > 1 and line[-1] in HANGING else line
        assert len(within) <= width


@given(texts, st.integers(1, 30))
@example("「 0", 1)
def test_lines_begin_and_end_where_they_may(text: str, width: int) -> None:
    paragraph = text.replace("\n", "")
    too_wide = any(len(atom.rstrip(" 　")) > width for atom in split_atoms(paragraph)) if paragraph else False
    lines = _lines(paragraph, width)
    if too_wide:
        return
    for before, after in pairwise(lines):
        if before and after:
            assert after[0] not in NOT_AT_START
            assert before[-1] not in NOT_AT_END or before[-1] in " 　"


@given(texts)
def test_a_text_that_fits_stays_on_one_line(text: str) -> None:
    assert _lines(text, len(text) + 1) == [text.rstrip(" 　")]


@given(st.from_regex(r"[A-Za-z0-9][a-z0-9.,'/@-]{0,9}[a-z0-9]", fullmatch=True), st.integers(12, 20))
def test_western_words_stay_whole(word: str, width: int) -> None:
    lines = _lines(f"本日{word}着荷いたしました", width)

    assert any(word in line for line in lines)


def test_what_belongs_together_is_not_parted() -> None:
    assert not can_break("…", "…")
    assert not can_break("—", "—")
    assert not can_break("¥", "1")
    assert not can_break("5", "%")
    assert can_break("茶", "A")
    assert is_western("’")
