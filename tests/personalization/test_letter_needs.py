"""A letter that no copy could be printed of is refused when its rule is checked, not when its parcel is packed."""

from typing import Any

import pytest

from documents.catalogue import load_gallery
from documents.checking import compile_template
from fulfillment.rule_catalogue import list_needed
from personalization.problems import Problems
from personalization.rulesets.catalogue import Catalogue, TemplateInfo, TemplateKind, dump_catalogue, load_catalogue
from personalization.rulesets.checking import Ground, check_ruleset
from personalization.rulesets.parsing import parse_ruleset
from tests.factories.personalization import rule, ruleset

TEXT = {"ja": "あ", "en": "a"}
BODY = TemplateInfo(
    "note",
    TemplateKind.LETTER,
    frozenset({"body", "closing"}),
    needed=frozenset({"body"}),
    labels={"body": ("本文", "Body")},
)
CATALOGUE = Catalogue({"note": BODY}, {})
LETTER: dict[str, Any] = {"do": "letter", "template": "note"}


def check(*rules: dict[str, Any]) -> list[tuple[str, str, str]]:
    problems = Problems()
    document = parse_ruleset(ruleset(*rules), problems)
    assert document is not None
    check_ruleset(document, CATALOGUE, Ground({}), problems)
    return [(problem.place, problem.code, problem.ja) for problem in problems.found]


def test_a_letter_without_its_body_is_refused_at_the_body() -> None:
    ((place, code, ja),) = check(rule("a", LETTER))
    assert (place, code) == ("$.rules[0].then[0].slots.body", "slot_needed")
    assert "本文" in ja


@pytest.mark.parametrize(
    "rules",
    [
        [rule("a", {**LETTER, "slots": {"body": TEXT}})],
        [rule("a", LETTER), rule("b", {"do": "message", "slot": "body", "text": TEXT})],
    ],
)
def test_its_own_text_or_a_message_of_any_rule_will_do(rules: list[dict[str, Any]]) -> None:
    assert check(*rules) == []


def test_what_a_letter_needs_survives_storage() -> None:
    assert load_catalogue(dump_catalogue(CATALOGUE)) == CATALOGUE


@pytest.mark.parametrize(
    ("key", "needed"),
    [
        ("thank_you_letter", {"body"}),
        ("apology_letter", {"apology_reason"}),
        ("coupon_card", {"coupon_value", "coupon_code"}),
        ("packing_slip", set()),
        ("gift_slip", set()),
    ],
)
def test_shipped_papers_ask_of_rules_only_what_the_program_does_not_know(key: str, needed: set[str]) -> None:
    for language in ("ja", "en"):
        assert list_needed(compile_template(load_gallery()[key, language])) == needed
