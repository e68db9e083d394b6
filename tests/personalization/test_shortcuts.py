"""Whatever the short way does is what the long way would have done."""

from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.resolver import shortcuts
from personalization.resolver.ledger import Use
from personalization.resolver.resolve import Resolved, match, resolve
from tests.factories.personalization import (
    EVERY_INSERT,
    NOON,
    enclose,
    make_batch,
    make_ledger,
    make_request,
    make_rulebook,
    make_uuid,
    rule,
    ruleset,
)

WORDS: list[dict[str, Any]] = [
    {"do": "tag", "tag": "t"},
    {"do": "flag", "flag": "with_gift"},
    {"do": "message", "slot": "message", "text": {"ja": "ありがとう。", "en": "Thank you."}},
    {"do": "message", "slot": "message", "text": {"ja": "{customer.nth_order}回目", "en": "no. {customer.nth_order}"}},
]
LIMITS = st.sampled_from([None, None, [{"overall": 2}], [{"per_customer": 1}], [{"per_customer": 1, "within_days": 1}]])
FACTS = st.fixed_dictionaries(
    {
        "customer.care_flags": st.sampled_from([(), (), ("allergy",), ("no_inserts",)]),
        "customer.allergies": st.sampled_from([(), (), ("wheat",)]),
        "customer.nth_order": st.sampled_from([None, 3]),
    }
)


@st.composite
def some_rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        things = [
            enclose(key, draw(st.integers(1, 2)))
            for key in draw(st.lists(st.sampled_from("abcdefgh"), max_size=2, unique=True))
        ]
        words = draw(st.lists(st.sampled_from(WORDS), min_size=0 if things else 1, max_size=2))
        options: dict[str, Any] = {"group": draw(st.sampled_from("gh"))} if draw(st.booleans()) else {}
        if limits := draw(LIMITS):
            options["limits"] = limits
        found.append(rule(f"r{number}", *things, *words, **options))
    return found


def decide(rules: list[dict[str, Any]], facts: list[dict[str, Any]], grams: int | None) -> list[Resolved]:
    options = {"box": {"grams": grams}} if grams else {}
    rulebook = make_rulebook(ruleset(*rules, **options), EVERY_INSERT)
    buyers = (make_uuid("alice"), make_uuid("bob"))
    requests = [make_request(f"s{n}", minutes=n * 700, customer_id=buyers[n % 2]) for n in range(len(facts))]
    batch = make_batch(rulebook, requests, facts)
    limited = {entry["key"]: 2 for entry in rules if entry.get("limits") == [{"overall": 2}]}
    ledger = make_ledger({"a": 3, "c": 9, "d": 1, "e": 9, "f": 9, "g": 2}, limited)
    ledger.uses["rule:r0", buyers[0]] = [Use(NOON, make_uuid("earlier"), firm=True)]
    return resolve(rulebook, batch, match(rulebook, batch), ledger)


def _read(result: Resolved) -> tuple[object, ...]:
    return result.plan, result.back_orders, result.uses, result.counts, result.stock


@settings(max_examples=150, deadline=None)
@given(some_rules(), st.lists(FACTS, min_size=1, max_size=5), st.sampled_from([None, None, 50]))
def test_the_short_way_is_the_long_way(
    rules: list[dict[str, Any]], facts: list[dict[str, Any]], grams: int | None
) -> None:
    short = decide(rules, facts, grams)
    with patch.object(shortcuts, "make_shortcut", lambda *_: None):
        long = decide(rules, facts, grams)
    for one, other in zip(short, long, strict=True):
        assert _read(one) == _read(other)


def test_a_common_rule_takes_the_short_way() -> None:
    rulebook = make_rulebook(ruleset(rule("plain", enclose("a")), rule("said", WORDS[2]), rule("filled", WORDS[3])))
    inserts = {insert.key: insert for insert in EVERY_INSERT}
    made = [shortcuts.make_shortcut(each, inserts) is not None for each in rulebook.document.active]
    assert made == [True, True, True]
