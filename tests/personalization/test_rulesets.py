"""What a ruleset document may say, and how each mistake is refused with its place."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orders.kinds import LetterClass
from personalization.insert_info import find_ring
from personalization.insert_rows import parse_inserts
from personalization.models import InsertKind
from personalization.problems import WORDS, Problems
from personalization.rulesets.catalogue import dump_catalogue, load_catalogue
from personalization.rulesets.checking import Ground, check_ruleset
from personalization.rulesets.parsing import parse_ruleset
from personalization.rulesets.placeholders import fill_print_fields
from tests.factories.personalization import ALWAYS, CATALOGUE, enclose, make_insert, rule, ruleset

INSERTS = {
    insert.key: insert
    for insert in (
        make_insert("leaflet"),
        make_insert("wrap", kind=InsertKind.TASK),
        make_insert("gone", active=False),
        make_insert("dear", kind=InsertKind.GIFT, market_value=800),
        make_insert("card", letter_class=LetterClass.CORRESPONDENCE, kind=InsertKind.LETTER),
    )
}
TAG = {"do": "tag", "tag": "t"}
MESSAGE = {"do": "message", "slot": "message"}
TEXT = {"ja": "あ", "en": "a"}
NEEDS_NAME = "{order.attribute}"
RECEIVED = {"fact": "history.insert_count", "op": "is_known"}
ASKS_INSERTS = {"fact": "history.inserts", "op": "has_any", "value": ["leaflet", "x"]}
SMALL = {"fact": "order.goods_total", "op": "less_than", "value": 3000}
LARGE = {"fact": "order.goods_total", "op": "at_least", "value": 3000}
LETTER_PACK = {"fact": "order.delivery_service", "op": "equals", "value": "letter-pack"}


def nest(depth: int) -> dict[str, Any]:
    return ALWAYS if depth == 1 else {"not": nest(depth - 1)}


def find_problems(document: Any) -> list[tuple[str, str]]:
    problems = Problems()
    parsed = parse_ruleset(document, problems)
    if parsed is not None:
        check_ruleset(parsed, CATALOGUE, Ground(INSERTS, {"winter"}, today=date(2026, 11, 19)), problems)
    return [(problem.place, problem.code) for problem in problems.found]


def test_a_full_rule_is_accepted() -> None:
    full = rule(
        "full",
        enclose("leaflet", 2),
        {"do": "task", "insert": "wrap"},
        {"do": "letter", "template": "letter", "slots": {"body": {"ja": "{customer.nth_order}", "en": "{shop_name}"}}},
        {"do": "slip", "template": "slip"},
        {"do": "message", "slot": "message", "text": TEXT},
        {"do": "flag", "flag": "f"},
        TAG,
        {"do": "priority", "value": -3},
        {"do": "hold", "reason": TEXT},
        audience="recipient",
        gifts="always",
        purposes=["marketing"],
        limits=[{"per_customer": 1}, {"per_customer": 2, "within_days": 9}, {"overall": 5}],
        group="g",
        valid={"from": "2026-02-28"},
        enabled=False,
    )
    assert find_problems(ruleset(full, box={"pieces": 3, "grams": 1.5})) == []


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"key": "Big One"}, ".key", "bad_key"),
        ({"name": {"ja": "あ"}}, ".name", "missing_key"),
        ({"name": {"ja": "", "en": "a"}}, ".name.ja", "empty_value"),
        ({"wehn": {}}, ".wehn", "unknown_key"),
        ({"when": {"fact": "no.fact", "op": "equals", "value": 1}}, ".when.fact", "unknown_fact"),
        ({"then": []}, ".then", "empty_value"),
        ({"then": [{"do": "dance"}]}, ".then[0].do", "unknown_action"),
        ({"then": ["tag"]}, ".then[0]", "not_an_object"),
        ({"then": [enclose("leaflet"), enclose("leaflet")]}, ".then[1]", "insert_twice"),
        ({"then": [enclose("leaflet", 0)]}, ".then[0].quantity", "out_of_range"),
        ({"then": [enclose("no-such")]}, ".then[0].insert", "unknown_insert"),
        ({"then": [enclose("gone")]}, ".then[0].insert", "unknown_insert"),
        ({"then": [enclose("wrap")]}, ".then[0].insert", "is_a_task"),
        ({"then": [{"do": "task", "insert": "leaflet"}]}, ".then[0].insert", "not_a_task"),
        ({"then": [{"do": "letter", "template": "none"}]}, ".then[0].template", "unknown_template"),
        ({"then": [{"do": "letter", "template": "slip"}]}, ".then[0].template", "wrong_template_kind"),
        ({"then": [{"do": "slip", "template": "slip", "slots": {"x": TEXT}}]}, ".then[0].slots.x", "unknown_slot"),
        ({"then": [{"do": "message", "slot": "x", "text": TEXT}]}, ".then[0].slot", "unknown_slot"),
        ({"then": [{**MESSAGE, "text": {"ja": "{", "en": "a"}}]}, ".then[0].text.ja", "bad_braces"),
        ({"then": [{**MESSAGE, "text": {"ja": "あ", "en": "{a}"}}]}, ".then[0].text.en", "bad_placeholder"),
        ({"then": [{**MESSAGE, "text": {"ja": NEEDS_NAME, "en": "a"}}]}, ".then[0].text.ja", "bad_placeholder"),
        ({"then": [{"do": "priority", "value": 101}]}, ".then[0].value", "out_of_range"),
        ({"audience": "everybody"}, ".audience", "unknown_choice"),
        ({"gifts": "maybe"}, ".gifts", "unknown_choice"),
        ({"purposes": ["spam"]}, ".purposes[0]", "unknown_choice"),
        ({"limits": []}, ".limits", "empty_value"),
        ({"limits": [{"per_customer": 0}]}, ".limits[0].per_customer", "out_of_range"),
        ({"limits": [{"overall": 5, "within_days": 3}]}, ".limits[0].within_days", "unknown_key"),
        ({"valid": {}}, ".valid", "empty_value"),
        ({"valid": {"from": "2026-13-01"}}, ".valid.from", "not_a_date"),
        ({"valid": {"from": "2026-02-02", "until": "2026-02-01"}}, ".valid", "impossible_range"),
        ({"when": {**RECEIVED, "with": {"inserts": ["x"]}}}, ".when.with.inserts", "unknown_insert"),
        ({"when": {**LETTER_PACK, "value": "pigeon"}}, ".when.value", "unknown_service"),
        ({"when": {"any": [ALWAYS, ASKS_INSERTS]}}, ".when.any[1].value", "unknown_insert"),
        ({"then": [enclose("card")]}, ".then[0].insert", "letter_not_carried"),
        ({"then": [enclose("dear")], "when": SMALL}, ".then[0].insert", "gift_never_lawful"),
        ({"then": [{"do": "coupon", "series": "summer"}]}, ".then[0].series", "unknown_series"),
        ({"then": [{"do": "coupon", "series": "winter"}] * 2}, ".then[1]", "coupon_twice"),
        ({"then": [{"do": "coupon"}]}, ".then[0]", "missing_key"),
        ({"then": [{"do": "recommend", "count": 0}]}, ".then[0].count", "out_of_range"),
        ({"then": [{"do": "recommend", "count": 11}]}, ".then[0].count", "out_of_range"),
        ({"then": [{"do": "recommend", "count": 2, "slot": "x"}]}, ".then[0].slot", "unknown_slot"),
        ({"then": [{"do": "recommend", "count": 2, "categories": []}]}, ".then[0].categories", "empty_value"),
        ({"then": [{"do": "recommend", "count": 2, "fallback": "best"}]}, ".then[0].fallback", "unknown_choice"),
        ({"when": {"fact": "order.total", "op": "at_least", "value": "10"}}, ".when.value", "not_a_whole_number"),
        ({"when": {"fact": "order.skus", "op": "has_any", "value": []}}, ".when.value", "empty_value"),
        ({"when": {"fact": "order.total", "op": "between", "value": [9, 8]}}, ".when.value", "impossible_range"),
        ({"when": {"all": [SMALL, LARGE]}}, ".when.all", "impossible_together"),
        ({"when": nest(9)}, ".when" + ".not" * 8, "too_deep"),
        ({"when": {"any": [ALWAYS] * 101}}, ".when.any", "too_many"),
        ({"when": {"any": [{"all": [SMALL] * 51}] * 4}}, ".when", "too_many"),
        ({"then": [{"do": "letter", "template": "sealed-letter"}]}, ".then[0].template", "letter_not_carried"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_refused_with_place_and_reason(changes: dict[str, Any], place: str, code: str) -> None:
    assert (f"$.rules[1]{place}", code) in find_problems(ruleset(rule("ok", TAG), {**rule("bad", TAG), **changes}))


@pytest.mark.parametrize(
    ("document", "place", "code"),
    [
        ([], "$", "not_an_object"),
        ({"format": 1, "rules": []}, "$.rules", "empty_value"),
        ({"format": 2, "rules": [rule("a", TAG)]}, "$.format", "unknown_format"),
        (ruleset(rule("a", TAG), rule("a", TAG)), "$.rules[1].key", "duplicate_key"),
        (ruleset(rule("a", TAG), box={"grams": -1}), "$.box.grams", "out_of_range"),
        (ruleset(rule("a", TAG), box={"litres": 1}), "$.box.litres", "unknown_key"),
        (ruleset(*[rule(f"r{i}", TAG) for i in range(1001)]), "$.rules", "too_many"),
    ],
)
def test_a_broken_document_is_refused(document: Any, place: str, code: str) -> None:
    assert (place, code) in find_problems(document)


def test_every_mistake_is_named_at_once() -> None:
    found = find_problems(ruleset(rule("A", TAG), rule("b", {"do": "x"}), rule("c", TAG, gifts=1)))
    assert [place for place, _ in found] == ["$.rules[0].key", "$.rules[1].then[0].do", "$.rules[2].gifts"]


@pytest.mark.parametrize(
    "when",
    [
        LETTER_PACK,
        {"all": [ALWAYS, LETTER_PACK]},
        {"not": {"fact": "order.delivery_service", "op": "one_of", "value": ["parcel"]}},
        {"fact": "order.delivery_service", "op": "not_equals", "value": "parcel"},
        {"any": [LETTER_PACK, {"all": [LETTER_PACK, ALWAYS]}]},
    ],
)
def test_correspondence_is_allowed_where_the_rule_is_bound_to_a_service_that_carries_it(when: Any) -> None:
    assert find_problems(ruleset(rule("a", enclose("card"), when=when))) == []
    assert find_problems(ruleset(rule("a", enclose("card"), when={"any": [when, ALWAYS]}))) != []


def test_every_problem_has_words_in_both_languages() -> None:
    for ja, en in WORDS.values():
        assert ja
        assert en
        assert ja != en


def test_a_ring_of_substitutes_is_found() -> None:
    assert find_ring({"a": "b", "b": "c", "c": None}) is None
    assert find_ring({"x": "a", "a": "b", "b": "a"}) == ["a", "b", "a"]
    assert find_ring({"a": "a"}) == ["a", "a"]


def test_a_catalogue_survives_storage() -> None:
    assert load_catalogue(dump_catalogue(CATALOGUE)) == CATALOGUE


def test_print_fields_are_filled_last_and_braces_come_out_single() -> None:
    assert fill_print_fields("{recipient_name}様 {{x}}", {"recipient_name": "山田"}) == "山田様 {x}"
    with pytest.raises(KeyError):
        fill_print_fields("{recipient_name}", {})


def read_examples() -> list[Any]:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]


def test_the_examples_of_the_documentation_are_right() -> None:
    rules = [example for example in read_examples() if isinstance(example, dict) and "then" in example]
    documents = [example for example in read_examples() if isinstance(example, dict) and "format" in example]
    assert len(rules) >= 4
    for document in [*documents, ruleset(*rules)]:
        problems = Problems()
        parse_ruleset(document, problems)
        assert problems.found == []
    [inserts] = [example for example in read_examples() if isinstance(example, list)]
    problems = Problems()
    parse_inserts(inserts, {"brand-leaflet": None}, problems)
    assert problems.found == []
