"""The events behind a fact, as the decision saw them, and the conditions that kept a rule from matching."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core import clock
from core.db import session_scope
from crm_link.kinds import TouchpointKind
from crm_link.records import TouchpointIn
from crm_link.service import join_customers, record_touchpoints
from personalization.conditions.explanation import Explanation, Words
from personalization.conditions.failing import list_failing
from personalization.evidence import Evidence, Since, find_evidence
from personalization.explaining import DecisionExplanation, RuleExplanation, explain
from personalization.facts.question import ask
from tests.factories.personalization import NOON, enclose, rule
from tests.personalization.world import World, make_world

COUNT = {"fact": "history.purchase_count", "with": {"days": 30}, "op": "at_least", "value": 5}
QUESTION = ask("history.purchase_count", days=30)


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def touch(world: World, name: str, occurred_at: datetime, person: str = "alice", **more: Any) -> None:
    values: dict[str, Any] = {
        "customer_id": world.customer(person),
        "kind": TouchpointKind.PURCHASE,
        "source": "crm",
        "external_id": name,
        "occurred_at": occurred_at,
        "known_at": occurred_at + timedelta(hours=1),
        "amount": 1000,
        "currency": "JPY",
    }
    with session_scope([world.shop_id]) as session:
        record_touchpoints(session, world.shop_id, [TouchpointIn(**{**values, **more})])


def tell(world: World, shipment_id: UUID, language: str = "ja") -> DecisionExplanation:
    with session_scope([world.shop_id]) as session:
        return explain(session, world.shop_id, shipment_id, language)


def decide(world: World) -> DecisionExplanation:
    world.publish(rule("often", enclose("leaflet"), when=COUNT))
    [outcome] = world.decide(world.request("s1"))
    return tell(world, outcome.shipment_id)


def find(world: World, told: DecisionExplanation) -> Evidence:
    assert told.stored is not None
    with session_scope([world.shop_id]) as session:
        return find_evidence(session, world.shop_id, told.stored, [QUESTION, ask("order.count")])[QUESTION]


def test_events_are_named_with_their_three_times(world: World) -> None:
    touch(world, "old", NOON - timedelta(days=31))
    touch(world, "one", NOON - timedelta(days=9))
    touch(world, "two", NOON - timedelta(days=2))
    touch(world, "later", NOON + timedelta(days=2))
    evidence = find(world, decide(world))
    assert [event.external_id for event in evidence.events] == ["two", "one"]
    first = evidence.events[0]
    assert (first.occurred_at, first.known_at) == (NOON - timedelta(days=2), NOON - timedelta(days=2, hours=-1))
    assert first.recorded_at <= clock.now()
    assert (evidence.total, evidence.is_complete, first.since) == (2, True, Since.SAME)


def test_what_was_recorded_or_changed_afterwards_is_told_apart(world: World) -> None:
    touch(world, "one", NOON - timedelta(days=9))
    touch(world, "two", NOON - timedelta(days=8))
    touch(world, "gone", NOON - timedelta(days=7), cancelled=True)
    told = decide(world)
    touch(world, "one", NOON - timedelta(days=9), amount=2000, known_at=clock.now())
    touch(world, "two", NOON - timedelta(days=8), cancelled=True, known_at=clock.now())
    touch(world, "late", NOON - timedelta(days=1))
    evidence = find(world, told)
    assert [(event.external_id, event.since) for event in evidence.events] == [
        ("two", Since.CANCELLED),
        ("one", Since.CHANGED),
    ]
    assert evidence.events[1].read("amount") == 1000
    assert evidence.is_complete


def test_a_history_that_is_not_the_one_counted_says_so(world: World) -> None:
    touch(world, "one", NOON - timedelta(days=9))
    touch(world, "other", NOON - timedelta(days=8), person="bob")
    told = decide(world)
    with session_scope([world.shop_id]) as session:
        join_customers(session, world.shop_id, world.customer("bob"), world.customer("alice"), made_by="t", reason="t")
    evidence = find(world, told)
    assert (evidence.total, evidence.is_complete) == (2, False)


def test_a_rule_says_which_condition_failed_and_what_it_would_have_given(world: World) -> None:
    touch(world, "one", NOON - timedelta(days=9))
    [found] = decide(world).rules
    assert found.failing == ("条件は「購入回数(過去の日数: 30)が5回以上」ですが、実際は 1回",)
    assert found.gives == ("案内",)
    assert found.gives_keys == {"leaflet"}


def explain_rule(world: World, when: dict[str, Any], **options: Any) -> RuleExplanation:
    world.publish(rule("a", {"do": "letter", "template": "letter"}, when=when, **options))
    [outcome] = world.decide(world.request("s1"))
    return tell(world, outcome.shipment_id, "en").rules[0]


def test_dates_are_named(world: World) -> None:
    found = explain_rule(world, {"always": True}, valid={"from": "2030-01-01"})
    assert found.failing[0].startswith("its dates are 2030-01-01 – , but the order was accepted on")


def leaf(name: str, result: bool | None) -> Explanation:
    return Explanation("comparison", result, Words(name, name), Words("x", "x"))


def node(kind: str, result: bool | None, *parts: Explanation) -> Explanation:
    return Explanation(kind, result, Words(kind, kind), parts=parts)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (node("all", True, leaf("a", True)), []),
        (node("all", False, leaf("a", True), leaf("b", False), leaf("c", None)), ["b"]),
        (node("all", None, leaf("a", True), leaf("c", None)), ["c"]),
        (node("any", None, leaf("a", False), leaf("c", None)), ["any one of", "a", "c"]),
        (node("not", False, leaf("a", True)), ["must not be “a”"]),
        (node("not", False, node("all", True, leaf("a", True), leaf("b", True))), ["any one of", "a", "b"]),
        (node("not", False, node("any", True, leaf("a", True), leaf("b", False))), ["must not be “a”"]),
        (node("not", None, leaf("a", None)), ["not known"]),
        (node("not", False, node("not", True, leaf("a", False))), ["needs “a”"]),
    ],
)
def test_only_the_conditions_that_decided_are_told(tree: Explanation, expected: list[str]) -> None:
    told = " ".join(words.en for words in list_failing(tree))
    assert bool(told) is bool(expected)
    assert [part for part in expected if part not in told] == []


def test_a_condition_that_would_change_nothing_is_not_told() -> None:
    told = list_failing(node("all", False, leaf("true", True), leaf("false", False), leaf("unknown", None)))
    assert len(told) == 1
