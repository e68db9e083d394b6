"""Advice from a shop's own figures: stock and pace, consents, what acted and what did not."""

from datetime import timedelta

from core import clock
from core.db import session_scope
from crm_link.kinds import ConsentState, Purpose
from crm_link.records import ConsentIn
from crm_link.service import record_consents
from personalization.inserts import count_stock
from tests.factories.personalization import NOON, enclose, rule
from tests.personalization.advice.test_service import TAG, ask, say
from tests.personalization.world import make_world


def test_the_pace_is_taken_from_what_was_promised(database: str) -> None:
    world = make_world()
    document = rule("a", enclose("sample"))
    world.publish(document)
    world.count(sample=100)
    world.decide(*[world.request(f"s{n}", minutes=n, buyer=f"b{n % 3}") for n in range(70)])
    codes = say(world, document)
    assert codes == [("runs_out", "$.rules[0].then[0].insert")]  # 70 in the week's measure: 10 a day, 30 left
    world.count(sample=70)
    assert [code for code, _ in say(world, document)] == ["out_of_stock"]


def test_a_purpose_that_few_have_granted_is_told(database: str) -> None:
    world = make_world()
    people = [world.customer(name) for name in "abcdefghij"]
    with session_scope([world.shop_id]) as session:
        consents = [
            ConsentIn(
                customer_id=person,
                purpose=Purpose.MARKETING,
                state=state,
                source="test",
                occurred_at=NOON - timedelta(days=days),
            )
            for person, state, days in [
                (people[0], ConsentState.GRANTED, 3),
                (people[1], ConsentState.GRANTED, 3),
                (people[1], ConsentState.DENIED, 2),
            ]
        ]
        record_consents(session, world.shop_id, consents)
    (advice,) = ask(world, rule("a", TAG, purposes=["marketing"]))
    assert advice.code == "few_granted"
    assert "10%(1/10人)" in advice.ja


def test_what_was_live_for_a_month_and_never_acted_is_told(database: str) -> None:
    world = make_world()
    idle = rule("idle", TAG, when={"fact": "customer.tags", "op": "has_any", "value": ["nobody"]})
    busy = rule("busy", TAG)
    with clock.freeze(NOON - timedelta(days=40)):
        world.publish(busy, idle)
    with clock.freeze(NOON - timedelta(days=1)):
        world.decide(*[world.request(f"s{n}") for n in range(60)])
    assert say(world, busy, idle) == [("unused", "$.rules[1]")]


def test_the_stock_never_counted_is_told(database: str) -> None:
    world = make_world()
    assert say(world, rule("a", enclose("sample"))) == [("never_counted", "$.rules[0].then[0].insert")]
    with session_scope([world.shop_id]) as session:
        count_stock(session, world.shop_id, world.warehouse_id, {"sample": 5})
    assert say(world, rule("a", enclose("sample"))) == []


def test_names_that_the_shop_never_had_are_told_at_their_place(database: str) -> None:
    world = make_world()
    unknown = {"fact": "order.skus", "op": "has_any", "value": ["TEA-9"]}
    (advice,) = ask(world, {"key": 1}, rule("a", TAG, when={"all": [unknown]}))
    assert (advice.code, advice.place) == ("unknown_value", "$.rules[1].when.all[0].value")
    assert "TEA-9" in advice.ja


def test_gifts_that_only_larger_orders_may_hold_are_told(database: str) -> None:
    gift = {"key": "dish", "name": {"ja": "豆皿", "en": "Dish"}, "kind": "gift", "market_value": 480, "stocked": False}
    world = make_world([gift])
    assert "law" in [code for code, _ in say(world, rule("a", enclose("dish")))]
    dear = {"fact": "order.goods_total", "op": "at_least", "value": 10000}
    assert "law" not in [code for code, _ in say(world, rule("a", enclose("dish"), when=dear))]
