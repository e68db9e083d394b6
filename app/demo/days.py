"""Which orders a demo sends, and at what time it plays."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.demo.face_catalogue import load_products
from app.demo.face_event import make_tour_files
from app.demo.face_orders import make_todays_orders
from app.demo.face_people import make_customers
from app.demo.face_seeding import SEED as FACE_SEED
from app.demo.face_seeding import seed_face
from app.demo.inserts import load_inserts
from app.demo.once import Inbox
from app.demo.seeding import refresh_statistics
from app.demo.shop_setup import DemoShop
from app.demo.shopify_payloads import Message, order_body
from app.demo.volume_data import load_lines
from app.demo.volume_orders import find_sold_products, gtin_of, make_december_orders, make_households
from app.demo.volume_seeding import SEED as VOLUME_SEED
from app.demo.volume_seeding import seed_volume
from core import clock

TOKYO: Final = ZoneInfo("Asia/Tokyo")
FACE_ORDERS: Final = 60
# The volume shop's clock stands so long after the last order it receives.
LATE: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class DemoDay:
    """`offset_seconds` sets the program's clock back to the day's own time."""

    kind: str
    count: int | None
    offset_seconds: float


def plan_day(kind: str, count: int | None, now: datetime) -> DemoDay:
    """Return the day to play: today for the face shop, December 2017 for the volume shop."""
    if kind == "face":
        return DemoDay(kind, count or FACE_ORDERS, 0.0)
    last = make_december_orders(make_households(VOLUME_SEED), count)[-1]
    return DemoDay(kind, count, (last.placed_at + LATE - now).total_seconds())


def seed_day(day: DemoDay, shop: DemoShop) -> None:
    """Write everything but the orders."""
    if day.kind == "face":
        seed_face(shop, clock.now().astimezone(TOKYO).date())
    else:
        seed_volume(shop, day.count)
    refresh_statistics()


def fill_inbox(day: DemoDay) -> Inbox:
    """Return the day's webhooks, and what stands in the warehouse."""
    inserts = {insert.key: insert.gtin for insert in load_inserts(day.kind) if insert.kind != "task"}
    if day.kind == "volume":
        december = make_december_orders(make_households(VOLUME_SEED), day.count)
        goods = {str(number): gtin_of(number) for number in find_sold_products(day.count)}
        messages = [Message("orders/create", order_body(order)) for order in december]
        numbers = [f"#{order.number}" for order in december]
        return Inbox(messages, [], inserts | goods, numbers, sum(load_lines().dropped.values()))
    opened_at = clock.now().astimezone(TOKYO)
    customers = make_customers(seed=FACE_SEED, today=opened_at.date())
    orders = make_todays_orders(customers, opened_at=opened_at, count=day.count or FACE_ORDERS, seed=FACE_SEED)
    return Inbox(
        [message for order in orders for message in order.messages],
        [message for order in orders for message in order.later],
        inserts | {product.sku: product.gtin for product in load_products()},
        [f"#{order.order.number}" for order in orders if not order.later],
        tour=make_tour_files(customers, today=opened_at.date(), seed=FACE_SEED),
    )
