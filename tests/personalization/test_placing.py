"""What no paper of a parcel has a place for is not given: no code is used up unseen, and no limit is charged."""

from dataclasses import replace
from typing import Any

import pytest

from core.db import session_scope
from personalization.advice.service import advise
from personalization.coupons.queries import list_series
from personalization.coupons.service import save_series
from personalization.explaining import explain
from personalization.models import DecisionMode
from personalization.placing import Places
from personalization.plan import DecisionOutcome
from personalization.replaying import ReplayState, replay
from personalization.requests import DecisionRequest, Papers
from personalization.rulesets.catalogue import dump_catalogue, load_catalogue
from personalization.service import decide, foresee
from tests.factories.personalization import CATALOGUE, enclose, rule, ruleset
from tests.personalization.test_coupons import series
from tests.personalization.world import World, enclosed, make_world

GIVE = {"do": "coupon", "series": "winter"}
PLACES: Places = {
    ("slip", "ja"): frozenset({"coupon_note", "message"}),
    ("gift-slip", "ja"): frozenset({"message"}),
    ("letter", "ja"): frozenset({"body", "coupon_code"}),
    ("birthday-letter", "ja"): frozenset({"body"}),
}
USUAL, GIFT = Papers(("slip",), "ja"), Papers(("gift-slip",), "ja")
FOR_GIFTS = {"fact": "order.is_gift", "op": "equals", "value": True}


@pytest.fixture
def world(database: str) -> World:
    world = make_world()
    with session_scope([world.shop_id]) as session:
        save_series(session, world.shop_id, series())
    return world


def act(world: World, *requests: DecisionRequest, mode: DecisionMode = DecisionMode.LIVE) -> list[DecisionOutcome]:
    with session_scope([world.shop_id]) as session:
        return decide(session, world.shop_id, requests, mode=mode, places=lambda: PLACES)


def codes(world: World) -> int:
    with session_scope([world.shop_id]) as session:
        [figures] = list_series(session, world.shop_id)
    return figures.reserved


def test_a_slip_without_a_place_gets_no_code_and_charges_no_limit(world: World) -> None:
    once = rule("once", GIVE, limits=[{"per_customer": 1}])
    world.publish(once, rule("card", enclose("leaflet"), GIVE))
    [gift] = act(world, world.request("s1", papers=GIFT))
    assert (gift.plan.coupon, enclosed(gift)) == (None, [])  # a rule acts whole or not at all
    assert [(lost.rule_key, lost.reason) for lost in gift.plan.lost] == [("once", "no_place"), ("card", "no_place")]
    assert codes(world) == 0
    [later] = act(world, world.request("s2", minutes=1, papers=USUAL))
    assert later.plan.coupon is not None
    assert later.plan.coupon.rule_key == "once"  # the parcel without a place was no use


def test_the_papers_that_are_chosen_count_and_not_those_that_might_be(world: World) -> None:
    letter: dict[str, Any] = {"do": "letter", "template": "birthday-letter"}
    world.publish(
        rule("letter", letter),
        rule("coupon", GIVE),
        rule("other", {"do": "letter", "template": "letter"}),
        rule("slip", {"do": "slip", "template": "gift-slip"}, when=FOR_GIFTS),
    )
    request = world.request("s1", papers=GIFT)
    [outcome] = act(world, request)
    # The letter with a place lost to the one above: it would have been given, and printed nowhere.
    assert outcome.plan.coupon is None
    assert codes(world) == 0
    with session_scope([world.shop_id]) as session:
        assert replay(session, outcome.decision_id).state is ReplayState.IDENTICAL
        [plan] = foresee(session, world.shop_id, [request], places=lambda: PLACES)
        told = explain(session, world.shop_id, request.shipment_id, "ja")
    assert plan == outcome.plan
    [coupon] = [each for each in told.rules if each.rule_key == "coupon"]
    assert coupon.sentences == ("「gift-slip」・「birthday-letter」に載せる場所がありません",)
    [with_place] = act(world, replace(request, papers=USUAL))
    assert with_place.plan.coupon is not None
    assert codes(world) == 1


def test_a_letter_with_a_place_is_enough(world: World) -> None:
    world.publish(rule("coupon", GIVE), rule("letter", {"do": "letter", "template": "letter"}))
    [outcome] = act(world, world.request("s1", papers=GIFT), mode=DecisionMode.FREEZE)
    assert outcome.plan.coupon is not None


def test_the_editor_is_told_where_there_is_no_place(world: World) -> None:
    shown = {
        key: replace(template, shown=PLACES.get((key, "ja"), frozenset()), name_ja=key, name_en=key)
        for key, template in CATALOGUE.templates.items()
    }
    catalogue = replace(CATALOGUE, templates=shown, slips=("slip", "gift-slip"))
    assert load_catalogue(dump_catalogue(catalogue)) == catalogue
    document = ruleset(
        rule("usual", GIVE),
        rule("own", GIVE, {"do": "slip", "template": "gift-slip"}, when=FOR_GIFTS),
        rule("not-gifts", GIVE, gifts="never", when={**FOR_GIFTS, "value": False}),
        rule("words", {"do": "message", "slot": "message", "text": {"ja": "あ", "en": "a"}}),
    )
    with session_scope([world.shop_id]) as session:
        said = [each for each in advise(session, world.shop_id, document, catalogue) if "no_place" in each.code]
    assert [(each.rule_key, each.code, each.place) for each in said] == [
        ("usual", "no_place_on_some", "$.rules[0].then[0]"),
        ("own", "no_place", "$.rules[1].then[0]"),
    ]
    assert said[1].ja == "「gift-slip」には、クーポンを載せる場所がありません。"


def test_a_message_that_is_not_printed_is_said_to_be_so(world: World) -> None:
    world.publish(rule("words", {"do": "message", "slot": "message", "text": {"ja": "あ", "en": "a"}}))
    request = world.request("s1", papers=Papers(("birthday-letter",), "ja"))
    act(world, request)
    with session_scope([world.shop_id]) as session:
        [told] = explain(session, world.shop_id, request.shipment_id, "en").rules
    assert told.sentences == ("wrote a message into “message” (not printed: “birthday-letter” has no place for it)",)
