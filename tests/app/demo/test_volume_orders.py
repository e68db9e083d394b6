"""The volume shop's December as orders."""

from app.demo.shopify_payloads import order_body
from app.demo.volume_orders import describe_december, gtin_of, make_december_orders, make_households
from orders.channels.registry import CHANNELS
from orders.normalised import NormalisedOrder

HOUSEHOLDS = make_households(11)


def test_each_household_is_one_invented_person() -> None:
    assert len(HOUSEHOLDS) >= 2_460
    assert len({person.email for person in HOUSEHOLDS.values()}) == len(HOUSEHOLDS)


def test_the_first_orders_are_the_earliest_and_the_door_reads_them() -> None:
    orders = make_december_orders(HOUSEHOLDS, 200)
    assert [order.placed_at for order in orders] == sorted(order.placed_at for order in orders)
    for order in orders:
        (event,) = CHANNELS["shopify"].read("orders/create", order_body(order), "shopify:test").events
        assert isinstance(event, NormalisedOrder)
        assert event.total == sum(line.amount for line in event.lines)


def test_all_of_december_arrives() -> None:
    orders = make_december_orders(HOUSEHOLDS)
    assert len(orders) == 11_961
    assert sum(line.quantity for order in orders for line in order.lines) == 167_804


def test_every_product_has_a_barcode_of_its_own() -> None:
    codes = [gtin_of(product_id) for product_id in describe_december()["product_id"]]
    assert len(set(codes)) == len(codes)
