"""Builders of orders, products, channels and signed deliveries; everybody here is invented."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from core.db import session_scope
from orders.catalogue.records import ProductIn
from orders.catalogue.service import add_standard_services, upsert_products
from orders.normalised import (
    Contact,
    NormalisedCancellation,
    NormalisedLine,
    NormalisedOrder,
    NormalisedRefund,
    PaymentState,
    RefundedLine,
)
from tests.factories.core import make_shop, make_warehouse

_serial = count(1)
PLACED = datetime(2026, 11, 18, 1, 30, tzinfo=UTC)
HANAKO = Contact(
    external_id="c-1",
    name="架空 花子",
    postal_code="150-0001",
    country="JP",
    region="東京都",
    city="渋谷区",
    address1="架空町1-2-3",
    phone="03-1234-5678",
    email="hanako@example.jp",
)
TARO = Contact(
    name="仮名 太郎",
    postal_code="530-0001",
    country="JP",
    region="大阪府",
    city="大阪市",
    address1="仮町4-5",
    phone="06-1234-5678",
)


def make_line(number: int = 1, **changes: Any) -> NormalisedLine:
    values: dict[str, Any] = {
        "external_id": f"l{number}",
        "sku": f"SKU-{number}",
        "title": f"煎茶 {number}",
        "quantity": 2,
        "unit_price": 1000 * number,
        "tax_rate": Decimal("0.08"),
    }
    return NormalisedLine(**(values | changes))


def make_order(**changes: Any) -> NormalisedOrder:
    """Build a paid order of two lines for Hanako; `minutes` moves `source_updated_at` on from the placing."""
    minutes = changes.pop("minutes", 0)
    lines = changes.pop("lines", (make_line(1), make_line(2, quantity=1)))
    number = changes.pop("number", None) or f"#{next(_serial) + 1000}"
    values: dict[str, Any] = {
        "source": "standard",
        "external_id": f"x{number}",
        "number": number,
        "placed_at": PLACED,
        "source_updated_at": PLACED + timedelta(minutes=minutes),
        "currency": "JPY",
        "total": sum(line.amount for line in lines),
        "lines": lines,
        "buyer": HANAKO,
        "recipient": HANAKO,
        "payment_state": PaymentState.PAID,
        "payment_method": "card",
    }
    return NormalisedOrder(**(values | changes))


def make_refund(order: NormalisedOrder, number: int = 1, *, line: str = "l1", quantity: int = 1) -> NormalisedRefund:
    return NormalisedRefund(
        source=order.source,
        external_id=f"r{number}-{order.external_id}",
        order_external_id=order.external_id,
        refunded_at=PLACED + timedelta(hours=number),
        amount=1000 * quantity,
        lines=(RefundedLine(line_external_id=line, quantity=quantity, amount=1000 * quantity),),
    )


def make_cancellation(order: NormalisedOrder, hours: int = 3, reason: str = "customer") -> NormalisedCancellation:
    return NormalisedCancellation(
        source=order.source,
        order_external_id=order.external_id,
        cancelled_at=PLACED + timedelta(hours=hours),
        reason=reason,
    )


def make_selling_shop(*skus: str) -> UUID:
    """Make a shop that sells these goods, with a warehouse and delivery services: what orders set off finds its way."""
    shop_id = make_shop(warehouse_id=make_warehouse())
    with session_scope([shop_id]) as session:
        add_standard_services(session, shop_id)
    make_products(shop_id, *skus)
    return shop_id


def make_products(shop_id: UUID, *skus: str) -> None:
    with session_scope([shop_id]) as session:
        upsert_products(
            session,
            shop_id,
            [ProductIn(sku=sku, name=f"商品 {sku}", category="日本茶", weight_g=100, price=1000) for sku in skus],
        )


def make_plain_order(**changes: Any) -> dict[str, Any]:
    """Build an order as our plain JSON has it."""
    values: dict[str, Any] = {
        "id": f"A-{next(_serial)}",
        "placed_at": "2026-11-18T10:30:00+09:00",
        "updated_at": "2026-11-18T10:30:00+09:00",
        "currency": "JPY",
        "total": 4320,
        "payment": {"state": "paid", "method": "card"},
        "buyer": {
            "id": "c-1",
            "name": "架空 花子",
            "postal_code": "150-0001",
            "region": "東京都",
            "city": "渋谷区",
            "address1": "架空町1-2-3",
            "phone": "03-1234-5678",
            "email": "hanako@example.jp",
        },
        "lines": [
            {"id": "1", "sku": "SKU-1", "title": "煎茶", "quantity": 2, "unit_price": 1620, "tax_rate": "0.08"},
            {"id": "2", "sku": "SKU-2", "title": "急須", "quantity": 1, "unit_price": 1080, "tax_rate": "0.10"},
        ],
    }
    return values | changes
