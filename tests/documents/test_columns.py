"""Text in columns: forms and places of letters, breaking, ruby; read back from the page as one would copy it."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.checking import compile_template
from documents.columns import Stand, list_units, set_columns, write_in_kanji
from documents.errors import TemplateInvalidError
from documents.font_files import VERTICAL, load_font
from documents.linebreaking import HANGING, NOT_AT_END, NOT_AT_START
from documents.render import find_refusal, render_copies
from documents.ruby import add_ruby
from documents.specs import CopySpec
from documents.templates import Style
from documents.typesetting import TypeStyle, get_type_style
from tests.factories.documents import find_faults, make_template, read_pages

BOX = {"type": "vertical_box", "x": 5, "y": 5, "width": 80, "height": 70, "text": "{message}", "style": "body"}
LETTER = (
    "　木々の葉が色づき、朝夕の冷え込みを感じる季節となりました。お変わりなくお過ごしでしょうか。\n"
    "　このたびは深蒸し煎茶「朝しずく」をお買い上げいただき、誠にありがとうございます。店の者みなで喜んでおります。\n"
    "敬具"
)


def _style(font: str = "handwriting", **changes: Any) -> TypeStyle:
    return get_type_style(Style(font=font, size=10, **changes))


def _copy(text: str, box: dict[str, Any] | None = None, **style: Any) -> CopySpec:
    styles = {"body": {"size": 11, "font": "handwriting", "leading": 1.7, **style}}
    template = make_template([{**BOX, **(box or {})}], styles=styles, slots={"message": {}, "recipient_kana": {}})
    return CopySpec(compile_template(template), {"message": text})


def _stands(text: str) -> list[tuple[str, Stand]]:
    return [(unit.cluster.text, unit.stand) for unit in list_units(text, _style())]


def test_figures_stand_in_pairs_words_are_turned_letters_stand() -> None:
    up, beside, turned = Stand.UPRIGHT, Stand.BESIDE, Stand.TURNED

    assert _stands("12月") == [("12", beside), ("月", up)]
    assert _stands("3つ") == [("3", beside), ("つ", up)]
    assert _stands("A棟") == [("A", beside), ("棟", up)]
    assert _stands("何!?") == [("何", up), ("!?", beside)]
    assert _stands("茶100g") == [("茶", up), ("1", turned), ("0", turned), ("0", turned), ("g", turned)]
    assert _stands("😀ー") == [("😀", beside), ("ー", up)]


@pytest.mark.parametrize("font", ["gothic", "mincho", "handwriting"])
@pytest.mark.parametrize("character", "ー。、（）「」『』【】〈〉ぁっゃュョヶ…〜：＝")
def test_what_has_a_vertical_form_is_drawn_in_it(font: str, character: str) -> None:
    [unit] = list_units(character, _style(font))
    file = load_font(unit.cluster.font)
    glyph = file.read_code(int.from_bytes(unit.cluster.data, "big"))

    assert unit.stand is Stand.UPRIGHT
    assert (glyph.number != file.find_glyph(character), glyph.text) == (True, character)


@settings(deadline=None)
@given(st.text(alphabet="あいうカ漢字茶、。」』）「『（っゃー々…—AB12 　！？", max_size=60), st.integers(3, 20))
def test_columns_keep_the_rules_of_lines(text: str, letters: int) -> None:
    columns = set_columns(text, _style(), letters * 10.0)

    units = [unit for column in columns for unit in column.units]
    assert "".join("".join(unit.cluster.text for unit in units).split()) == "".join(text.split())
    for column in columns:
        hangs = bool(column.units) and column.units[-1].cluster.text in HANGING
        length = sum(unit.cluster.advance for unit in column.units)
        assert length <= letters * 1000 + 1000 * hangs + 1
    shown = [[unit.cluster.text for unit in column.units if unit.cluster.text.strip()] for column in columns]
    wide = any(len(word) >= letters for word in text.split())
    for before, after in pairwise(shown):
        if before and after and not wide and letters > 8:
            assert after[0][0] not in NOT_AT_START or before[-1][-1] in NOT_AT_END | {after[0][0]}


@pytest.mark.parametrize("align", ["left", "center", "right", "justify"])
def test_a_letter_is_copied_as_it_was_written(align: str) -> None:
    data = render_copies([_copy(LETTER, align=align)]).data

    assert find_faults(data) == []
    assert "".join(read_pages(data)[0].split()) == "".join(LETTER.split())
    assert b"/Identity-V" in data


def test_what_does_not_fit_is_refused_or_shrunk() -> None:
    long = LETTER * 6
    error = find_refusal(_copy(long))

    assert error is not None
    assert (error.code, error.field) == ("too_long", "message")
    shrinking = _copy(long, {"overflow": "shrink", "floor": 5})
    assert find_refusal(shrinking) is None
    assert "".join(read_pages(render_copies([shrinking]).data)[0].split()) == "".join(long.split())


def test_rules_and_figures_of_writing_paper() -> None:
    data = render_copies([_copy("架空町1-23-4 電話03", {"figures": "kanji", "rule": "#cccccc"})]).data

    assert "一ー二三ー四" in "".join(read_pages(data)[0].split())
    assert write_in_kanji("令和7年") == "令和七年"


def test_ruby_stands_beside_each_word() -> None:
    [surname, _, name] = list_units(add_ruby("髙橋 翔", "たかはし かける"), _style())

    assert (surname.stand, name.stand) == (Stand.RUBY, Stand.RUBY)
    assert surname.cluster.advance == 2000  # four small letters beside two
    assert name.cluster.advance == 1500  # three small letters are longer than the one they explain
    assert [unit.stand for unit in list_units(add_ruby("みのり", "みのり"), _style())] == [Stand.UPRIGHT] * 3


@pytest.mark.parametrize("box", [{}, {"type": "text_box", "height": 20}, {"type": "text", "height": None}])
def test_ruby_is_printed_with_the_name_and_left_out_without_a_reading(box: dict[str, Any]) -> None:
    element = {key: value for key, value in {**BOX, **box}.items() if value is not None}
    element["text"] = "{message|ruby:recipient_kana} 様"
    template = make_template(
        [element], styles={"body": {"size": 11, "leading": 2}}, slots={"message": {}, "recipient_kana": {}}
    )
    name = {"message": "髙橋 翔"}
    with_reading, without = (
        "".join(read_pages(render_copies([CopySpec(compile_template(template), {**name, **kana})]).data)[0].split())
        for kana in ({"recipient_kana": "たかはし かける"}, {})
    )

    assert sorted(with_reading) == sorted("髙橋翔様たかはしかける")
    assert without == "髙橋翔様"


def test_the_reading_is_checked_like_any_slot() -> None:
    with pytest.raises(TemplateInvalidError) as refused:
        compile_template(make_template([{**BOX, "text": "{message|ruby:nothing}"}]))

    assert [problem.code for problem in refused.value.problems] == ["unknown_slot"]
    broken = _copy("茶", {"text": "{message|ruby:recipient_kana}"})
    error = find_refusal(CopySpec(broken.template, {"message": "茶", "recipient_kana": "ち\ue000"}))
    assert error is not None
    assert (error.field, error.character) == ("recipient_kana", "U+E000 UNNAMED")


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=30))
def test_any_text_is_set_in_columns_or_refused(text: str) -> None:
    error = find_refusal(_copy(text, {"overflow": "shrink", "floor": 4}))

    assert error is None or error.field == "message"


def test_vertical_fonts_are_numbered_beside_the_others() -> None:
    assert all(load_font(index).index == index < VERTICAL for index in range(16))
