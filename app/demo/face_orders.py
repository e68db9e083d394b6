"""The face shop's orders of today: every kind a warehouse meets, in a fixed order by seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from app.demo.face_catalogue import DemoProduct, load_products
from app.demo.face_people import FaceCustomer
from app.demo.shopify_payloads import DemoLine, DemoOrder, Message, order_body, refund_body

FIRST_NUMBER: Final = 10_001
FREE_SHIPPING_YEN: Final = 5_500
SHIPPING_YEN: Final = 550


class Story(StrEnum):
    ORDINARY = "ordinary"
    FIRST = "first"
    SUBSCRIPTION = "subscription"
    GIFT = "gift"
    SET = "set"
    CHILLED = "chilled"
    FROZEN = "frozen"
    GUEST = "guest"
    CASH_ON_DELIVERY = "cash_on_delivery"
    UPDATED = "updated"
    REFUNDED = "refunded"
    UNPAID = "unpaid"
    CANCELLED = "cancelled"
    UNKNOWN_SKU = "unknown_sku"
    NO_ADDRESS = "no_address"
    UNDRAWABLE = "undrawable"


# The first sixteen show every kind once; after them the day goes on by these shares.
_SHARES: Final = {
    Story.ORDINARY: 46, Story.FIRST: 12, Story.SUBSCRIPTION: 16, Story.GIFT: 7, Story.SET: 5, Story.CHILLED: 2,
    Story.FROZEN: 2, Story.GUEST: 3, Story.CASH_ON_DELIVERY: 3, Story.UPDATED: 2, Story.REFUNDED: 1, Story.UNPAID: 1,
}  # fmt: skip


@dataclass(frozen=True)
class TodaysOrder:
    """`later` arrives when the day's first wave is already printed."""

    story: Story
    order: DemoOrder
    messages: tuple[Message, ...]
    later: tuple[Message, ...] = ()


@dataclass
class _Day:
    random: Random
    customers: Sequence[FaceCustomer]
    today: date
    goods: dict[str, list[DemoProduct]]

    def pick_customer(self, *habits: str) -> FaceCustomer:
        return self.random.choice([c for c in self.customers if c.habit in habits])

    def pick_lines(self, zone: str, count: int) -> tuple[DemoLine, ...]:
        chosen = self.random.sample(self.goods[zone], count)
        return tuple(make_line(n, p, self.random.choice((1, 1, 1, 2, 3))) for n, p in enumerate(chosen, start=1))


def make_line(number: int, product: DemoProduct, quantity: int) -> DemoLine:
    return DemoLine(
        number, product.sku, product.name, quantity, product.price_yen, product.tax_percent, product.weight_g
    )


def _sort_goods() -> dict[str, list[DemoProduct]]:
    products = load_products()
    goods = {
        zone: [p for p in products if p.temperature_zone == zone and not p.components]
        for zone in ("ambient", "chilled", "frozen")
    }
    return goods | {"set": [p for p in products if p.components]}


def _base(day: _Day, number: int, at: datetime, customer: FaceCustomer, lines: tuple[DemoLine, ...]) -> DemoOrder:
    goods = sum(line.quantity * line.unit_yen for line in lines)
    wishes = {}
    if day.random.random() < 0.25:
        wished = day.today + timedelta(days=day.random.randint(2, 6))
        wishes = {"お届け希望日": wished.isoformat(), "お届け時間帯": "14-16"}
    return DemoOrder(
        number=number,
        placed_at=at,
        lines=lines,
        buyer=customer.person,
        buyer_ref=customer.shop_ref,
        shipping_yen=0 if goods >= FREE_SHIPPING_YEN else SHIPPING_YEN,
        attributes=wishes,
    )


def _ordinary(day: _Day, number: int, at: datetime) -> DemoOrder:
    customer = day.pick_customer("loyal", "regular", "occasional", "lapsed")
    return _base(day, number, at, customer, day.pick_lines("ambient", day.random.randint(1, 4)))


def _first(day: _Day, number: int, at: datetime) -> DemoOrder:
    return _base(day, number, at, day.pick_customer("new"), day.pick_lines("ambient", day.random.randint(1, 3)))


def _subscription(day: _Day, number: int, at: datetime) -> DemoOrder:
    customer = day.pick_customer("subscriber")
    products = {p.sku: p for p in load_products()}
    lines = tuple(make_line(n, products[sku], 1) for n, sku in enumerate(customer.subscribed_skus, start=1))
    attributes = {"定期ID": f"SUB-{customer.person.number:05d}", "定期回数": str(customer.cycles + 1)}
    order = _base(day, number, at, customer, lines)
    return replace(order, attributes=attributes, tags=("定期",), shipping_yen=0)


def _gift(day: _Day, number: int, at: datetime) -> DemoOrder:
    customer = day.pick_customer("loyal", "regular")
    friend = day.random.choice([c for c in day.customers if c is not customer]).person
    attributes = {
        "ラッピング": "あり",
        "ギフトメッセージ": "お誕生日おめでとうございます。いつもありがとう。",
        "のし": "御祝",
    }
    order = _base(day, number, at, customer, day.pick_lines("ambient", 2))
    return replace(order, recipient=friend, attributes=attributes, tags=("ギフト",))


def _of_zones(*zones: str) -> Callable[[_Day, int, datetime], DemoOrder]:
    """One thing of each zone: what is chilled or frozen travels in a parcel of its own."""

    def make(day: _Day, number: int, at: datetime) -> DemoOrder:
        picked = [day.pick_lines(zone, 1)[0] for zone in zones]
        lines = tuple(replace(line, number=number) for number, line in enumerate(picked, start=1))
        return _base(day, number, at, day.pick_customer("loyal", "regular", "occasional"), lines)

    return make


def _guest(day: _Day, number: int, at: datetime) -> DemoOrder:
    return replace(_ordinary(day, number, at), buyer_ref=None)


def _cash_on_delivery(day: _Day, number: int, at: datetime) -> DemoOrder:
    return replace(_ordinary(day, number, at), gateway="代金引換", financial_status="pending")


def _unpaid(day: _Day, number: int, at: datetime) -> DemoOrder:
    return replace(_ordinary(day, number, at), gateway="銀行振込", financial_status="pending")


def _unknown_sku(day: _Day, number: int, at: datetime) -> DemoOrder:
    order = _ordinary(day, number, at)
    strange = replace(order.lines[0], number=9, sku="T-NEW-999", title="新茶 試作品")
    return replace(order, lines=(*order.lines, strange))


def _no_address(day: _Day, number: int, at: datetime) -> DemoOrder:
    return replace(_ordinary(day, number, at), has_address=False)


def _undrawable(day: _Day, number: int, at: datetime) -> DemoOrder:
    return _base(day, number, at, day.pick_customer("undrawable"), day.pick_lines("ambient", 1))


_WRITERS: Final[dict[Story, Callable[[_Day, int, datetime], DemoOrder]]] = {
    Story.ORDINARY: _ordinary, Story.FIRST: _first, Story.SUBSCRIPTION: _subscription, Story.GIFT: _gift,
    Story.SET: _of_zones("set"), Story.CHILLED: _of_zones("ambient", "chilled"), Story.FROZEN: _of_zones("frozen"),
    Story.GUEST: _guest, Story.CASH_ON_DELIVERY: _cash_on_delivery, Story.UPDATED: _ordinary, Story.REFUNDED: _ordinary,
    Story.UNPAID: _unpaid, Story.CANCELLED: _ordinary, Story.UNKNOWN_SKU: _unknown_sku, Story.NO_ADDRESS: _no_address,
    Story.UNDRAWABLE: _undrawable,
}  # fmt: skip


def _tell(story: Story, order: DemoOrder) -> TodaysOrder:
    created = Message("orders/create", order_body(order))
    soon = order.placed_at + timedelta(minutes=20)
    if story is Story.UPDATED:
        more = replace(order, lines=(replace(order.lines[0], quantity=order.lines[0].quantity + 1), *order.lines[1:]))
        return TodaysOrder(story, more, (created, Message("orders/updated", order_body(more, updated_at=soon))))
    if story is Story.REFUNDED:
        line = order.lines[0]
        return TodaysOrder(
            story, order, (created, Message("refunds/create", refund_body(order, line, line.quantity, soon)))
        )
    if story is Story.CANCELLED:
        body = order_body(order, updated_at=soon, cancelled_at=soon.isoformat(), cancel_reason="customer")
        return TodaysOrder(story, order, (created,), (Message("orders/cancelled", body),))
    return TodaysOrder(story, order, (created,))


def make_todays_orders(
    customers: Sequence[FaceCustomer], *, opened_at: datetime, count: int, seed: int
) -> list[TodaysOrder]:
    """Return `count` orders, 90 seconds apart, up to `opened_at` (aware); the first sixteen show every kind once."""
    day = _Day(Random(seed), customers, opened_at.date(), _sort_goods())
    stories = [*Story]
    stories += day.random.choices(list(_SHARES), weights=list(_SHARES.values()), k=max(0, count - len(stories)))
    orders = []
    for place, story in enumerate(stories[:count]):
        at = opened_at - timedelta(seconds=90 * (count - place))
        orders.append(_tell(story, _WRITERS[story](day, FIRST_NUMBER + place, at)))
    return orders
