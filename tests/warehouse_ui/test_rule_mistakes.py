"""Mistakes of a rule stand at the input where they are mended, in the words of the form."""

import pytest

from personalization.problems import Problems
from personalization.rulesets.catalogue import TemplateInfo, TemplateKind
from tests.browsing import Browser
from tests.warehouse_ui.conftest import Place
from tests.warehouse_ui.test_rules import fields, post, rules_of
from warehouse_ui.rules.forms import name_rule, parse_form, read_rule
from warehouse_ui.rules.mistakes import find_mistakes

LETTERS = {"note": TemplateInfo("note", TemplateKind.LETTER, frozenset({"body"}), labels={"body": ("本文", "Body")})}
# The first condition and the first action were left empty: the document counts only the others.
FORM = parse_form(
    [
        ("join", "all"),
        ("c0-fact", ""),
        ("c1-fact", "history.purchase_count"),
        ("c1-with-days", "x"),
        ("a0-do", ""),
        ("a1-do", "letter"),
        ("a1-template", "note"),
        ("a2-do", "enclose"),
        ("per_window", "1"),
        ("overall", "x"),
    ]
)


@pytest.mark.parametrize(
    ("place", "code", "field", "label"),
    [
        ("key", "bad_key", "key", "識別名"),
        ("name.en", "empty_value", "name-en", "名前（英語）"),
        ("when.all[0].value", "not_a_number", "c1-value", "条件 2 · 値"),
        ("when.all[0].with.days", "not_a_number", "c1-with-days", "条件 2 · 過去の日数"),
        ("then", "empty_value", "a0-do", "すること 1 · 内容"),
        ("then[0].slots.body", "slot_needed", "a1-slot-body-ja", "すること 2 · 本文"),
        ("then[1]", "missing_key", "a2-insert", "すること 3 · 同梱物"),
        ("limits[0].within_days", "not_a_whole_number", "within_days", "その期間（日）"),
        ("limits[1].overall", "not_a_whole_number", "overall", "先着（件）"),
        ("valid", "impossible_range", "valid-from", "開始日"),
    ],
)
def test_a_mistake_is_told_at_its_input(place: str, code: str, field: str, label: str) -> None:
    problems = Problems()
    problems.add(f"$.rules[3].{place}", code, key="x", slot_ja="本文", slot_en="Body")
    problems.add("$.rules[30].key", "bad_key")
    (mistake,) = find_mistakes(problems.found, 3, FORM, LETTERS)
    assert (mistake.field, mistake.label) == (field, label)


def test_a_count_without_its_days_is_not_forgotten() -> None:
    assert read_rule(FORM)["limits"][0] == {"per_customer": 1, "within_days": ""}


def test_a_rule_without_a_key_takes_one_of_its_english_name() -> None:
    form = parse_form([("name-en", "Second order, tea!")])
    assert name_rule(form, []).key == "second-order-tea"
    assert name_rule(form, ["second-order-tea"]).key == "second-order-tea-2"
    assert name_rule(parse_form([("name-en", "二回目")]), []).key == ""


@pytest.mark.usefixtures("database")
def test_the_form_marks_the_input_and_leads_to_it(place: Place, operator: Browser) -> None:
    sent = dict(fields(operator.get("/rules/new").text)) | {"name-ja": "x", "name-en": "x", "per_window": "1"}
    page = post(operator, list(sent.items()), "save").text  # type: ignore[attr-defined]
    for field in ("c0-fact", "a0-do", "within_days"):
        assert f'href="#{field}"' in page
        assert f'id="{field}-error"' in page
    assert "when.all" not in page


@pytest.mark.usefixtures("database")
def test_a_key_that_is_taken_is_told_at_the_key(place: Place, operator: Browser) -> None:
    sent = dict(fields(operator.get("/rules/new").text)) | {"key": "letter-and-leaflet"}
    page = post(operator, list(sent.items()), "save").text  # type: ignore[attr-defined]
    assert 'id="key-error"' in page


@pytest.mark.usefixtures("database")
def test_what_was_typed_outlives_somebody_elses_draft(place: Place, operator: Browser) -> None:
    sent = dict(fields(operator.get("/rules/letter-and-leaflet/edit").text)) | {"name-ja": "わたしの名前"}
    operator.post("/rules/letter-and-leaflet/toggle", data={"seen": sent["seen"]})
    answer = post(operator, list(sent.items()), "save")
    assert answer.status_code == 409  # type: ignore[attr-defined]
    again = fields(answer.text)  # type: ignore[attr-defined]
    assert dict(again)["name-ja"] == "わたしの名前"
    post(operator, again, "save")
    assert rules_of(place)[0]["name"]["ja"] == "わたしの名前"  # type: ignore[index]
