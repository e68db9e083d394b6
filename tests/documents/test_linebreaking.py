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
    break_paragraph,
    can_break,
    is_tolerable,
    is_western,
    split_atoms,
)
from documents.phrases import find_phrases

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
        ("本日は100個です", 6, ["本日は", "100個です"]),  # a figure keeps its unit
        ("本日は１００個です", 6, ["本日は", "１００個です"]),
        ("くり返し〳〵", 5, ["くり返し", "〳〵"]),
        ("長い——です", 3, ["長い", "——で", "す"]),
        ("「朝しずく」", 4, ["「朝しず", "く」"]),  # wider than the line: neither bracket alone
        ("https://example.jp/tea/letters", 20, ["https://example.jp/", "tea/letters"]),
        ("詳しくはhttps://example.jp/t", 21, ["詳しくは", "https://example.jp/t"]),
        ("ABCDEFGH", 3, ["ABC", "DEF", "GH"]),
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


@given(texts, st.integers(1, 30))
def test_stops_stay_inside_where_nothing_may_hang(text: str, width: int) -> None:
    paragraph = text.replace("\n", "")
    spans = break_paragraph(paragraph, [10.0 * n for n in range(len(paragraph) + 1)], width * 10.0, hanging=False)

    assert all(stop - start <= width for start, stop in spans)
    assert "".join("".join(paragraph[a:b] for a, b in spans).split()) == "".join(paragraph.split())


@given(texts, st.integers(2, 30))
def test_even_what_is_too_wide_begins_and_ends_well_if_it_can(text: str, width: int) -> None:
    paragraph = text.replace("\n", "")
    spans = break_paragraph(paragraph, [10.0 * n for n in range(len(paragraph) + 1)], width * 10.0)

    for (start, stop), (after, _) in pairwise(spans):
        if after < len(paragraph) and not is_tolerable(paragraph, after) and stop == after:
            # Nowhere in the line could it have ended better.
            assert not any(is_tolerable(paragraph, place) for place in range(start + 1, stop))


@given(texts, st.integers(1, 12), st.sets(st.integers(1, 79), max_size=40))
@example("0000、0", 1, {5})
def test_clusters_are_never_parted(text: str, width: int, joined: set[int]) -> None:
    """Places within a cluster are reached with its first character."""
    paragraph = text.replace("\n", "")
    whole = {place for place in joined if place < len(paragraph)}
    reach, steps = [0.0], 0
    for place in range(len(paragraph)):
        steps += place not in whole
        reach.append(steps * 10.0)
    spans = break_paragraph(paragraph, reach, width * 10.0, whole=whole)

    cut = {start for start, stop in spans if start} - {0}
    assert not {place for place in cut & whole if paragraph[place - 1] not in " 　"}


PHRASES = (
    "　このたびは、しずく堂のお茶をお選びいただき、誠にありがとうございます。"
    "三度目のご注文と伺い、店の者みなで喜んでおります。"
)


@pytest.mark.parametrize("width", range(8, 24))
def test_lines_end_with_a_phrase_where_the_style_asks(width: int) -> None:
    reach = [10.0 * n for n in range(len(PHRASES) + 1)]
    spans = break_paragraph(PHRASES, reach, width * 10.0, preferred=find_phrases(PHRASES))

    assert {stop for _, stop in spans[:-1]} <= find_phrases(PHRASES)
    assert "".join(PHRASES[start:stop] for start, stop in spans) == PHRASES


def test_a_phrase_wider_than_the_line_is_broken_like_any_text() -> None:
    text = "ありがとうございました"
    spans = break_paragraph(text, [10.0 * n for n in range(12)], 40.0, preferred=frozenset())

    assert [text[start:stop] for start, stop in spans] == ["ありがと", "うござい", "ました"]


def test_what_belongs_together_is_not_parted() -> None:
    assert not can_break("…", "…")
    assert not can_break("—", "—")
    assert not can_break("¥", "1")
    assert not can_break("5", "%")
    assert not can_break("3", "個")
    assert not can_break("２", "０")
    assert not can_break("〳", "〵")
    assert can_break("三", "個")
    assert can_break("茶", "A")
    assert is_western("ễ")
    assert is_western("’")
