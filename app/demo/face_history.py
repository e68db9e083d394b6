"""A year of the face shop: purchases, campaigns and answers, tickets, surveys, QR and web visits, sales activity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.face_catalogue import DemoProduct, load_products
from app.demo.face_people import SOURCE, FaceCustomer
from crm_link.kinds import ConsentState, Purpose, TouchpointKind
from crm_link.records import TouchpointIn, TouchpointLineIn

_TOKYO: Final = ZoneInfo("Asia/Tokyo")
# How often, and how long ago the last time was: orders a year, days since the last at least.
_HABITS: Final = {
    "subscriber": (1, 3, 20), "loyal": (8, 14, 9), "regular": (3, 7, 18), "occasional": (1, 2, 30),
    "lapsed": (1, 4, 210), "new": (0, 0, 0), "undrawable": (1, 1, 40),
}  # fmt: skip
_CAMPAIGNS: Final = (
    ("winter-gift", "冬のギフト特集", 340), ("new-tea", "新茶のご予約", 215),
    ("summer-cold-brew", "夏の水出し茶", 140), ("uv-care", "紫外線ケアフェア", 165),
    ("autumn-houji", "秋のほうじ茶", 62), ("dry-skin", "乾燥対策キャンペーン", 24),
)  # fmt: skip
_TICKETS: Final = (
    ("complaint", "箱がつぶれていました"), ("complaint", "商品が足りません"), ("delivery", "お届け日の変更"),
    ("product", "使い方について"), ("subscription", "次回お届け日の変更"), ("allergy", "成分についてのお問い合わせ"),
)  # fmt: skip


@dataclass
class _Writer:
    """Writes the touchpoints of one customer; every draw comes from the customer's own random stream."""

    random: Random
    customer: FaceCustomer
    customer_id: UUID
    today: date
    products: Mapping[str, DemoProduct]
    written: int = 0

    def day(self, days_ago: int) -> datetime:
        moment = time(self.random.randint(8, 21), self.random.randint(0, 59), self.random.randint(0, 59))
        return datetime.combine(self.today - timedelta(days=days_ago), moment, _TOKYO)

    def write(self, kind: TouchpointKind, at: datetime, values: Mapping[str, Any], late: int = 0) -> TouchpointIn:
        """`late`: days until the shop could know it."""
        self.written += 1
        return TouchpointIn(
            customer_id=self.customer_id,
            kind=kind,
            source=SOURCE,
            external_id=f"{self.customer.crm_ref}-{self.written}",
            occurred_at=at,
            known_at=at + timedelta(days=late),
            **values,
        )

    def buy(self, at: datetime, quantities: Mapping[str, int], channel: str = "web") -> TouchpointIn:
        lines = tuple(
            TouchpointLineIn(
                sku=sku,
                quantity=quantity,
                amount=self.products[sku].price_yen * quantity,
                category=self.products[sku].category,
            )
            for sku, quantity in quantities.items()
        )
        amount = sum(line.amount or 0 for line in lines)
        title = f"{self.products[lines[0].sku].name} ほか" if len(lines) > 1 else self.products[lines[0].sku].name
        values = {"amount": amount, "currency": "JPY", "channel": channel, "title": title, "lines": lines}
        return self.write(TouchpointKind.PURCHASE, at, values)


def _purchases(writer: _Writer) -> Iterator[TouchpointIn]:
    low, high, recent = _HABITS[writer.customer.habit]
    random, skus = writer.random, [p.sku for p in writer.products.values() if p.temperature_zone == "ambient"]
    favourites = random.sample(skus, 6)
    for _ in range(random.randint(low, high)):
        chosen = random.sample(favourites if random.random() < 0.7 else skus, random.randint(1, 3))
        at = writer.day(random.randint(recent, 360))
        yield writer.buy(
            at, {sku: random.choice((1, 1, 1, 2)) for sku in chosen}, random.choice(("web", "web", "web", "shop"))
        )
    for cycle in range(writer.customer.cycles):
        at = writer.day(30 * (writer.customer.cycles - cycle))
        yield writer.buy(at, dict.fromkeys(writer.customer.subscribed_skus, 1))


def _campaigns(writer: _Writer) -> Iterator[TouchpointIn]:
    if writer.customer.consents.get(Purpose.MARKETING) is not ConsentState.GRANTED:
        return
    for key, title, days_ago in _CAMPAIGNS:
        if writer.random.random() > 0.6:
            continue
        at = writer.day(days_ago)
        shared = {"campaign": key, "channel": "mail"}
        yield writer.write(TouchpointKind.CAMPAIGN, at, shared | {"status": "received", "title": title})
        if writer.random.random() < 0.22:
            later = at + timedelta(days=writer.random.randint(1, 14))
            values = shared | {"status": "redeemed", "title": f"{title}(利用)"}
            yield writer.write(TouchpointKind.CAMPAIGN_RESPONSE, later, values)


def _tickets(writer: _Writer) -> Iterator[TouchpointIn]:
    if writer.random.random() < 0.16:
        topic, title = writer.random.choice(_TICKETS)
        days_ago = writer.random.choice((3, 8, 15, 40, 90, 200))
        status = "open" if days_ago <= 8 else "closed"
        values = {"categories": (topic,), "status": status, "channel": "telephone", "title": title}
        yield writer.write(TouchpointKind.SUPPORT_TICKET, writer.day(days_ago), values)


def _surveys(writer: _Writer) -> Iterator[TouchpointIn]:
    if writer.random.random() < 0.25:
        score = writer.random.choices((1, 2, 3, 4, 5), weights=(4, 8, 20, 40, 28))[0]
        at = writer.day(writer.random.randint(10, 300))
        # The survey firm hands its answers over two days later.
        values = {"campaign": "satisfaction", "score": float(score), "title": "お買い物アンケート"}
        yield writer.write(TouchpointKind.SURVEY, at, values, late=2)


def _visits(writer: _Writer) -> Iterator[TouchpointIn]:
    if writer.random.random() < 0.3:
        at = writer.day(writer.random.randint(5, 320))
        values = {"campaign": "welcome-letter", "channel": "qr", "title": "お手紙のQRから来訪"}
        yield writer.write(TouchpointKind.QR_VISIT, at, values)
    for _ in range(writer.random.choice((0, 0, 0, 1, 2))):
        page = writer.random.choice(("新茶の読みもの", "肌診断", "定期便のご案内"))
        at = writer.day(writer.random.randint(1, 200))
        yield writer.write(TouchpointKind.WEB, at, {"campaign": "site", "channel": "web", "title": page})


def _sales(writer: _Writer) -> Iterator[TouchpointIn]:
    if writer.customer.habit == "loyal" and writer.random.random() < 0.5:
        at = writer.day(writer.random.randint(20, 250))
        yield writer.write(TouchpointKind.SALES_ACTIVITY, at, {"channel": "shop", "title": "店頭で肌相談"})


_SUBJECTS: Final = (_purchases, _campaigns, _tickets, _surveys, _visits, _sales)


def make_history(
    customers: Sequence[FaceCustomer], customer_ids: Sequence[UUID], *, today: date, seed: int
) -> Iterator[TouchpointIn]:
    """Yield every touchpoint of the year before `today`, customer by customer; `customer_ids[i]` is customers[i]."""
    products = {product.sku: product for product in load_products()}
    for customer, customer_id in zip(customers, customer_ids, strict=True):
        random = Random(f"{seed}-{customer.person.number}")
        writer = _Writer(random, customer, customer_id, today, products)
        for subject in _SUBJECTS:
            yield from subject(writer)
