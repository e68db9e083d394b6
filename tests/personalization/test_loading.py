"""Facts from the tables: what counts, from when, and what a past moment could know."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.db import session_scope
from crm_link.kinds import CareKind, ConsentState, Purpose, TouchpointKind
from crm_link.records import AttributeIn, ConsentIn, RankIn, TagIn, TouchpointLineIn
from crm_link.service import (
    record_consents,
    set_attributes,
    set_care_flag,
    set_ranks,
    set_tags,
)
from orders.normalised import DiscountKind, FeeKind, NormalisedDiscount, NormalisedFee
from orders.service import record_order
from personalization.facts.catalogue import FACTS
from personalization.facts.fact import AsOf, ParameterType
from personalization.facts.question import Audience, ask
from personalization.loading import staging
from personalization.loading.moments import list_local_days
from personalization.models import DecisionMode
from personalization.service import settle_packed
from tests.factories.crm_link import make_touchpoint
from tests.factories.orders import make_line, make_order, make_products
from tests.factories.personalization import NOON, enclose, rule
from tests.personalization.loads import happen, load, load_one, place, purchase
from tests.personalization.world import World, make_world


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def example_parameters(key: str) -> dict[str, Any]:
    examples: dict[ParameterType, Any] = {
        ParameterType.DAYS: 30,
        ParameterType.TEXT: "x",
        ParameterType.TEXTS: ["a", "b"],
    }
    return {parameter.key: examples[parameter.type] for parameter in FACTS[key].parameters}


def test_every_fact_of_the_catalogue_loads_with_and_without_parameters(world: World) -> None:
    questions = {ask(key, audience, **example_parameters(key)) for key in FACTS for audience in Audience}
    for key, fact in FACTS.items():
        required = {p.key: "x" for p in fact.parameters if p.required}
        questions |= {ask(key, audience, **required) for audience in Audience}
    gift = world.request("s1", recipient_customer_id=world.customer("bob"))
    for as_of in AsOf:
        listed = sorted(questions, key=lambda question: question.code)
        assert len(load(world, [gift, world.request("s2", buyer=None)], *listed, as_of=as_of)) == len(questions)


def test_many_requests_are_read_like_few(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id, buyer = place(world, make_order(placed_at=NOON, number="#7", coupon_codes=("A", "B")))
    happen(world, purchase(buyer, 40, channel="web"), purchase(buyer, 10, channel="shop"))
    requests = [world.request("s1", order_ids=(order_id,), customer_id=buyer), world.request("s2", buyer=None)]
    needed: dict[str, dict[str, Any]] = {
        key: {p.key: "x" for p in fact.parameters if p.required} for key, fact in FACTS.items()
    }
    questions = [ask(key, **parameters) for key, parameters in needed.items()]
    few = load(world, requests, *questions)
    monkeypatch.setattr(staging, "FEW", 0)
    assert load(world, requests, *questions) == few


def test_a_customer_without_history_counts_zero_and_a_guest_is_unknown(world: World) -> None:
    requests = [world.request("s1"), world.request("s2", buyer=None)]
    found = load(
        world,
        requests,
        ask("history.purchase_count"),
        ask("customer.lifetime_value"),
        ask("customer.average_order"),
        ask("history.insert_count"),
        ask("history.has_open_complaint"),
        ask("customer.is_known"),
        ask("customer.tags"),
    )
    assert found == [[0, None], [0, None], [None, None], [0, None], [False, None], [True, False], [(), None]]


def test_purchases_are_counted_before_this_order_only(world: World) -> None:
    alice = world.customer("alice")
    order_id, buyer = place(world, make_order(placed_at=NOON, number="#7"))
    happen(
        world,
        purchase(buyer, 400, amount=1000),
        purchase(buyer, 10, amount=3000),
        purchase(buyer, -1, amount=9000),
        purchase(alice, 5, amount=7000),
    )
    request = world.request("s1", order_ids=(order_id,), customer_id=buyer, moment=NOON + timedelta(days=2))
    found = load(
        world,
        [request],
        ask("customer.nth_order"),
        ask("customer.lifetime_value"),
        ask("customer.average_order"),
        ask("customer.days_since_first_order"),
        ask("customer.days_since_last_order"),
        ask("history.purchase_count", days=30),
    )
    assert found == [[3], [4000], [2000], [402], [12], [1]]


@pytest.mark.parametrize("name", ["Asia/Tokyo", "America/New_York", "Pacific/Apia"])
def test_local_days_are_those_of_the_calendar_to_its_ends(name: str) -> None:
    zone = ZoneInfo(name)
    near = [datetime(2026, 3, 7, 12, tzinfo=UTC) + timedelta(hours=hours) for hours in range(0, 24 * 900, 7)]
    for moments in ([datetime(9999, 12, 30, tzinfo=UTC)], [datetime(1, 1, 2, tzinfo=UTC)], near):
        assert list_local_days(moments, zone) == [moment.astimezone(zone).date() for moment in moments]


def test_days_are_those_of_the_shop(world: World) -> None:
    # 14:59 UTC is the last minute of a day in Tokyo; the moment is noon of the 19th there.
    alice = world.customer("alice")
    late = datetime(2026, 11, 17, 14, 59, tzinfo=UTC)
    happen(world, make_touchpoint(alice, occurred_at=late))
    request = world.request("s1")
    assert load_one(world, request, "history.days_since_purchase") == 2
    assert load_one(world, request, "history.purchase_count", days=1) == 0
    happen(world, make_touchpoint(alice, occurred_at=late + timedelta(minutes=1)))
    assert load_one(world, request, "history.purchase_count", days=1) == 1


def test_filters_narrow_counts_and_sums_to_their_lines(world: World) -> None:
    alice = world.customer("alice")
    tea = TouchpointLineIn(sku="TEA-1", quantity=2, amount=2000, category="tea")
    soap = TouchpointLineIn(sku="SOAP", quantity=1, amount=800, category="skin")
    happen(world, purchase(alice, 50, lines=(tea, soap), amount=2800), purchase(alice, 5, lines=(soap,), amount=800))
    request = world.request("s1")

    def ask_for(key: str, **parameters: Any) -> Any:
        return load_one(world, request, key, **parameters)

    assert ask_for("history.purchase_count", categories=["tea"]) == 1
    assert ask_for("history.purchase_count", skus=["SOAP", "NONE"]) == 2
    assert ask_for("history.purchase_amount", categories=["skin"]) == 1600
    assert ask_for("history.purchase_amount", categories=["skin"], days=30) == 800
    assert ask_for("history.purchase_amount", days=30) == 800
    assert ask_for("history.purchase_quantity", skus=["TEA-1"]) == 2
    assert ask_for("history.days_since_purchase", categories=["tea"]) == 50
    assert ask_for("history.days_since_purchase", categories=["none"]) is None


def test_tickets_campaigns_and_surveys(world: World) -> None:
    alice = world.customer("alice")
    kind = TouchpointKind
    happen(
        world,
        purchase(alice, 9, kind=kind.SUPPORT_TICKET, categories=("complaint",), status="open"),
        purchase(alice, 8, kind=kind.SUPPORT_TICKET, categories=("delivery",), status="closed"),
        purchase(alice, 20, kind=kind.CAMPAIGN, campaign="spring"),
        purchase(alice, 15, kind=kind.CAMPAIGN, campaign="summer"),
        purchase(alice, 14, kind=kind.CAMPAIGN_RESPONSE, campaign="spring"),
        purchase(alice, 13, kind=kind.CAMPAIGN, campaign="autumn", status="redeemed"),
        purchase(alice, 30, kind=kind.SURVEY, score=5, campaign="q"),
        purchase(alice, 3, kind=kind.SURVEY, score=2, campaign="q"),
    )
    request = world.request("s1")

    def ask_for(key: str, **parameters: Any) -> Any:
        return load_one(world, request, key, **parameters)

    assert (ask_for("history.ticket_count"), ask_for("history.open_ticket_count")) == (2, 1)
    assert ask_for("history.open_ticket_count", topics=["delivery"]) == 0
    assert ask_for("history.has_open_complaint") is True
    assert ask_for("history.unused_campaign_count") == 1
    assert ask_for("history.unused_campaign_count", campaigns=["spring"]) == 0
    assert (ask_for("history.last_survey_score"), ask_for("history.average_survey_score")) == (2, 3.5)
    assert ask_for("history.last_survey_score", days=1) is None


def test_a_backtest_sees_neither_the_future_nor_what_was_known_later(world: World) -> None:
    alice = world.customer("alice")
    told_late = purchase(alice, 5, external_id="late", amount=100)
    changed = purchase(alice, 20, external_id="changed", amount=1000)
    happen(
        world,
        replace(told_late, known_at=NOON + timedelta(days=3)),
        purchase(alice, -1, amount=10),
        changed,
        replace(changed, known_at=NOON + timedelta(days=1), amount=500),
    )
    cancelled = purchase(alice, 30, external_id="gone", amount=7)
    happen(world, cancelled)
    happen(world, replace(cancelled, known_at=NOON + timedelta(days=1), cancelled=True))
    request = world.request("s1")
    assert load_one(world, request, "customer.lifetime_value") == 600
    assert load_one(world, request, "customer.lifetime_value", AsOf.KNOWN) == 1007


def describe_alice(world: World, before: datetime, after: datetime) -> None:
    """Alice was a gold VIP and agreed to marketing; later she is no VIP and refuses it."""
    alice, shop = world.customer("alice"), world.shop_id
    attributes: dict[str, Any] = {"birthday": date(1984, 2, 29), "skin": "dry", "visits": 3, "newsletter": True}
    consents = [(ConsentState.GRANTED, before), (ConsentState.DENIED, after)]
    with session_scope([shop]) as session:
        set_tags(session, shop, [TagIn(customer_id=alice, tag="vip", present=True, source="t", known_at=before)])
        set_tags(session, shop, [TagIn(customer_id=alice, tag="vip", present=False, source="t", known_at=after)])
        set_ranks(session, shop, [RankIn(customer_id=alice, scheme="club", rank="gold", source="t", known_at=before)])
        said = [
            AttributeIn(customer_id=alice, name=n, value=v, source="t", known_at=before) for n, v in attributes.items()
        ]
        set_attributes(session, shop, said)
        record_consents(
            session,
            shop,
            [
                ConsentIn(
                    customer_id=alice, purpose=Purpose.MARKETING, state=s, source="t", occurred_at=at, known_at=at
                )
                for s, at in consents
            ],
        )


def test_a_past_moment_knows_what_was_said_until_then(world: World) -> None:
    describe_alice(world, NOON - timedelta(days=3), NOON + timedelta(days=3))
    found = load(
        world,
        [world.request("s1")],
        ask("customer.tags"),
        ask("customer.rank", scheme="club"),
        ask("customer.rank"),
        ask("customer.attribute", name="skin"),
        ask("customer.attribute_number", name="visits"),
        ask("customer.attribute_flag", name="newsletter"),
        ask("customer.attribute_date", name="birthday"),
        ask("customer.purposes_granted"),
        as_of=AsOf.KNOWN,
    )
    assert [value for [value] in found] == [
        ("vip",), "gold", "gold", "dry", 3, True, date(1984, 2, 29), ("marketing",)
    ]  # fmt: skip


def test_now_counts_what_was_said_last(world: World) -> None:
    describe_alice(world, NOON - timedelta(days=3), NOON + timedelta(days=3))
    with session_scope([world.shop_id]) as session:
        set_care_flag(session, world.shop_id, world.customer("alice"), CareKind.ALLERGY, subject="nuts")
    # 2027 has no 29 February: the birthday is kept on the 28th.
    request = world.request("s1", moment=datetime(2027, 2, 20, 3, tzinfo=UTC))
    keys = ["tags", "purposes_denied", "birth_month", "days_to_birthday", "age", "allergies"]
    found = load(world, [request], *[ask(f"customer.{key}") for key in keys])
    assert [value for [value] in found] == [(), ("marketing",), 2, 8, 42, ("nuts",)]


def test_facts_of_the_order(world: World) -> None:
    make_products(world.shop_id, "SKU-1")
    fee = NormalisedFee(kind=FeeKind.SHIPPING, amount=550)
    discount = NormalisedDiscount(kind=DiscountKind.COUPON, code="SPRING", amount=400)
    order = make_order(
        lines=(make_line(1), make_line(2, quantity=1)),
        fees=(fee,),
        discounts=(discount,),
        total=4150,
        coupon_codes=("SPRING",),
        tags=("vip",),
        note="よろしく",
        subscription_id="sub",
        subscription_cycle=3,
        attributes={"session": "R1", "seat": "12"},
    )
    with session_scope([world.shop_id]) as session:
        order_id = record_order(session, world.shop_id, order)
    request = world.request("s1", order_ids=(order_id,), prefecture="東京都")
    expected = {
        "order.total": 4150,
        "order.goods_total": 3600,
        "order.discount_total": 400,
        "order.shipping_fee": 550,
        "order.line_count": 2,
        "order.quantity": 3,
        "order.skus": ("SKU-1", "SKU-2"),
        "order.categories": ("日本茶",),
        "order.coupon_codes": ("SPRING",),
        "order.tags": ("vip",),
        "order.has_note": True,
        "order.is_subscription": True,
        "order.subscription_cycle": 3,
        "order.prefecture": "東京都",
        "order.count": 1,
    }
    found = load(world, [request], *[ask(key) for key in expected])
    assert {key: value for key, [value] in zip(expected, found, strict=True)} == expected
    assert load_one(world, request, "order.attribute", name="session") == "R1"
    assert load_one(world, request, "order.attribute_number", name="seat") == 12
    assert load_one(world, request, "order.attribute_number", name="session") is None


def test_what_was_really_packed_is_remembered(world: World, clock: Any) -> None:
    world.publish(rule("a", enclose("leaflet")))
    [outcome] = world.decide(world.request("s1"), mode=DecisionMode.FREEZE)
    later = world.request("s2", moment=clock.now + timedelta(days=3))
    assert load_one(world, later, "history.insert_count") == 0
    with session_scope([world.shop_id]) as session:
        settle_packed(session, world.shop_id, outcome.shipment_id, {outcome.allotted[0].allotment_id: 1})
    assert load_one(world, later, "history.insert_count", inserts=["leaflet"], days=3) == 1
    assert load_one(world, later, "history.days_since_insert") == 3
    assert load_one(world, later, "history.insert_count", inserts=["sample"]) == 0


def test_the_calendar_is_that_of_the_shop(world: World) -> None:
    new_year = world.request("s1", moment=datetime(2026, 12, 31, 15, 30, tzinfo=UTC))
    keys = ["calendar.date", "calendar.weekday", "calendar.hour", "calendar.season", "calendar.is_holiday"]
    found = load(world, [new_year], *[ask(key) for key in keys])
    assert [value for [value] in found] == [date(2027, 1, 1), "friday", 0, "winter", True]
