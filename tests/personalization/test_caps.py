"""The last ten for fifty who ask in the same instant: exactly ten are given, to the ten oldest orders."""

from typing import Any
from uuid import UUID

import pytest

from personalization.models import DecisionMode
from personalization.requests import DecisionRequest
from tests.factories.personalization import enclose, rule
from tests.personalization.world import World, make_world
from tests.racing import run_at_once

TAG = {"do": "tag", "tag": "t"}
RULES: dict[str, dict[str, Any]] = {
    "stock": rule("few", enclose("sample")),
    "overall": rule("few", TAG, limits=[{"overall": 10}]),
    "stock and overall": rule("few", enclose("sample"), limits=[{"overall": 10}, {"per_customer": 1}]),
}


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def holders(world: World) -> set[UUID]:
    return {shipment_id for shipment_id, _ in world.promised()}


@pytest.mark.parametrize("kind", RULES)
def test_fifty_at_once_for_the_last_ten(world: World, kind: str) -> None:
    world.publish(RULES[kind])
    world.count(sample=10)
    requests = [world.request(f"s{n}", minutes=n * 7 % 50, buyer=f"c{n}") for n in range(50)]
    run_at_once([lambda request=request: world.decide(request) for request in requests])  # type: ignore[misc]
    oldest = sorted(requests, key=lambda request: request.seniority)[:10]
    assert holders(world) == {request.shipment_id for request in oldest}
    world.check_counters()


def test_fifty_at_once_while_some_are_decided_again_and_some_frozen(world: World) -> None:
    """What is frozen is never taken over, so the ten need not be the oldest; they are never more than ten."""
    world.publish(RULES["stock and overall"])
    world.count(sample=10)
    requests = [world.request(f"s{n}", minutes=n, buyer=f"c{n}") for n in range(20)]

    def work(number: int, request: DecisionRequest) -> None:
        mode = DecisionMode.FREEZE if number % 5 == 0 else DecisionMode.LIVE
        world.decide(request, mode=mode)

    works = [
        lambda number=number, request=request: work(number, request)
        for number, request in enumerate([*requests, *requests[::-1], *requests[:10]])
    ]
    run_at_once(works)
    assert len(holders(world)) == 10
    assert world.available("sample") == 0
    world.check_counters()
