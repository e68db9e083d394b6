"""Decisions under an experiment: who is taken in, what they get, and that it can be repeated."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db import session_scope
from crm_link.kinds import ConsentState, Purpose
from crm_link.records import ConsentIn
from crm_link.service import join_customers, record_consents
from personalization.errors import RulesetError
from personalization.experiments.arms import to_info
from personalization.experiments.assigning import HELD_OUT, assign
from personalization.experiments.models import Assignment, Experiment
from personalization.plan import DecisionOutcome, Reason
from personalization.replaying import ReplayState, replay
from tests.factories.personalization import NOON, enclose, rule
from tests.personalization.experiments.plans import end, plan, start
from tests.personalization.world import World, enclosed, make_world

BOUND = {"experiment": {"key": "tea-sample", "arm": "sample"}}


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def find_by_arm(world: World, experiment: Experiment, arm: str, start_at: int = 0) -> str:
    """Return the name of a customer whom the hash puts into this arm."""
    names = (f"{arm}-{number}" for number in range(start_at, 100))
    return next(name for name in names if assign(to_info(experiment), [world.customer(name)]) == [arm])


def logged(world: World) -> dict[UUID, str]:
    with session_scope([world.shop_id]) as session:
        rows = session.execute(select(Assignment.customer_id, Assignment.arm)).all()
        return {row.customer_id: row.arm for row in rows}


def reasons(outcome: DecisionOutcome) -> list[tuple[str, Reason]]:
    return [(lost.rule_key, lost.reason) for lost in outcome.plan.lost]


def deny_measurement(world: World, name: str) -> None:
    consent = ConsentIn(
        customer_id=world.customer(name),
        purpose=Purpose.MEASUREMENT,
        state=ConsentState.DENIED,
        source="test",
        occurred_at=NOON,
    )
    with session_scope([world.shop_id]) as session:
        record_consents(session, world.shop_id, [consent])


def test_only_the_arm_gets_the_insert_and_both_are_assigned(world: World) -> None:
    experiment = start(world)
    world.publish(rule("sample", enclose("leaflet"), **BOUND))
    treated, held = find_by_arm(world, experiment, "sample"), find_by_arm(world, experiment, HELD_OUT)
    first, second = world.decide(world.request("s1", buyer=treated), world.request("s2", buyer=held))
    assert (enclosed(first), enclosed(second)) == (["leaflet"], [])
    assert reasons(second) == [("sample", Reason.HELD_OUT)]
    assert second.plan.lost[0].details == {"experiment": "tea-sample"}
    assert logged(world) == {world.customer(treated): "sample", world.customer(held): HELD_OUT}


def test_single_decisions_assign_as_a_batch_does(world: World) -> None:
    start(world)
    world.publish(rule("sample", enclose("leaflet"), **BOUND))
    names = [f"c{number}" for number in range(12)]
    together = world.decide(*[world.request(f"b-{name}", buyer=name) for name in names])
    before = logged(world)
    alone = [world.decide(world.request(f"a-{name}", buyer=name))[0] for name in names[:4]]
    assert [enclosed(outcome) for outcome in alone] == [enclosed(outcome) for outcome in together[:4]]
    assert logged(world) == before
    assert len(before) == 12


def test_who_does_not_match_is_not_taken_in(world: World) -> None:
    start(world)
    never = {"fact": "order.is_gift", "op": "equals", "value": True}
    world.publish(rule("sample", enclose("leaflet"), when=never, **BOUND))
    world.decide(world.request("s1"))
    assert logged(world) == {}


def test_a_guest_has_no_arm(world: World) -> None:
    start(world)
    world.publish(rule("sample", enclose("leaflet"), **BOUND))
    [outcome] = world.decide(world.request("s1", buyer=None))
    assert (enclosed(outcome), reasons(outcome)) == ([], [("sample", Reason.NO_ARM)])
    assert logged(world) == {}


def test_who_denies_measurement_is_left_out(world: World) -> None:
    start(world)
    deny_measurement(world, "alice")
    world.publish(rule("sample", enclose("leaflet"), **BOUND))
    [outcome] = world.decide(world.request("s1"))
    assert reasons(outcome) == [("sample", Reason.PURPOSE_DENIED)]
    assert logged(world) == {}


def test_two_arms_and_the_words_of_the_other_one(world: World) -> None:
    arms = [{"key": key, "name": {"ja": key, "en": key}, "share": 5000} for key in ("card", "letter")]
    experiment = start(world, plan(arms=arms, holdout_share=0, control="card"))
    world.publish(
        rule("with-card", enclose("leaflet"), experiment={"key": "tea-sample", "arm": "card"}),
        rule("with-letter", {"do": "tag", "tag": "letter"}, experiment={"key": "tea-sample", "arm": "letter"}),
    )
    [outcome] = world.decide(world.request("s1", buyer=find_by_arm(world, experiment, "letter")))
    assert enclosed(outcome) == []
    assert outcome.plan.tags == {"letter"}
    [lost] = outcome.plan.lost
    assert (lost.rule_key, lost.reason, lost.details["arm"]) == ("with-card", Reason.OTHER_ARM, "letter")


@pytest.mark.parametrize(("winner", "given"), [("sample", ["leaflet"]), (None, [])])
def test_once_ended_the_winner_is_for_everybody(world: World, winner: str | None, given: list[str]) -> None:
    experiment = start(world)
    world.publish(rule("sample", enclose("leaflet"), **BOUND))
    held = find_by_arm(world, experiment, HELD_OUT)
    end(world, winner=winner)
    outcomes = world.decide(world.request("s1", buyer=held), world.request("s2", buyer=None))
    assert [enclosed(outcome) for outcome in outcomes] == [given, given]
    assert logged(world) == {}
    if winner is None:
        assert reasons(outcomes[0]) == [("sample", Reason.EXPERIMENT_NOT_RUNNING)]


def test_decisions_are_repeated_with_the_arms_of_then(world: World) -> None:
    experiment = start(world)
    world.publish(rule("sample", enclose("leaflet"), **BOUND))
    names = [find_by_arm(world, experiment, arm) for arm in ("sample", HELD_OUT)]
    outcomes = world.decide(*[world.request(f"s-{name}", buyer=name) for name in names])
    end(world)
    with session_scope([world.shop_id]) as session:
        found = [replay(session, outcome.decision_id).state for outcome in outcomes]
    assert found == [ReplayState.IDENTICAL, ReplayState.IDENTICAL]


def test_a_joined_customer_keeps_the_arm_that_was_logged(world: World) -> None:
    experiment = start(world)
    world.publish(rule("sample", enclose("leaflet"), **BOUND))
    treated, held = find_by_arm(world, experiment, "sample"), find_by_arm(world, experiment, HELD_OUT)
    world.decide(world.request("s1", buyer=treated))
    with session_scope([world.shop_id]) as session:
        join_customers(
            session, world.shop_id, world.customer(treated), world.customer(held), made_by="test", reason="same"
        )
    [outcome] = world.decide(world.request("s2", buyer=held))
    assert enclosed(outcome) == ["leaflet"]
    assert logged(world)[world.customer(held)] == "sample"


def shop_holdout(**changes: Any) -> dict[str, Any]:
    arm = {"key": "promoted", "name": {"ja": "通常", "en": "As always"}, "share": 5000}
    return plan("shop-holdout", kind="shop_holdout", arms=[arm], **changes)


def test_the_shop_wide_hold_out_keeps_promotion_back_and_nothing_else(world: World) -> None:
    experiment = start(world, shop_holdout())
    world.publish(rule("promotion", enclose("leaflet")), rule("tag", {"do": "tag", "tag": "seen"}))
    held, other = find_by_arm(world, experiment, HELD_OUT), find_by_arm(world, experiment, "promoted")
    deny_measurement(world, unmeasured := find_by_arm(world, experiment, HELD_OUT, 50))
    names = (held, other, unmeasured)
    first, second, third = world.decide(*[world.request(name, buyer=name) for name in names])
    assert [enclosed(outcome) for outcome in (first, second)] == [[], ["leaflet"]]
    assert reasons(first) == [("promotion", Reason.HELD_OUT)]
    assert first.plan.tags == {"seen"}
    assert enclosed(third) == ["leaflet"]
    assert logged(world) == {world.customer(held): HELD_OUT, world.customer(other): "promoted"}


def test_a_rule_may_not_name_what_is_not_there(world: World) -> None:
    start(world)
    with pytest.raises(RulesetError) as raised:
        world.publish(
            rule("one", enclose("leaflet"), experiment={"key": "nothing", "arm": "a"}),
            rule("two", enclose("leaflet"), experiment={"key": "tea-sample", "arm": "b"}),
            rule("three", enclose("leaflet"), experiment={"key": "tea-sample"}),
        )
    assert [problem.code for problem in raised.value.problems] == ["missing_key"]
    with pytest.raises(RulesetError) as raised:
        world.publish(
            rule("one", enclose("leaflet"), experiment={"key": "nothing", "arm": "a"}),
            rule("two", enclose("leaflet"), experiment={"key": "tea-sample", "arm": "b"}),
        )
    found = [(problem.place, problem.code) for problem in raised.value.problems]
    assert found == [
        ("$.rules[0].experiment.key", "unknown_experiment"),
        ("$.rules[1].experiment.arm", "unknown_choice"),
    ]
