"""Deciding against the real database: promises, stock, limits, order of age, packing and returning."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from core import events
from core.db import session_scope
from crm_link.kinds import CareKind
from crm_link.service import set_care_flag
from personalization.errors import AllotmentNotFoundError, PackedTooMuchError
from personalization.events import ShipmentsDisplaced
from personalization.models import DecisionMode
from personalization.requests import DecisionRequest
from personalization.service import decide, return_allotments, settle_packed
from tests.factories.personalization import enclose, rule
from tests.personalization.world import World, enclosed, make_world

SAMPLE = rule("sample", enclose("sample"))


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def test_without_a_published_ruleset_only_care_flags_speak(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        set_care_flag(session, world.shop_id, world.customer("alice"), CareKind.DO_NOT_SEND)
    [outcome] = world.decide(world.request("s1", moment=_later(world)))
    assert outcome.version_id is None
    assert outcome.plan.hold_reasons[0]["en"] == "Care flag: do not send"


def _later(world: World) -> object:
    with session_scope([world.shop_id]) as session:
        return session.scalar(text("SELECT now() + interval '1 day'"))


def test_deciding_reserves_and_deciding_again_changes_nothing(world: World) -> None:
    world.publish(rule("both", enclose("leaflet"), enclose("sample", 2)))
    world.count(sample=3)
    request = world.request("s1")
    for _ in range(3):
        [outcome] = world.decide(request)
        assert [(a.insert_key, a.quantity) for a in outcome.allotted] == [("leaflet", 1), ("sample", 2)]
        assert world.available("sample") == 1
    world.check_counters()


def test_an_older_order_takes_the_last_one_over_and_the_younger_is_named(world: World) -> None:
    world.publish(SAMPLE)
    world.count(sample=1)
    told: list[ShipmentsDisplaced] = []
    events.subscribe(ShipmentsDisplaced, lambda _, event: told.append(event))
    young, old = world.request("young", minutes=5, buyer="bob"), world.request("old")
    assert enclosed(world.decide(young)[0]) == ["sample"]
    assert enclosed(world.decide(old)[0]) == ["sample"]
    assert [event.shipment_ids for event in told] == [(young.shipment_id,)]
    assert list(world.promised()) == [(old.shipment_id, "sample")]
    [again] = world.decide(young)
    assert [lost.reason for lost in again.plan.lost] == ["out_of_stock"]
    assert world.available("sample") == 0
    world.check_counters()


def test_what_is_frozen_stays_whoever_is_older(world: World) -> None:
    world.publish(SAMPLE)
    world.count(sample=1)
    young, old = world.request("young", minutes=5), world.request("old")
    world.decide(young, mode=DecisionMode.FREEZE)
    assert enclosed(world.decide(old)[0]) == []
    assert list(world.promised()) == [(young.shipment_id, "sample")]


def test_once_per_customer_goes_to_the_older_order_even_when_decided_later(world: World) -> None:
    world.publish(rule("once", {"do": "tag", "tag": "first"}, limits=[{"per_customer": 1}]))
    young, old, other = world.request("young", minutes=5), world.request("old"), world.request("other", buyer="bob")
    assert world.decide(young)[0].plan.tags
    assert [bool(outcome.plan.tags) for outcome in world.decide(old, other)] == [True, True]
    assert (young.shipment_id, "once") not in world.promised()
    assert not world.decide(young)[0].plan.tags


def test_settling_moves_what_was_packed_and_frees_the_rest(world: World) -> None:
    world.publish(rule("a", enclose("sample", 3), limits=[{"per_customer": 1}]), rule("b", enclose("leaflet")))
    world.count(sample=3)
    [outcome] = world.decide(world.request("s1"), mode=DecisionMode.FREEZE)
    sample, leaflet = outcome.allotted
    for _ in range(2):
        with session_scope([world.shop_id]) as session:
            settle_packed(session, world.shop_id, outcome.shipment_id, {sample.allotment_id: 2})
    assert world.available("sample") == 1
    assert world.promised() == {(outcome.shipment_id, "a"): [("packed", 3)]}
    world.check_counters()
    [second] = world.decide(world.request("s2", minutes=1))
    assert [lost.reason for lost in second.plan.lost] == ["limit_per_customer"]
    with session_scope([world.shop_id]) as session:
        return_allotments(session, world.shop_id, [outcome.shipment_id])
        return_allotments(session, world.shop_id, [outcome.shipment_id])
    assert world.available("sample") == 3
    world.check_counters()
    assert leaflet.insert_key == "leaflet"


def test_packing_more_or_something_else_is_refused(world: World) -> None:
    world.publish(SAMPLE)
    world.count(sample=9)
    first, second = world.decide(world.request("s1"), world.request("s2", buyer="bob"))
    [allotted] = first.allotted
    with session_scope([world.shop_id]) as session:
        with pytest.raises(PackedTooMuchError):
            settle_packed(session, world.shop_id, first.shipment_id, {allotted.allotment_id: 2})
        with pytest.raises(AllotmentNotFoundError):
            settle_packed(session, world.shop_id, second.shipment_id, {allotted.allotment_id: 1})


def test_a_back_order_comes_with_the_next_parcel_once(world: World) -> None:
    world.publish(
        rule("promise", enclose("later"), when={"fact": "order.country", "op": "equals", "value": "JP"}),
    )
    world.count(later=0)
    first = world.request("s1", country="JP")
    [outcome] = world.decide(first)
    assert [lost.reason for lost in outcome.plan.lost] == ["back_ordered"]
    assert world.promised() == {(first.shipment_id, "promise"): [("owed", 1)]}
    world.count(later=5)
    second, third = world.request("s2", minutes=1), world.request("s3", minutes=2)
    for _ in range(2):
        assert [enclosed(o) for o in world.decide(third, second)] == [[], ["later"]]
    assert [enclosed(o) for o in world.decide(third)] == [[]]
    assert world.available("later") == 4
    world.check_counters()


def test_a_guest_is_decided_too_and_never_limited_by_somebody_else(world: World) -> None:
    world.publish(SAMPLE, rule("once", {"do": "tag", "tag": "t"}, limits=[{"per_customer": 1}]))
    world.count(sample=5)
    for _ in range(2):
        [outcome] = world.decide(world.request("s1", buyer=None))
        assert enclosed(outcome) == ["sample"]
        assert [lost.reason for lost in outcome.plan.lost] == ["no_customer"]


@pytest.mark.parametrize("kind", ["stock", "overall", "customer"])
def test_the_last_ten_are_given_exactly_once_by_eight_threads(world: World, kind: str) -> None:
    tag = {"do": "tag", "tag": "t"}
    rules = {
        "stock": rule("few", enclose("sample")),
        "overall": rule("few", tag, limits=[{"overall": 10}]),
        "customer": rule("few", tag, limits=[{"per_customer": 10}]),
    }
    world.publish(rules[kind])
    world.count(sample=10)
    requests = [
        world.request(f"s{n}", minutes=n * 7 % 24, buyer="alice" if kind == "customer" else f"c{n}") for n in range(24)
    ]
    start = Barrier(8)

    def work(number: int) -> None:
        start.wait()
        for request in requests[number::8]:
            with session_scope([world.shop_id]) as session:
                decide(session, world.shop_id, [request], mode=DecisionMode.LIVE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    held = {shipment_id for shipment_id, _ in world.promised()}
    oldest = sorted(requests, key=lambda request: request.seniority)[:10]
    assert held == {request.shipment_id for request in oldest}
    world.check_counters()


def test_parallel_decisions_of_one_shipment_leave_one(world: World) -> None:
    world.publish(SAMPLE)
    world.count(sample=9)
    request: DecisionRequest = world.request("s1")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: world.decide(request), range(16)))
    assert world.promised() == {(request.shipment_id, "sample"): [("reserved", 1)]}
    assert world.available("sample") == 8
    world.check_counters()
