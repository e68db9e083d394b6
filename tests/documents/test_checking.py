"""A template with a fault is refused with place and reason, all faults at once."""

from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from documents.catalogue import load_gallery
from documents.checking import compile_template
from documents.errors import TemplateInvalidError
from documents.invoice_law import REQUIRED
from documents.service import check_template
from tests.factories.documents import make_template

TEXT = {"type": "text", "x": 5, "y": 5, "width": 50, "text": "注文 {order_number}", "style": "body"}


def _table(**changes: Any) -> dict[str, Any]:
    columns = [{"field": "name", "width": 60}, {"field": "quantity", "width": 18}]
    return {"type": "table", "width": 80, "slot": "lines", "style": "body", "columns": columns, **changes}


def _faults(document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(TemplateInvalidError) as refused:
        compile_template(document)
    return [(problem.place, problem.code) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("element", "place", "code"),
    [
        ({**TEXT, "text": "{order_nummer}"}, "elements[0].text", "unknown_slot"),
        ({**TEXT, "text": "{order_number"}, "elements[0].text", "bad_pattern"),
        ({**TEXT, "text": "{order_number:medium}"}, "elements[0].text", "bad_pattern"),
        ({**TEXT, "text": "{lines}"}, "elements[0].text", "wrong_slot_type"),
        ({**TEXT, "text": "{page}"}, "elements[0].text", "unknown_slot"),
        ({**TEXT, "style": "boddy"}, "elements[0].style", "unknown_style"),
        ({**TEXT, "show_if_flag": "vip"}, "elements[0].show_if_flag", "unknown_flag"),
        ({**TEXT, "show_if_slot": "total"}, "elements[0].show_if_slot", "unknown_slot"),
        ({**TEXT, "width": 96}, "elements[0].width", "off_page"),
        ({**TEXT, "width": -1}, "elements[0].text.width", "greater_than"),
        ({**TEXT, "colour": "red"}, "elements[0].text.colour", "extra_forbidden"),
        ({"type": "textt"}, "elements[0]", "union_tag_invalid"),
        ({"type": "qr", "size": 8}, "elements[0].size", "impossible_size"),
        ({"type": "box", "y": 70, "width": 10, "height": 20}, "elements[0].height", "off_page"),
        ({"type": "image", "width": 10, "height": 10, "slot": "message"}, "elements[0].slot", "wrong_slot_type"),
        (_table(slot="lies"), "elements[0].slot", "unknown_slot"),
        (_table(width=90), "elements[0].columns", "impossible_size"),
        (_table(columns=[{"field": "nam", "width": 80}]), "elements[0].columns[0].field", "unknown_field"),
        ({**TEXT, "type": "text_box", "overflow": "shrink"}, "elements[0].overflow", "impossible_size"),
        ({**TEXT, "type": "text_box", "overflow": "continue"}, "elements[0].overflow", "impossible_size"),
        ({"type": "group", "width": 20, "elements": [TEXT]}, "elements[0].elements[0]", "off_group"),
    ],
)
def test_faults_are_told_with_their_place(element: dict[str, Any], place: str, code: str) -> None:
    assert (place, code) in _faults(make_template([element]))


def test_all_faults_are_told_at_once() -> None:
    faults = _faults(
        make_template([{**TEXT, "style": "x"}, {**TEXT, "text": "{y}"}], styles={"body": {"size": 9, "font": "comic"}})
    )

    assert faults == [
        ("elements[0].style", "unknown_style"),
        ("elements[1].text", "unknown_slot"),
        ("styles.body.font", "unknown_font"),
    ]


def test_a_slot_of_ones_own_needs_type_and_label() -> None:
    assert _faults(make_template(slots={"my_own": {}})) == [("slots.my_own", "unknown_slot")]
    mine = {"type": "text", "label": {"ja": "自前", "en": "Mine"}, "sample": "見本"}
    assert compile_template(make_template(slots={"my_own": mine})).slots["my_own"].sample == "見本"


@pytest.mark.parametrize(
    "slots", [{"total": {"type": "text"}}, {"ordered_on": {"sample": "tomorrow"}}, {"total": {"sample": "many"}}]
)
def test_slots_that_contradict_the_catalogue_are_refused(slots: dict[str, Any]) -> None:
    assert _faults(make_template(slots=slots))


def test_a_flow_beyond_the_page_is_refused() -> None:
    flow = {"first": {"top": 10, "bottom": 90}, "later": {"top": 50, "bottom": 40}, "elements": [{**TEXT}]}

    assert _faults(make_template(flow=flow)) == [("flow.first", "impossible_size"), ("flow.later", "impossible_size")]


def test_samples_that_cannot_be_drawn_are_refused() -> None:
    slots = {"order_number": {"sample": "とても長い" * 30}}

    with pytest.raises(TemplateInvalidError) as refused:
        # Nothing is read without pictures in the library.
        check_template(cast(Session, None), make_template([TEXT], slots=slots), {})

    assert refused.value.problems[0].place == "slots.order_number.sample"
    assert refused.value.problems[0].code == "too_long"


def test_the_same_document_is_compiled_once() -> None:
    assert compile_template(make_template([TEXT])) is compile_template(make_template([TEXT]))


def test_faults_speak_both_languages() -> None:
    with pytest.raises(TemplateInvalidError) as refused:
        compile_template(make_template([{**TEXT, "style": "x"}]))
    [problem] = refused.value.problems
    assert (problem.message_ja, problem.message_en) == ("スタイル「x」はありません", "There is no style “x”")


def test_an_invoice_without_what_the_law_asks_for_is_refused() -> None:
    for key in ("invoice_slip", "simplified_invoice", "return_invoice"):
        document = load_gallery()[key, "ja"]
        assert compile_template(document).template.kind in REQUIRED
        slots = {name: spec for name, spec in document["slots"].items() if name != "tax_rows"}
        loose = {**document["slots"], "shop_registration_number": {}}
        assert ("slots.shop_registration_number", "law") in _faults({**document, "slots": loose})
        assert any(code == "unknown_slot" for _, code in _faults({**document, "slots": slots}))
