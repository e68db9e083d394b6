"""Coupon codes: one for one shipment, kept, returned, exact when many want the last ones, joined when redeemed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from core.db import session_scope
from orders.service import record_orders
from personalization.coupons.codes import count_bits, fold_code, make_code
from personalization.coupons.errors import CouponSeriesError, SourceFixedError
from personalization.coupons.queries import list_coupons, list_redemptions, list_series
from personalization.coupons.service import add_codes, free_void_codes, save_series
from personalization.explaining import explain
from personalization.models import DecisionMode
from personalization.plan import DecisionOutcome
from personalization.publishing import check_ruleset
from personalization.replaying import ReplayState, replay
from personalization.service import return_allotments, settle_packed
from tests.factories.orders import make_order
from tests.factories.personalization import CATALOGUE, enclose, rule, ruleset
from tests.personalization.world import World, enclosed, make_world
from tests.racing import run_at_once

GIVE = {"do": "coupon", "series": "winter"}


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def series(**changes: Any) -> dict[str, Any]:
    document = {
        "key": "winter",
        "title": {"ja": "次回のお買い物で", "en": "On your next order"},
        "value": {"ja": "500円引き", "en": "¥500 off"},
        "source": "pattern",
        "pattern": "CHA-******",
        "valid_days": 60,
    }
    return {key: value for key, value in {**document, **changes}.items() if value is not None}


def save(world: World, **changes: Any) -> None:
    with session_scope([world.shop_id]) as session:
        save_series(session, world.shop_id, series(**changes))


def fill(world: World, *codes: str) -> None:
    save(world, source="pool", pattern=None)
    with session_scope([world.shop_id]) as session:
        assert add_codes(session, world.shop_id, "winter", codes).added == len(codes)


def code_of(outcome: DecisionOutcome) -> str | None:
    return None if outcome.plan.coupon is None else outcome.plan.coupon.code


def states(world: World) -> dict[str, int]:
    with session_scope([world.shop_id]) as session:
        [figures] = list_series(session, world.shop_id)
        return {name: getattr(figures, name) for name in ("free", "reserved", "given", "void")}


def test_a_code_is_printed_in_the_plan_kept_when_decided_again_and_dated_by_the_order(world: World) -> None:
    save(world, valid_until="2027-01-10")
    world.publish(rule("r", GIVE))
    request = world.request("s1")
    [first] = world.decide(request)
    coupon = first.plan.coupon
    assert coupon is not None
    assert coupon.code is not None
    assert coupon.code.startswith("CHA-")
    assert coupon.valid_until == date(2027, 1, 10)
    assert coupon.slots["coupon_value"] == {"ja": "500円引き", "en": "¥500 off"}
    again = [code_of(world.decide(request, mode=mode)[0]) for mode in (DecisionMode.LIVE, DecisionMode.FREEZE)]
    assert again == [coupon.code] * 2
    with session_scope([world.shop_id]) as session:
        [row] = list_coupons(session, world.shop_id, [request.shipment_id])
        assert (row.code, row.firm, row.customer_id, row.rule_key) == (coupon.code, True, world.customer("alice"), "r")


def test_a_decision_with_a_code_is_replayed_and_told(world: World) -> None:
    save(world)
    world.publish(rule("r", GIVE), rule("second", GIVE))
    [outcome] = world.decide(world.request("s1"))
    with session_scope([world.shop_id]) as session:
        assert replay(session, outcome.decision_id).state is ReplayState.IDENTICAL
        told = explain(session, world.shop_id, outcome.shipment_id, "ja")
    assert told.rules[0].sentences == (f"クーポン「次回のお買い物で」 コード {code_of(outcome)}",)
    assert told.rules[1].sentences == ("クーポンは「r」が優先されました",)


def test_a_rule_without_a_code_left_encloses_nothing(world: World) -> None:
    fill(world, "ONLY-1")
    world.publish(rule("r", GIVE, enclose("leaflet")))
    older, younger = world.decide(world.request("s1"), world.request("s2", minutes=1, buyer="bob"))
    assert (code_of(older), enclosed(older)) == ("ONLY-1", ["leaflet"])
    assert (code_of(younger), enclosed(younger)) == (None, [])
    assert [lost.reason for lost in younger.plan.lost] == ["coupon_exhausted"]


def test_an_older_order_takes_the_last_code_over_unless_it_was_printed(world: World) -> None:
    fill(world, "ONLY-1")
    world.publish(rule("r", GIVE))
    young, old, oldest = (world.request(f"s{m}", minutes=m, buyer=f"b{m}") for m in (9, 5, 1))
    assert code_of(world.decide(young)[0]) == "ONLY-1"
    assert code_of(world.decide(old)[0]) == "ONLY-1"
    assert code_of(world.decide(young)[0]) is None
    assert code_of(world.decide(old, mode=DecisionMode.FREEZE)[0]) == "ONLY-1"
    assert code_of(world.decide(oldest)[0]) is None


def test_what_is_not_given_goes_back_and_what_was_printed_is_void(world: World) -> None:
    fill(world, "A-1", "A-2", "A-3")
    world.publish(rule("r", GIVE))
    requests = [world.request(f"s{n}", minutes=n, buyer=f"b{n}") for n in range(3)]
    live, frozen, sent = requests
    world.decide(live)
    for request in (frozen, sent):
        world.decide(request, mode=DecisionMode.FREEZE)
    with session_scope([world.shop_id]) as session:
        settle_packed(session, world.shop_id, sent.shipment_id, {})
        settle_packed(session, world.shop_id, sent.shipment_id, {})
        for _ in range(2):
            return_allotments(session, world.shop_id, [live.shipment_id, frozen.shipment_id])
    assert states(world) == {"free": 1, "reserved": 0, "given": 1, "void": 1}
    with session_scope([world.shop_id]) as session:
        assert free_void_codes(session, world.shop_id, "winter") == 1
    assert states(world)["free"] == 2


def test_a_rule_that_no_longer_fires_gives_its_code_back(world: World) -> None:
    save(world, code_limit=1)
    world.publish(rule("r", GIVE))
    [first] = world.decide(world.request("s1"))
    assert code_of(first)
    world.publish(rule("r", {"do": "tag", "tag": "t"}))
    world.decide(world.request("s1"))
    assert states(world)["reserved"] == 0
    world.publish(rule("r", GIVE))
    assert code_of(world.decide(world.request("s2", minutes=1, buyer="bob"))[0])


@pytest.mark.parametrize("source", ["pool", "pattern"])
def test_fifty_at_once_for_the_last_ten_codes(world: World, source: str) -> None:
    if source == "pool":
        fill(world, *(f"LAST-{n}" for n in range(10)))
    else:
        save(world, code_limit=10)
    world.publish(rule("r", GIVE))
    requests = [world.request(f"s{n}", minutes=n, buyer=f"b{n}") for n in range(50)]
    run_at_once([lambda request=request: world.decide(request) for request in requests[::-1]])  # type: ignore[misc]
    with session_scope([world.shop_id]) as session:
        held = list_coupons(session, world.shop_id, [request.shipment_id for request in requests])
    assert len({coupon.code for coupon in held}) == len(held) == 10
    assert {coupon.shipment_id for coupon in held} == {request.shipment_id for request in requests[:10]}


def test_a_code_on_a_later_order_is_joined_with_the_parcel_that_gave_it(
    world: World, run_jobs: Callable[..., int]
) -> None:
    fill(world, "Cha-8k2m")
    world.publish(rule("r", GIVE))
    request = world.request("s1")
    world.decide(request, mode=DecisionMode.FREEZE)
    order = make_order(coupon_codes=("ｃｈａ-8K2M",), total=3000)
    with session_scope([world.shop_id]) as session:
        settle_packed(session, world.shop_id, request.shipment_id, {})
        record_orders(session, world.shop_id, [order])
    with session_scope([world.shop_id]) as session:
        [redeemed] = list_redemptions(session, world.shop_id, "winter")
        assert (redeemed.code, redeemed.shipment_id) == ("Cha-8k2m", request.shipment_id)
        assert redeemed.order_number == order.number


def test_series_are_refused_with_place_and_reason(world: World) -> None:
    broken = series(pattern="AB-**", value={"ja": "", "en": "x"}, valid_days=0, more=1)
    with session_scope([world.shop_id]) as session, pytest.raises(CouponSeriesError) as caught:
        save_series(session, world.shop_id, broken)
    assert {(p.place, p.code) for p in caught.value.problems} == {
        ("$.more", "unknown_key"),
        ("$.pattern", "guessable_code"),
        ("$.value.ja", "empty_value"),
        ("$.valid_days", "out_of_range"),
    }
    save(world)
    world.publish(rule("r", GIVE))
    world.decide(world.request("s1"))
    with pytest.raises(SourceFixedError):
        save(world, source="pool", pattern=None)


def test_uploaded_codes_are_accounted_for(world: World) -> None:
    fill(world, "A-1")
    with session_scope([world.shop_id]) as session:
        added = add_codes(session, world.shop_id, "winter", ["a-1", "A-2", "ａ-２", "two words", ""])
    assert (added.added, added.repeated, added.refused) == (1, 2, ((4, "two words"), (5, "")))


def test_codes_hold_no_character_that_is_mistaken_for_another() -> None:
    made = {make_code("T?#-******") for _ in range(500)}
    assert len(made) == 500
    assert not {character for code in made for character in code[1:]} & set("ILO01")
    assert fold_code(" ｔa-9 ") == "TA-9"
    assert count_bits("******") > 28 > count_bits("*****")


def test_a_rule_names_a_series_that_exists(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        found = check_ruleset(session, world.shop_id, ruleset(rule("r", GIVE)), CATALOGUE)
    assert [(p.place, p.code) for p in found] == [("$.rules[0].then[0].series", "unknown_series")]
