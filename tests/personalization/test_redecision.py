"""Deciding again equals deciding from scratch, whatever was decided before and in whatever order."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalization.models import DecisionMode
from personalization.plan import Plan
from personalization.requests import DecisionRequest
from personalization.storage import dump_plan
from tests.factories.personalization import enclose, rule
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


@pytest.fixture
def world(database: str) -> World:
    return make_world(INSERTS)


@st.composite
def rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(1, 5))):
        options: dict[str, Any] = {}
        if limits := draw(LIMITS):
            options["limits"] = limits
        if draw(st.booleans()):
            options["group"] = "g"
        given_things = [enclose(key, draw(st.integers(1, 2))) for key in draw(st.sets(st.sampled_from("abc")))]
        countries = draw(st.lists(st.sampled_from(COUNTRIES), min_size=1))
        when = {"fact": "order.country", "op": "one_of", "value": countries}
        found.append(rule(f"r{number}", *given_things, {"do": "tag", "tag": f"t{number}"}, when=when, **options))
    return found


def make_requests(world: World, chance: random.Random, name: int) -> list[DecisionRequest]:
    return [
        world.request(
            f"{name}-{number}",
            minutes=chance.randrange(4000),
            buyer=chance.choice(["alice", "bob", "carol"]),
            country=chance.choice(COUNTRIES),
        )
        for number in range(9)
    ]


def read(plans: list[tuple[DecisionRequest, Plan]]) -> dict[Any, Any]:
    return {request.shipment_id: dump_plan(plan) for request, plan in plans}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules(), st.integers(0, 6), st.integers(0, 6), st.integers(0, 2**32))
def test_deciding_again_equals_deciding_from_scratch(
    world: World, listed: list[dict[str, Any]], a: int, b: int, seed: int
) -> None:
    chance = random.Random(seed)
    world = make_world(INSERTS)
    world.publish(*listed)
    world.count(a=a, b=b)
    requests = make_requests(world, chance, seed)
    for _ in range(6):
        world.decide(*chance.sample(requests, chance.randint(1, 4)))
        world.check_counters()
    by_age = sorted(requests, key=lambda request: request.seniority)
    one_by_one = read([(request, world.decide(request)[0].plan) for request in by_age])
    shuffled = chance.sample(requests, len(requests))
    from_scratch = read(list(zip(shuffled, (o.plan for o in world.decide(*shuffled)), strict=True)))
    assert one_by_one == from_scratch
    frozen = read([(request, world.decide(request, mode=DecisionMode.FREEZE)[0].plan) for request in by_age])
    assert frozen == from_scratch
    world.check_counters()
