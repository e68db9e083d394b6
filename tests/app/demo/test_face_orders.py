"""The face shop's orders of today."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.demo.face_orders import Story, TodaysOrder, make_todays_orders
from app.demo.face_people import make_customers
from orders.channels.registry import CHANNELS
from orders.normalised import NormalisedOrder, PaymentState

OPENED = datetime(2026, 11, 21, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
CUSTOMERS = make_customers(seed=3, today=date(2026, 11, 21))
ORDERS = make_todays_orders(CUSTOMERS, opened_at=OPENED, count=80, seed=5)


def read(order: TodaysOrder, place: int = 0) -> NormalisedOrder:
    message = order.messages[place]
    (event,) = CHANNELS["shopify"].read(message.topic, message.content, "shopify:test").events
    assert isinstance(event, NormalisedOrder)
    return event


def find(story: Story) -> TodaysOrder:
    return next(order for order in ORDERS if order.story is story)


def test_the_same_seed_makes_the_same_day() -> None:
    assert make_todays_orders(CUSTOMERS, opened_at=OPENED, count=80, seed=5) == ORDERS


def test_every_kind_of_order_comes_within_the_first_sixteen() -> None:
    assert {order.story for order in ORDERS[:16]} == set(Story)


def test_the_shopify_door_reads_every_message_and_the_totals_add_up() -> None:
    for order in ORDERS:
        found = read(order)
        goods = sum(line.amount for line in found.lines) + sum(fee.amount for fee in found.fees)
        assert found.total == goods - sum(discount.amount for discount in found.discounts)
        for message in (*order.messages, *order.later):
            assert CHANNELS["shopify"].read(message.topic, message.content, "shopify:test").events


def test_a_gift_goes_to_somebody_else_with_its_message() -> None:
    gift = read(find(Story.GIFT))
    assert gift.buyer is not None
    assert gift.recipient is not None
    assert gift.recipient.name != gift.buyer.name
    assert gift.gift is not None
    assert gift.gift.message


def test_the_stories_read_as_what_they_tell() -> None:
    assert read(find(Story.UNPAID)).payment_state is PaymentState.PENDING
    assert read(find(Story.CASH_ON_DELIVERY)).payment_state is PaymentState.ON_DELIVERY
    assert read(find(Story.NO_ADDRESS)).recipient is None
    guest = read(find(Story.GUEST)).buyer
    assert guest is not None
    assert guest.external_id is None
    updated = find(Story.UPDATED)
    assert read(updated, 1).total > read(updated).total
    subscription = read(find(Story.SUBSCRIPTION))
    assert subscription.subscription_id
    assert (subscription.subscription_cycle or 0) >= 2
