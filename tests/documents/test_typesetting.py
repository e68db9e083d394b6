"""Lines of mixed letters: gaps, phrases, hanging stops, words of other fonts; the page says what was written."""

import pytest

from documents.checking import compile_template
from documents.composing import get_program
from documents.font_files import FONT_FILES
from documents.leftward import order_clusters
from documents.render import find_refusal, render_copies
from documents.specs import CopySpec
from documents.templates import Style
from documents.typefaces import get_face
from documents.typesetting import get_type_style, set_lines
from tests.factories.documents import make_template, read_pages

MIXED = "本日はSpring2025の新茶を100g、𠮷田様・Nguyễn様・محمد様へお届けします。"


def _width(text: str, **style: object) -> float:
    return get_type_style(Style(size=10, **style)).measure(text)


def test_a_gap_stands_between_japanese_and_western_letters_only() -> None:
    assert _width("春Spring茶", latin_gap=0.25) == pytest.approx(_width("春Spring茶") + 5.0)
    assert _width("（Spring）、2025", latin_gap=0.25) == pytest.approx(_width("（Spring）、2025"))
    assert _width("春茶", latin_gap=0.25) == pytest.approx(_width("春茶"))


@pytest.mark.parametrize("style", [{"latin_gap": 0.25}, {"tracking": 0.05}, {"breaking": "phrase"}, {"hanging": False}])
@pytest.mark.parametrize("align", ["left", "right", "justify"])
def test_lines_of_mixed_letters_stay_in_their_box_and_are_copied(style: dict[str, object], align: str) -> None:
    box = {"type": "text_box", "x": 5, "y": 5, "width": 40, "text": "{message}", "style": "body"}
    template = compile_template(make_template([box], styles={"body": {"size": 10, "align": align, **style}}))
    text = "".join(read_pages(render_copies([CopySpec(template, {"message": MIXED})]).data)[0].split())

    assert sorted(text) == sorted("".join(MIXED.split()))
    set_in = get_type_style(template.template.styles["body"])
    for line in set_lines(MIXED, set_in, 113.0):
        assert line.text[0] not in "、。・"
        spread = (line.tracking - set_in.tracking * 10) * (len(line.clusters) - 1)
        hanging = 10.0 if set_in.hanging and line.text[-1] in "、。" else 0.0
        assert line.indent + set_in.measure(line.text) + spread <= 113.1 + hanging


def test_phrases_keep_together() -> None:
    text = "このたびはお茶をお選びいただきありがとうございます。"
    by_letter, by_phrase = (
        [line.text for line in set_lines(text, get_type_style(Style(size=10, breaking=breaking)), 100.0)]
        for breaking in ("letter", "phrase")
    )

    assert by_letter == ["このたびはお茶をお選", "びいただきありがとう", "ございます。"]
    assert by_phrase == ["このたびはお茶を", "お選びいただき", "ありがとうございます。"]


@pytest.mark.parametrize(
    ("text", "font"),
    [
        ("Nguyễn Thị Phương", "NotoSansJP_400Regular"),  # all words of a name in one font
        ("Анна Ковальчук", "NotoSans_400Regular"),  # Japanese fonts set them as wide as kana
        ("𠮷田", "NotoSansJP_400Regular"),
        ("张伟", "NotoSansSC_400Regular"),
        ("김민수", "NotoSansKR_400Regular"),
        ("สมชาย", "NotoSansThai_400Regular"),
        ("محمد", "NotoNaskhArabic_400Regular"),
        ("葛\U000e0100", "BIZUDPGothic_400Regular"),
    ],
)
def test_which_font_draws_a_word(text: str, font: str) -> None:
    assert {FONT_FILES[cluster.font] for cluster in get_face("gothic", False).lay_out(text)} == {font}


def test_words_that_run_leftward_stand_from_right_to_left() -> None:
    clusters = order_clusters(get_face("gothic", False).lay_out("山田 محمد علي ١٢ شارع 34 様"))

    shown = [cluster.text for cluster in clusters if cluster.text.strip()]
    assert shown == ["山", "田", "3", "4", "شارع", "١٢", "علي", "محمد", "様"]


def test_shaped_texts_give_the_same_bytes_whatever_was_drawn_before() -> None:
    template = compile_template(
        make_template([{"type": "vertical_box", "width": 90, "height": 70, "text": "{message}", "style": "body"}])
    )
    copies = [CopySpec(template, {"message": f"{MIXED}{number}👨‍👩‍👧"}) for number in range(20)]
    warm = [render_copies(copies) for _ in range(2)][1]
    get_program.cache_clear()
    get_face.cache_clear()

    assert render_copies(copies).sha256 == warm.sha256


def test_a_word_that_cannot_be_parted_is_refused_without_spelling_it_out() -> None:
    box = {"type": "text_box", "x": 5, "y": 5, "width": 10, "text": "{message}", "style": "body"}
    copy = CopySpec(compile_template(make_template([box])), {"message": "وبالاستقلاليات"})
    error = find_refusal(copy)

    assert error is not None
    assert (error.code, error.field, error.character) == ("too_long", "message", "")
    assert error.note.endswith("> 10.0 mm")
