"""Stored decisions: explained, repeated, emptied."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update

from core.db import session_scope
from core.errors import ErasedError
from crm_link.kinds import CareKind
from crm_link.service import erase_customer, join_customers, set_care_flag
from personalization.explaining import DecisionExplanation, RuleOutcome, explain
from personalization.models import Decision
from personalization.plan import ActionKind, Reason
from personalization.queries import list_allotments, list_decisions
from personalization.reason_words import ACTIONS, REASONS
from personalization.replaying import ReplayState, replay
from tests.factories.personalization import enclose, rule
from tests.personalization.world import World, make_world

LETTER = {"do": "letter", "template": "letter"}
BODY = {"ja": "{customer.nth_order}回目", "en": "no. {customer.nth_order}"}


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def tell(world: World, shipment_id: UUID, language: str = "en") -> DecisionExplanation:
    with session_scope([world.shop_id]) as session:
        return explain(session, world.shop_id, shipment_id, language)


def repeat(world: World, decision_id: UUID) -> ReplayState:
    with session_scope([world.shop_id]) as session:
        return replay(session, decision_id).state


def test_every_rule_is_explained_in_both_languages(world: World) -> None:
    nth = {"fact": "customer.order_count", "op": "at_least", "value": 3}
    world.publish(
        rule("fires", enclose("leaflet")),
        rule("loses", enclose("sample"), limits=[{"per_customer": 1}]),
        rule("differs", {"do": "tag", "tag": "t"}, when={"all": [nth, {"not": nth}]}),
        rule("off", {"do": "tag", "tag": "t"}, enabled=False),
        rule("early", {"do": "tag", "tag": "t"}, valid={"from": "2027-01-01"}),
    )
    with session_scope([world.shop_id]) as session:
        set_care_flag(session, world.shop_id, world.customer("alice"), CareKind.CHECK_BY_HAND)
        moment = session.scalar(text("SELECT now() + interval '1 minute'"))
    [outcome] = world.decide(world.request("s1", moment=moment))
    told = tell(world, outcome.shipment_id)
    assert told.system == ("held: Care flag: to be checked by a person",)
    assert [(r.rule_key, r.outcome, r.sentences) for r in told.rules] == [
        ("fires", RuleOutcome.FIRED, ("enclosed 1 × “Leaflet”",)),
        ("loses", RuleOutcome.LOST, ("“Sample” is out of stock (0 left)",)),
        ("differs", RuleOutcome.NOT_MATCHED, ()),
        ("off", RuleOutcome.DISABLED, ()),
        ("early", RuleOutcome.NOT_VALID, ()),
    ]
    condition = told.rules[2].condition
    assert condition is not None
    part = condition.parts[0]
    assert (part.expected.en, part.actual and part.actual.en) == ("orders before is at least 3 times", "0 times")
    in_japanese = tell(world, outcome.shipment_id, "ja")
    assert in_japanese.rules[0].sentences == ("「案内」を1点同梱",)
    assert in_japanese.rules[1].outcome_words == "条件に合いましたが、適用されませんでした"


def test_every_reason_and_action_has_words() -> None:
    assert set(REASONS) == set(Reason)
    assert set(ACTIONS) == set(ActionKind)


def test_stored_decisions_repeat_identically_whatever_happened_since(world: World) -> None:
    world.publish(
        rule("few", enclose("sample", 2), limits=[{"overall": 2}, {"per_customer": 1, "within_days": 3}]),
        rule("letter", {**LETTER, "slots": {"body": BODY}}),
        rule("late", enclose("later")),
    )
    world.count(sample=5, later=0)
    requests = [world.request(f"s{n}", minutes=n, buyer=f"c{n % 3}") for n in range(6)]
    ids = [outcome.decision_id for outcome in world.decide(*requests)]
    world.count(sample=0, later=9)
    ids += [outcome.decision_id for outcome in world.decide(*requests)]
    world.publish(rule("other", {"do": "tag", "tag": "t"}))
    assert {repeat(world, decision_id) for decision_id in ids} == {ReplayState.IDENTICAL}


def test_a_decision_that_was_tampered_with_is_told_apart(world: World) -> None:
    world.publish(rule("a", {"do": "tag", "tag": "t"}))
    first, second = world.decide(world.request("s1"), world.request("s2"))
    with session_scope([world.shop_id]) as session:
        world.publish(rule("b", {"do": "tag", "tag": "t"}))
        [third] = world.decide(world.request("s3"))
        statement = update(Decision).where(Decision.id == second.decision_id)
        session.execute(statement.values(version_id=third.version_id))
    assert repeat(world, first.decision_id) is ReplayState.IDENTICAL
    assert repeat(world, second.decision_id) is ReplayState.DIFFERENT


@pytest.mark.parametrize("erased", ["alice", "bob"])
def test_erasing_buyer_or_recipient_leaves_nothing_to_read(world: World, erased: str) -> None:
    world.publish(rule("letter", {**LETTER, "slots": {"body": {"ja": "あ", "en": "a"}}}))
    gift = world.request("s1", recipient_customer_id=world.customer("bob"))
    [outcome] = world.decide(gift)
    with session_scope([world.shop_id]) as session:
        erase_customer(session, world.shop_id, world.customer(erased))
    assert repeat(world, outcome.decision_id) is ReplayState.ERASED
    with pytest.raises(ErasedError):
        tell(world, outcome.shipment_id)
    with session_scope([world.shop_id]) as session:
        row: Any = session.get(Decision, outcome.decision_id)
        assert (row.sealed, row.fired, row.lost) == (None, None, None)


def test_an_erased_customer_can_still_be_decided_for(world: World) -> None:
    world.publish(rule("a", enclose("leaflet")))
    request = world.request("s1")
    with session_scope([world.shop_id]) as session:
        erase_customer(session, world.shop_id, world.customer("alice"))
    for _ in range(2):
        [outcome] = world.decide(request)
        assert [a.insert_key for a in outcome.allotted] == ["leaflet"]
        assert repeat(world, outcome.decision_id) is ReplayState.IDENTICAL


def test_limits_follow_a_customer_that_was_joined_into_another(world: World) -> None:
    world.publish(rule("once", {"do": "tag", "tag": "t"}, limits=[{"per_customer": 1}]))
    world.decide(world.request("s1", buyer="bob"))
    with session_scope([world.shop_id]) as session:
        join_customers(session, world.shop_id, world.customer("bob"), world.customer("alice"), made_by="t", reason="t")
    [outcome] = world.decide(world.request("s2", minutes=5, buyer="alice"))
    assert [lost.reason for lost in outcome.plan.lost] == [Reason.LIMIT_PER_CUSTOMER]


def test_earlier_decisions_and_returned_promises_stay_on_record(world: World) -> None:
    world.publish(rule("a", enclose("leaflet")))
    request = world.request("s1")
    for _ in range(3):
        world.decide(request)
    with session_scope([world.shop_id]) as session:
        decisions = list_decisions(session, world.shop_id, request.shipment_id)
        assert [decision.superseded_at is None for decision in decisions] == [True, False, False]
        states = [allotment.state for allotment in list_allotments(session, world.shop_id, [request.shipment_id])]
        assert states == ["returned", "returned", "reserved"]
