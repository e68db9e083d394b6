"""Each fact about an order, with values worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.db import session_scope
from orders.catalogue.records import ProductIn
from orders.catalogue.service import upsert_products
from orders.normalised import DiscountKind, FeeKind, GiftWishes, NormalisedDiscount, NormalisedFee, PaymentState
from personalization.requests import BoxSpace
from tests.factories.orders import make_line, make_order
from tests.factories.personalization import NOON
from tests.personalization.loads import load_all, load_one, place
from tests.personalization.world import World, make_world

PLACED = datetime(2026, 11, 17, 15, 30, tzinfo=UTC)  # half past midnight of Wednesday the 18th in Tokyo


@pytest.fixture
def world(database: str) -> World:
    world = make_world()
    with session_scope([world.shop_id]) as session:
        products = [
            ProductIn(sku="TEA", name="煎茶", category="tea", weight_g=100, thickness_mm=20, price=1000),
            ProductIn(sku="SOAP", name="石けん", category="skin", weight_g=80, thickness_mm=35, price=800),
            ProductIn(sku="BOOK", name="電子書籍", category="book", ships=False),
            ProductIn(
                sku="SET", name="セット", category="tea", components=(("TEA", 2),), weight_g=250, thickness_mm=45
            ),
        ]
        upsert_products(session, world.shop_id, products)
    return world


def make_gift() -> Any:
    """Two TEA at 1,000 and one SOAP at 800, of 400 off by coupon and 100 by points; 550 shipping, 330 on delivery."""
    return make_order(
        number="#1",
        placed_at=PLACED,
        source_updated_at=PLACED,
        lines=(
            make_line(1, sku="TEA", unit_price=1000, quantity=2, attributes={"名入れ": "はなこ"}),
            make_line(2, sku="SOAP", unit_price=800, quantity=1),
        ),
        fees=(
            NormalisedFee(kind=FeeKind.SHIPPING, amount=550),
            NormalisedFee(kind=FeeKind.CASH_ON_DELIVERY, amount=330),
            NormalisedFee(kind=FeeKind.WRAPPING, amount=220),
        ),
        discounts=(
            NormalisedDiscount(kind=DiscountKind.COUPON, code="SPRING", amount=400),
            NormalisedDiscount(kind=DiscountKind.POINTS, amount=160),
        ),
        total=3340,
        tax_total=250,
        coupon_codes=("SPRING",),
        payment_state=PaymentState.ON_DELIVERY,
        payment_method="代金引換",
        channel="web",
        locale="en-US",
        desired_on=date(2026, 11, 22),
        desired_slot="14-16",
        ship_not_before=date(2026, 11, 20),
        gift=GiftWishes(wrapping="ribbon", noshi="御歳暮", message="いつもありがとう"),
        attributes={"session": "R1", "seat": "12", "vip": True, "day": "2026-12-24", "wrong": "2026-02-30", "n": 1.5},
    )


def ask_for(world: World, order_id: UUID, **changes: Any) -> Any:
    return world.request("s1", order_ids=(order_id,), **changes)


def test_money_and_goods(world: World) -> None:
    order_id, _ = place(world, make_gift())
    expected = {
        "order.total": 3340,
        "order.discount_total": 560,
        "order.discount_rate": 20,
        "order.points_used": 160,
        "order.coupon_discount": 400,
        "order.has_coupon": True,
        "order.fees_total": 1100,
        "order.shipping_fee": 550,
        "order.cash_on_delivery_fee": 330,
        "order.wrapping_fee": 220,
        "order.tax_total": 250,
        "order.refunded_total": 0,
        "order.currency": "JPY",
        "order.line_count": 2,
        "order.quantity": 3,
        "order.sku_count": 2,
        "order.category_count": 2,
        "order.categories": ("skin", "tea"),
        "order.highest_price": 1000,
        "order.weight": 280,
        "order.thickest": 35,
        "order.has_set": False,
        "order.has_unknown_goods": False,
        "order.has_line_wishes": True,
    }
    assert load_all(world, ask_for(world, order_id), expected) == expected


def test_certain_goods(world: World) -> None:
    order_id, _ = place(world, make_order(lines=(make_line(1, sku="TEA"), make_line(2, sku="SOAP", quantity=3))))
    request = ask_for(world, order_id)
    assert load_one(world, request, "order.quantity_of", categories=["tea"]) == 2
    assert load_one(world, request, "order.quantity_of", skus=["SOAP", "TEA"]) == 5
    assert load_one(world, request, "order.quantity_of", skus=["NONE"]) == 0
    assert load_one(world, request, "order.amount_of", categories=["skin"]) == 6000


def test_sets_downloads_and_unknown_goods(world: World) -> None:
    lines = (make_line(1, sku="SET", quantity=1), make_line(2, sku="BOOK"), make_line(3, sku="NEW"))
    order_id, _ = place(world, make_order(lines=lines))
    request = ask_for(world, order_id)
    # What is not in the catalogue has no weight; a download needs none.
    expected = {"order.has_set": True, "order.has_unknown_goods": True, "order.weight": None, "order.thickest": None}
    assert load_all(world, request, expected) == expected
    known, _ = place(world, make_order(lines=lines[:2]))
    assert load_one(world, ask_for(world, known), "order.weight") == 250


def test_where_from_where_to_and_what_is_wished(world: World) -> None:
    order_id, _ = place(world, make_gift())
    request = ask_for(world, order_id, prefecture="東京", space=BoxSpace(grams=200, millimetres=None))
    expected = {
        "order.channel": "web",
        "order.source": "standard",
        "order.payment_method": "代金引換",
        "order.payment_state": "on_delivery",
        "order.language": "en",
        "order.placed_date": date(2026, 11, 18),
        "order.placed_weekday": "wednesday",
        "order.placed_hour": 0,
        "order.days_since_placed": 1,
        "order.region": "kanto",
        "order.has_desired_date": True,
        "order.desired_date": date(2026, 11, 22),
        "order.days_to_desired_date": 3,
        "order.desired_slot": "14-16",
        "order.ship_not_before": date(2026, 11, 20),
        "order.space_grams": 200,
        "order.space_millimetres": None,
        "order.has_gift_wrapping": True,
        "order.gift_wrapping": "ribbon",
        "order.has_noshi": True,
        "order.noshi": "御歳暮",
        "order.has_gift_message": True,
        "order.has_note": False,
        "order.temperature_zone": None,
        "order.is_subscription": False,
        "order.subscription_cycle": None,
    }
    assert load_all(world, request, expected) == expected


def test_attributes_are_read_as_what_they_are(world: World) -> None:
    order_id, _ = place(world, make_gift())
    request = ask_for(world, order_id)

    def read(kind: str, name: str) -> Any:
        return load_one(world, request, f"order.attribute{kind}", name=name)

    assert (read("", "session"), read("", "none"), read("", "vip")) == ("R1", None, "true")
    assert (read("_number", "seat"), read("_number", "n"), read("_number", "session")) == (12, 1.5, None)
    assert (read("_flag", "vip"), read("_flag", "seat")) == (True, None)
    assert (read("_date", "day"), read("_date", "wrong"), read("_date", "seat")) == (date(2026, 12, 24), None, None)


def test_merged_orders_are_read_together_the_earliest_first(world: World) -> None:
    later, _ = place(world, make_order(number="#2", placed_at=NOON, channel="mall", total=1000, tags=("b",)))
    first, _ = place(world, make_order(number="#1", placed_at=NOON - timedelta(days=2), total=500, tags=("a",)))
    request = world.request("s1", order_ids=(later, first))
    expected = {
        "order.count": 2,
        "order.total": 1500,
        "order.line_count": 4,
        "order.channel": "mall",
        "order.tags": ("a", "b"),
        "order.days_since_placed": 2,
    }
    assert load_all(world, request, expected) == expected


def test_a_shipment_without_an_order_knows_nothing_of_it(world: World) -> None:
    expected = {"order.total": None, "order.line_count": None, "order.skus": None, "order.channel": None}
    assert load_all(world, world.request("s1"), expected) == expected
