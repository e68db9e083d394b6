"""What the designer stands on: traces, remarks, differences in sentences."""

from typing import Any

import pytest

from documents.catalogue import load_gallery
from documents.checking import compile_template
from documents.contrast import find_ratio
from documents.differences import diff_templates
from documents.proofing import proof
from documents.render import make_sample_copy, render_copies
from documents.specs import CopySpec
from documents.tracing import trace_copy
from tests.factories.documents import make_template, small_copy

LETTER = load_gallery()["thank_you_letter", "ja"]


def trace(elements: list[dict[str, Any]], **values: Any) -> Any:
    return trace_copy(small_copy(elements, **values))


@pytest.mark.parametrize("key", ["packing_slip", "thank_you_letter", "shipping_label"])
def test_a_trace_draws_what_print_would_draw(key: str) -> None:
    copy = make_sample_copy(compile_template(load_gallery()[key, "ja"]))
    traced = trace_copy(copy)
    assert traced.faults == ()
    assert traced.pages == render_copies([copy]).pages
    page = copy.template.template.page
    assert all(
        mark.x >= -0.01 and mark.x + mark.width <= page.width + 0.01 and mark.height >= 0 for mark in traced.marks
    )


def test_elements_of_groups_and_of_the_flow_are_found_where_they_stand() -> None:
    inner = {"type": "text", "x": 2, "y": 3, "width": 20, "text": "中", "style": "body"}
    group = {"type": "group", "x": 10, "y": 20, "width": 40, "padding": 1, "elements": [inner]}
    flow = {
        "first": {"top": 30, "bottom": 75},
        "later": {"top": 5, "bottom": 75},
        "elements": [{**inner, "x": 5, "y": 0}, {**group, "x": 5, "y": 4}],
    }
    template = compile_template(make_template([group], flow=flow))
    marks = {mark.place: (round(mark.x, 2), round(mark.y, 2)) for mark in trace_copy(CopySpec(template, {})).marks}
    line = 10 * 1.5 * 25.4 / 72
    expected = {
        "elements[0]": (10, 20),
        "elements[0].elements[0]": (13, 24),
        "flow.elements[0]": (5, 30),
        "flow.elements[1]": (5, round(34 + line, 2)),
        "flow.elements[1].elements[0]": (8, round(38 + line, 2)),
    }
    assert marks == expected


def test_what_cannot_be_drawn_is_left_out_and_named() -> None:
    texts = [{"type": "text", "x": 5, "y": 5, "width": 10, "text": "入りきらない文字列です", "style": "body"}]
    rest = {"type": "text", "x": 5, "y": 30, "width": 50, "text": "{message}", "style": "body"}
    traced = trace([*texts, rest], message="一行\n二行")
    assert traced.pdf is not None
    assert [(fault.place, fault.error.code) for fault in traced.faults] == [
        ("elements[0]", "too_long"),
        ("elements[1]", "line_break"),
    ]
    assert {mark.place for mark in traced.marks} == {"elements[0]", "elements[1]"}


def test_a_flow_element_that_no_page_can_hold_is_named() -> None:
    tall = {"type": "box", "x": 0, "y": 0, "width": 10, "height": 79, "stroke": "#000000"}
    frames = {"first": {"top": 10, "bottom": 70}, "later": {"top": 10, "bottom": 70}}
    template = compile_template(make_template([], flow={**frames, "elements": [tall]}))
    [fault] = trace_copy(CopySpec(template, {})).faults
    assert (fault.place, fault.error.code) == ("flow.elements[0]", "too_long")


def test_remarks_name_faint_text_tiny_text_and_the_unprintable_edge() -> None:
    dark = {"type": "box", "x": 10, "y": 10, "width": 60, "height": 30, "fill": "#222222"}
    text = {"type": "text", "x": 15, "y": 15, "width": 40, "text": "暗い地に黒", "style": "body"}
    edge = {"type": "text", "x": 50, "y": 60, "width": 48, "text": "端", "style": "tiny"}
    styles = {"body": {"size": 10}, "tiny": {"size": 5}}
    template = compile_template(make_template([dark, text, edge], styles=styles))
    found = {(each.place, each.code) for each in proof(template, trace_copy(CopySpec(template, {})))}
    assert found == {
        ("elements[1]", "low_contrast"),
        ("elements[2]", "small_text"),
        ("elements[2]", "unprintable_margin"),
    }


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert round(find_ratio(one, other), 2) == ratio


def test_differences_are_told_in_sentences_with_their_places() -> None:
    number = next(at for at, each in enumerate(LETTER["elements"]) if each.get("text") == "{salutation}")
    moved = {**LETTER["elements"][number], "x": LETTER["elements"][number]["x"] + 5, "style": "body"}
    elements = [*LETTER["elements"]]
    elements[number] = moved
    changed = {
        **LETTER,
        "elements": elements[1:],
        "styles": {**LETTER["styles"], "body": {**LETTER["styles"]["body"], "size": 11}},
        "flags": {**LETTER["flags"], "vip": {"ja": "上得意", "en": "VIP"}},
    }
    told = {change.place: (change.kind, change.ja, change.en) for change in diff_templates(LETTER, changed)}
    assert told[f"elements[{number - 1}]"][:2] == ("moved", "1行の文字「〔宛名〕」を右へ5mm動かした")
    assert told[f"elements[{number - 1}].style"][1].endswith("のスタイル: salutation → body")
    assert told["elements[0]"][0] == "removed"
    assert "→ 11 pt" in told["styles.body.size"][2]
    assert told["flags.vip"][1] == "フラグ「vip」を加えた"
    assert diff_templates(LETTER, LETTER) == []
    assert diff_templates(LETTER, {"elements": "broken", "flow": 3})
