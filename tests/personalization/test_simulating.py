"""The past decided again in memory equals what was decided live, one order after the other."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db import session_scope
from personalization import simulating
from personalization.insert_info import Inserts
from personalization.inserts import load_inserts
from personalization.past_state import load_past_state
from personalization.plan import Plan
from personalization.problems import Problems
from personalization.requests import DecisionRequest
from personalization.resolver.crowds import deciding
from personalization.resolver.resolve import Rulebook
from personalization.rulesets.parsing import parse_ruleset
from personalization.simulating import load_past_batch, simulate
from personalization.storage import dump_plan
from tests.factories.personalization import CATALOGUE, NOON, enclose, rule, ruleset
from tests.personalization.world import World, make_world

INSERTS: list[dict[str, Any]] = [
    {
        "key": "a",
        "name": {"ja": "A", "en": "A"},
        "kind": "leaflet",
        "when_out": "substitute",
        "substitute": "b",
        "limit_per_customer": 2,
    },
    {"key": "b", "name": {"ja": "B", "en": "B"}, "kind": "leaflet"},
    {"key": "c", "name": {"ja": "C", "en": "C"}, "kind": "leaflet", "stocked": False},
]
COUNTRIES = ["JP", "US", "FR"]
LIMITS = st.sampled_from(
    [None, [{"overall": 3}], [{"per_customer": 1}], [{"per_customer": 1, "within_days": 1}, {"overall": 5}]]
)
IN_JAPAN: dict[str, Any] = {"fact": "order.country", "op": "one_of", "value": ["JP"]}
LATER: dict[str, Any] = {"key": "d", "name": {"ja": "D", "en": "D"}, "kind": "leaflet", "when_out": "back_order"}


@pytest.fixture
def world(database: str) -> World:
    return make_world([*INSERTS, LATER])


@pytest.fixture(autouse=True)
def _small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few orders go the way of many."""
    monkeypatch.setattr(deciding, "FEW", 2)
    monkeypatch.setattr(deciding, "SHORT", 3)
    monkeypatch.setattr(simulating, "RUN", 5)


def make_rulebook(inserts: Inserts, rules: Sequence[dict[str, Any]]) -> Rulebook:
    document = parse_ruleset(ruleset(*rules), Problems())
    assert document is not None
    return Rulebook(document, CATALOGUE, inserts)


def simulate_all(
    world: World, requests: Sequence[DecisionRequest], rules: Sequence[dict[str, Any]], *, share: float = 1.0
) -> list[Plan]:
    """Return the plans of a simulation that begins with the oldest of the requests."""
    with session_scope([world.shop_id]) as session:
        rulebook = make_rulebook(load_inserts(session, world.shop_id), rules)
        batch = load_past_batch(session, world.shop_id, requests, [rulebook.document])
        persons = {request.customer_id for request in requests if request.customer_id is not None}
        since = min(request.accepted_at for request in requests)
        state = load_past_state(session, world.shop_id, since, persons, [rulebook], share=share)
        found = {each.row: each.resolved.plan for each in simulate(session, world.shop_id, rulebook, batch, state)}
    return [found[row] for row in range(len(requests))]


def shorten(plan: Plan) -> dict[str, Any]:
    """Return the plan without the ids of promises, which a simulation makes up."""
    dumped = dump_plan(plan)
    dumped["fired"] = [{k: v for k, v in chosen.items() if k != "owed_allotment_id"} for chosen in dumped["fired"]]
    return dumped


@st.composite
def some_rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(1, 5))):
        options: dict[str, Any] = {}
        if limits := draw(LIMITS):
            options["limits"] = limits
        if draw(st.booleans()):
            options["group"] = "g"
        things = [enclose(key, draw(st.integers(1, 2))) for key in draw(st.sets(st.sampled_from("abcd")))]
        countries = draw(st.lists(st.sampled_from(COUNTRIES), min_size=1))
        when = {"fact": "order.country", "op": "one_of", "value": countries}
        found.append(rule(f"r{number}", *things, {"do": "tag", "tag": f"t{number}"}, when=when, **options))
    return found


def check_equal(rules: list[dict[str, Any]], counts: tuple[int, int, int], seed: int, requests: int) -> None:
    chance = random.Random(seed)
    world = make_world([*INSERTS, LATER])
    world.publish(*rules)
    world.count(a=counts[0], b=counts[1], d=counts[2])
    asked = [
        world.request(
            f"s{number}",
            minutes=chance.randrange(4000),
            buyer=chance.choice(["alice", "bob", "carol", None]),
            country=chance.choice(COUNTRIES),
        )
        for number in range(requests)
    ]
    asked.sort(key=lambda request: request.seniority)
    earlier = chance.randrange(requests // 2)
    # A period begins at a moment: orders of one moment are all before it or all in it.
    while earlier and asked[earlier - 1].accepted_at == asked[earlier].accepted_at:
        earlier -= 1
    live = [world.decide(request)[0].plan for request in asked]
    # What came before the period is the state it begins with.
    simulated = simulate_all(world, asked[earlier:], rules)
    assert [shorten(plan) for plan in simulated] == [shorten(plan) for plan in live[earlier:]]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some_rules(), st.tuples(*[st.integers(0, 5)] * 3), st.integers(0, 2**32))
def test_a_simulation_chooses_what_was_chosen_live(
    world: World, rules: list[dict[str, Any]], counts: tuple[int, int, int], seed: int
) -> None:
    check_equal(rules, counts, seed, requests=9)


def test_a_period_begins_before_all_orders_of_its_first_moment(world: World) -> None:
    """Two of these nine were accepted in the same minute; which of them is the older one is chance."""
    rules = [rule("r0", {"do": "tag", "tag": "t0"}, when=IN_JAPAN, limits=[{"overall": 3}])]
    for _ in range(8):
        check_equal(rules, (0, 0, 0), seed=17631, requests=9)


@pytest.mark.prove
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some_rules(), st.tuples(*[st.integers(0, 8)] * 3), st.integers(0, 2**32))
def test_a_simulation_chooses_what_was_chosen_live_at_full_size(
    world: World, rules: list[dict[str, Any]], counts: tuple[int, int, int], seed: int
) -> None:
    check_equal(rules, counts, seed, requests=30)


def test_a_simulation_writes_nothing_and_begins_with_the_stock_of_then(world: World) -> None:
    world.publish(rule("few", enclose("b")))
    world.count(b=2)
    requests = [world.request(f"s{number}", minutes=number, buyer=f"c{number}") for number in range(3)]
    for request in requests:
        world.decide(request)
    before = world.promised(), world.available("b")
    draft = [rule("few", enclose("b", 2)), rule("tagged", {"do": "tag", "tag": "t"}, limits=[{"overall": 1}])]
    plans = simulate_all(world, requests, draft)
    assert [len(plan.enclosures) for plan in plans] == [1, 0, 0]
    assert [bool(plan.tags) for plan in plans] == [True, False, False]
    assert (world.promised(), world.available("b")) == before


def test_a_sample_shares_what_is_scarce(world: World) -> None:
    world.publish(rule("few", enclose("b")))
    world.count(b=4)
    requests = [world.request(f"s{number}", minutes=number, buyer=f"c{number}") for number in range(4)]
    plans = simulate_all(world, requests, [rule("few", enclose("b"))], share=0.5)
    assert [len(plan.enclosures) for plan in plans] == [1, 1, 0, 0]
    assert requests[0].accepted_at == NOON
