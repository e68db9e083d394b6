"""Counters of rules: once per printed parcel, taken back when it is cancelled, exact when many print at once."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text

from core import clock
from core.db import session_scope
from crm_link.service import erase_customer
from personalization.models import DecisionMode
from personalization.requests import DecisionRequest
from personalization.rule_counts.counting import count_final
from personalization.rule_counts.queries import (
    ENOUGH,
    RuleFigures,
    Span,
    Standing,
    get_trend,
    list_figures,
)
from personalization.service import return_allotments
from tests.factories.personalization import enclose, rule
from tests.personalization.world import World, make_world
from tests.racing import run_at_once

KEYS = ("leaflet", "sample", "off", "never", "tag")
NEVER = {"fact": "order.count", "op": "at_least", "value": 9}


@pytest.fixture
def world(database: str) -> World:
    made = make_world()
    made.count(sample=2)
    made.publish(
        rule("leaflet", enclose("leaflet", 2)),
        rule("sample", enclose("sample")),
        rule("off", enclose("leaflet"), enabled=False),
        rule("never", enclose("leaflet"), when=NEVER),
        rule("tag", {"do": "tag", "tag": "t"}, limits=[{"per_customer": 1}]),
    )
    return made


def today(world: World) -> date:
    return clock.now().date()


def span(world: World) -> Span:
    return Span(today(world) - timedelta(days=2), today(world) + timedelta(days=2))


def freeze(world: World, *requests: DecisionRequest) -> list[UUID]:
    ids = [request.shipment_id for request in requests]
    world.decide(*requests, mode=DecisionMode.FREEZE)
    count(world, ids)
    return ids


def count(world: World, ids: Sequence[UUID]) -> None:
    with session_scope([world.shop_id]) as session:
        count_final(session, world.shop_id, ids)


def read(world: World) -> dict[str, RuleFigures]:
    with session_scope([world.shop_id]) as session:
        return list_figures(session, world.shop_id, span(world), KEYS)


def brief(found: RuleFigures) -> tuple[int, int, int, dict[str, int]]:
    return found.considered, found.fired, found.lost, {reason: each.count for reason, each in found.reasons.items()}


def test_every_rule_is_counted_with_what_it_gave_and_why_it_lost(world: World) -> None:
    ids = freeze(world, *[world.request(f"s{n}", minutes=n) for n in range(3)])
    found = read(world)
    assert brief(found["leaflet"]) == (3, 3, 0, {})
    assert found["leaflet"].given == {"leaflet": 6}
    assert brief(found["sample"]) == (3, 2, 1, {"out_of_stock": 1})
    assert found["sample"].reasons["out_of_stock"].example_id == ids[2]
    assert brief(found["tag"]) == (3, 1, 2, {"limit_per_customer": 2})
    assert brief(found["never"]) == (3, 0, 0, {})
    assert brief(found["off"]) == (0, 0, 0, {})
    assert found["leaflet"].last_shipment_id == ids[2]
    assert found["never"].last_fired_on is None


def test_a_decision_counts_once_however_often_it_is_printed(world: World) -> None:
    request = world.request("s1")
    ids = freeze(world, request)
    count(world, ids)
    freeze(world, request)
    freeze(world, request)
    assert brief(read(world)["leaflet"]) == (1, 1, 0, {})


def test_what_is_only_decided_does_not_count(world: World) -> None:
    request = world.request("s1")
    world.decide(request)
    count(world, [request.shipment_id])
    assert brief(read(world)["leaflet"]) == (0, 0, 0, {})


def test_a_cancelled_parcel_counts_no_more_and_only_once_less(world: World) -> None:
    _, second = freeze(world, world.request("s1"), world.request("s2", minutes=1))
    for _ in range(2):
        with session_scope([world.shop_id]) as session:
            return_allotments(session, world.shop_id, [second])
    found = read(world)
    assert brief(found["leaflet"]) == (1, 1, 0, {})
    assert brief(found["tag"]) == (1, 1, 0, {})
    assert found["leaflet"].given == {"leaflet": 2}


def test_figures_of_an_erased_customer_remain(world: World) -> None:
    ids = freeze(world, world.request("s1"))
    with session_scope([world.shop_id]) as session:
        erase_customer(session, world.shop_id, world.customer("alice"))
        return_allotments(session, world.shop_id, ids)
    assert brief(read(world)["leaflet"]) == (1, 1, 0, {})


def test_a_rule_is_considered_only_by_versions_in_which_it_is_on(world: World) -> None:
    freeze(world, world.request("s1"))
    world.publish(rule("leaflet", enclose("leaflet"), enabled=False), rule("off", enclose("leaflet")))
    freeze(world, world.request("s2", minutes=1))
    found = read(world)
    assert (found["leaflet"].considered, found["off"].considered, found["off"].fired) == (1, 1, 1)


def test_the_trend_is_by_day(world: World) -> None:
    freeze(world, *[world.request(f"s{n}", minutes=n) for n in range(3)])
    with session_scope([world.shop_id]) as session:
        [day] = get_trend(session, world.shop_id, "sample", span(world))
    assert (day.considered, day.fired, day.lost) == (3, 2, 1)
    assert day.on - today(world) in (timedelta(0), timedelta(days=1))


def test_silence_says_something_only_after_enough_parcels() -> None:
    assert RuleFigures(considered=ENOUGH - 1).standing is Standing.TOO_EARLY
    assert RuleFigures(considered=ENOUGH).standing is Standing.NEVER_MATCHED
    assert RuleFigures(considered=ENOUGH, lost=3).standing is Standing.ALWAYS_LOST
    assert RuleFigures(considered=ENOUGH, fired=1).standing is Standing.WORKS
    assert RuleFigures(considered=ENOUGH).is_unused


def test_counters_are_exact_when_many_print_and_cancel_at_once(world: World) -> None:
    requests = [world.request(f"s{n}", minutes=n, buyer=f"c{n}") for n in range(24)]
    world.decide(*requests, mode=DecisionMode.FREEZE)
    parts = [[request.shipment_id for request in requests[start::6]] for start in range(6)]

    def print_and_cancel(part: list[UUID]) -> None:
        count(world, part)
        with session_scope([world.shop_id]) as session:
            return_allotments(session, world.shop_id, part[:1])
        count(world, part)

    run_at_once([partial(print_and_cancel, part) for part in parts])
    with session_scope([world.shop_id]) as session:
        counted = session.scalar(text("SELECT count(*) FROM decisions WHERE counted_on IS NOT NULL"))
    assert brief(read(world)["leaflet"]) == (counted, counted, 0, {})
