"""What is recommended: fitted on what was known before, never what the customer has, never what cannot be bought."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from core.db import session_scope
from crm_link.kinds import TouchpointKind
from crm_link.records import TouchpointIn
from crm_link.service import record_touchpoints
from orders.catalogue.models import Product
from orders.catalogue.records import ProductIn
from orders.catalogue.service import upsert_products
from personalization.explaining import explain
from personalization.plan import DecisionOutcome
from personalization.recommendations.fitting import fit
from personalization.recommendations.ranking import rank
from personalization.recommendations.service import find_model, fit_also_bought
from personalization.replaying import ReplayState, replay
from tests.conftest import FixedClock
from tests.factories.personalization import NOON, rule
from tests.personalization.world import World, make_world

WANT = {"do": "recommend", "count": 2}


def test_lifts_are_those_of_hand_reckoning() -> None:
    model = fit([["a", "b"]] * 6 + [["c"]] * 14 + [["a", "c"]] * 3)
    assert model.baskets == 23
    assert [(other, score > 0) for other, score in model.partners["a"]] == [("b", True)]
    # (6 + 5) / (9·6/23 + 5): a and b together against what chance would give, damped by five.
    assert model.partners["a"][0][1] == pytest.approx(0.4035, abs=1e-4)
    assert "c" not in model.partners
    assert list(model.popular) == ["c", "a", "b"]


def test_a_pair_of_fewer_than_three_baskets_and_no_history_at_all_prove_nothing() -> None:
    assert fit([["a", "b"], ["b", "a", "a"]]).partners == {}
    assert fit([]).popular == ()


def test_the_same_baskets_in_another_order_give_the_same_model() -> None:
    baskets = [["a", "b", "c"], ["b", "c"], ["c", "d"], ["a", "b"]] * 5
    assert fit(baskets) == fit(baskets[::-1])


def test_ranking_leaves_out_what_one_has_and_fills_up_with_what_sells() -> None:
    model = fit([["tea", "cup"]] * 9 + [["tea", "sugar"]] * 5 + [["pot", "cup"]] * 4 + [["rice"]] * 30)
    everything = {"tea", "cup", "sugar", "pot", "rice"}
    assert list(rank(model, ["tea"], [], everything, popular=False)) == ["cup", "sugar"]
    assert list(rank(model, ["tea"], ["cup"], everything, popular=True)) == ["sugar", "pot", "rice"]
    assert list(rank(model, ["tea"], [], {"sugar"}, popular=True)) == ["sugar"]


@pytest.fixture
def world(database: str, clock: FixedClock) -> World:
    clock.move_to(NOON)
    found = make_world()
    products = [
        ProductIn(sku=sku, name=f"{sku}の品", name_en=f"The {sku}", category=category)
        for sku, category in (("tea", "tea"), ("cup", "ware"), ("sugar", "sweets"), ("pot", "ware"), ("rice", "food"))
    ]
    with session_scope([found.shop_id]) as session:
        upsert_products(session, found.shop_id, products)
    baskets = [["tea", "cup"]] * 9 + [["tea", "sugar"]] * 5 + [["pot", "cup"]] * 4 + [["rice"]] * 30
    buy(found, "others", baskets)
    fit_until(found, 0)
    return found


def buy(world: World, buyer: str, baskets: list[list[str]], *, days: int = 10, known_days: int | None = None) -> None:
    customer_id = world.customer(buyer)
    touchpoints = [
        make_purchase(customer_id, f"{buyer}-{days}-{number}", skus, days, days if known_days is None else known_days)
        for number, skus in enumerate(baskets)
    ]
    with session_scope([world.shop_id]) as session:
        record_touchpoints(session, world.shop_id, touchpoints)


def make_purchase(customer_id: UUID, name: str, skus: list[str], days: int, known_days: int) -> TouchpointIn:
    return TouchpointIn(
        customer_id=customer_id,
        kind=TouchpointKind.PURCHASE,
        source="test",
        external_id=name,
        occurred_at=NOON - timedelta(days=days),
        known_at=NOON - timedelta(days=known_days),
        amount=1000,
        currency="JPY",
        skus=tuple(skus),
    )


def fit_until(world: World, days: int) -> None:
    with session_scope([world.shop_id]) as session:
        fit_also_bought(session, world.shop_id, NOON - timedelta(days=days))


def recommended(outcome: DecisionOutcome, slot: str = "recommendations") -> list[str]:
    return [product.sku for product in outcome.plan.recommendations.get(slot, ())]


def test_who_bought_tea_is_shown_what_goes_with_it(world: World) -> None:
    buy(world, "alice", [["tea"]])
    world.publish(rule("r", WANT))
    [outcome] = world.decide(world.request("s1"))
    assert recommended(outcome) == ["cup", "sugar"]
    with session_scope([world.shop_id]) as session:
        assert replay(session, outcome.decision_id).state is ReplayState.IDENTICAL
        told = explain(session, world.shop_id, outcome.shipment_id, "en")
    assert told.rules[0].sentences == ("recommended in “recommendations”: The cup, The sugar",)


def test_what_one_has_or_cannot_buy_is_not_shown(world: World) -> None:
    buy(world, "alice", [["tea", "cup"]])
    world.publish(rule("r", WANT), rule("ware", {**WANT, "categories": ["ware"], "slot": "body"}))
    assert recommended(world.decide(world.request("s1"))[0]) == ["sugar", "pot"]
    with session_scope([world.shop_id]) as session:
        session.execute(update(Product).where(Product.sku == "sugar").values(sold_out=True))
        session.execute(update(Product).where(Product.sku == "pot").values(active=False))
    [outcome] = world.decide(world.request("s1"))
    assert recommended(outcome) == recommended(outcome, "body") == []
    assert {lost.reason for lost in outcome.plan.lost} == {"nothing_to_recommend"}


def test_popular_products_stand_in_only_when_asked_for(world: World) -> None:
    world.publish(
        rule("plain", {**WANT, "slot": "body"}),
        rule("popular", {**WANT, "fallback": "popular"}),
        rule("late", {**WANT, "fallback": "popular"}),
    )
    [outcome] = world.decide(world.request("s1"))
    assert (recommended(outcome), recommended(outcome, "body")) == (["rice", "tea"], [])
    assert [(lost.rule_key, lost.reason) for lost in outcome.plan.lost] == [
        ("plain", "nothing_to_recommend"),
        ("late", "slot_taken"),
    ]


def test_a_model_is_used_only_for_moments_after_what_it_knows(world: World) -> None:
    buy(world, "alice", [["tea"]], days=40)
    world.publish(rule("r", WANT))
    earlier = world.request("s1", moment=NOON - timedelta(days=1))
    assert recommended(world.decide(earlier)[0]) == []
    # Fitted as of a day on which half of the purchases were made, but none was known yet.
    buy(world, "more", [["tea", "rice"]] * 20, days=8, known_days=1)
    fit_until(world, 2)
    with session_scope([world.shop_id]) as session:
        model = find_model(session, world.shop_id, earlier.moment)
        assert model is not None
        assert "rice" not in dict(model.partners["tea"])
    assert recommended(world.decide(earlier)[0]) == ["cup", "sugar"]


def test_the_basket_counts_and_a_denied_purpose_keeps_it_out(world: World) -> None:
    world.publish(rule("r", WANT, purposes=["marketing"]))
    buy(world, "alice", [["tea"]])
    [outcome] = world.decide(world.request("s1"))
    assert [lost.reason for lost in outcome.plan.lost] == ["purpose_missing"]


def test_a_gift_to_somebody_else_recommends_nothing_of_the_buyers_taste(world: World) -> None:
    buy(world, "alice", [["tea"]])
    world.publish(rule("r", WANT))
    gift: dict[str, Any] = {"is_gift": True, "recipient_customer_id": world.customer("bob")}
    [outcome] = world.decide(world.request("s1", **gift))
    assert [lost.reason for lost in outcome.plan.lost] == ["gift_to_other"]
