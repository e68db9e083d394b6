"""Orders and refunds as Shopify sends them: the body, the headers, the signature over the raw bytes.

Fields: REST order resource, of which a webhook sends the bare object. Money is a decimal string; prices hold the tax.
"""

import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from app.demo.people import DemoPerson

API_VERSION: Final = "2026-04"
SHIPPING_TAX_PERCENT: Final = 10


@dataclass(frozen=True)
class DemoLine:
    number: int
    sku: str
    title: str
    quantity: int
    unit_yen: int
    tax_percent: int
    weight_g: int


@dataclass(frozen=True, kw_only=True)
class DemoOrder:
    """`recipient` none: the buyer; `has_address` false: the order names no destination at all."""

    number: int
    placed_at: datetime
    lines: tuple[DemoLine, ...]
    buyer: DemoPerson
    buyer_ref: str | None  # The shop's id of the account; a guest has none.
    recipient: DemoPerson | None = None
    has_address: bool = True
    shipping_yen: int = 0
    discount_yen: int = 0
    discount_code: str | None = None
    financial_status: str = "paid"
    gateway: str = "credit_card"
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    note: str | None = None
    channel: str = "web"

    @property
    def shopify_id(self) -> int:
        return 5_800_000_000_000 + self.number

    @property
    def goods_yen(self) -> int:
        return sum(line.quantity * line.unit_yen for line in self.lines)

    @property
    def total_yen(self) -> int:
        return self.goods_yen + self.shipping_yen - self.discount_yen


@dataclass(frozen=True)
class Message:
    """A webhook to be: its topic and its content."""

    topic: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """One webhook, ready to be posted."""

    topic: str
    headers: dict[str, str]
    body: bytes


def _tax_of(amount: int, percent: int) -> int:
    return amount * percent // (100 + percent)


def _tax_line(amount: int, percent: int) -> dict[str, Any]:
    title = "軽減税率" if percent == 8 else "消費税"
    return {"title": title, "price": str(_tax_of(amount, percent)), "rate": percent / 100}


def _address(person: DemoPerson) -> dict[str, Any]:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": person.full_name,
        "company": None,
        "address1": person.street,
        "address2": person.building or None,
        "city": person.city,
        "province": person.prefecture,
        "zip": f"{person.zip_code[:3]}-{person.zip_code[3:]}",
        "country": "Japan",
        "country_code": "JP",
        "phone": person.phone,
    }


def line_body(line: DemoLine, order_number: int) -> dict[str, Any]:
    amount = line.quantity * line.unit_yen
    return {
        "id": (5_800_000_000_000 + order_number) * 1000 + line.number,
        "product_id": 7_000_000_000 + line.number,
        "sku": line.sku,
        "title": line.title,
        "name": line.title,
        "quantity": line.quantity,
        "fulfillable_quantity": line.quantity,
        "price": str(line.unit_yen),
        "grams": line.weight_g,
        "requires_shipping": True,
        "taxable": True,
        "gift_card": False,
        "total_discount": "0",
        "tax_lines": [_tax_line(amount, line.tax_percent)],
        "properties": [],
    }


def _customer(order: DemoOrder) -> dict[str, Any] | None:
    if order.buyer_ref is None:
        return None
    person = order.buyer
    return {
        "id": int(order.buyer_ref),
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": person.phone,
        "default_address": _address(person),
    }


def _amounts(order: DemoOrder) -> dict[str, Any]:
    taxed: dict[int, int] = defaultdict(int)
    for line in order.lines:
        taxed[line.tax_percent] += line.quantity * line.unit_yen
    if order.shipping_yen:
        taxed[SHIPPING_TAX_PERCENT] += order.shipping_yen
    taxes = [_tax_line(amount, percent) for percent, amount in sorted(taxed.items())]
    shipping = {
        "code": "standard",
        "title": "送料",
        "price": str(order.shipping_yen),
        "source": "shopify",
        "tax_lines": [_tax_line(order.shipping_yen, SHIPPING_TAX_PERCENT)] if order.shipping_yen else [],
    }
    return {
        "currency": "JPY",
        "taxes_included": True,
        "total_line_items_price": str(order.goods_yen),
        "subtotal_price": str(order.goods_yen - order.discount_yen),
        "total_discounts": str(order.discount_yen),
        "total_price": str(order.total_yen),
        "total_tax": str(sum(int(tax["price"]) for tax in taxes)),
        "tax_lines": taxes,
        "shipping_lines": [shipping],
        "discount_codes": [{"code": order.discount_code, "amount": str(order.discount_yen), "type": "fixed_amount"}]
        if order.discount_code
        else [],
    }


def order_body(order: DemoOrder, *, updated_at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """Return the order resource; `changes` replace fields of it, for example `cancelled_at`."""
    placed = order.placed_at.isoformat()
    destination = _address(order.recipient or order.buyer) if order.has_address else None
    return {
        "id": order.shopify_id,
        "name": f"#{order.number}",
        "order_number": order.number,
        "email": order.buyer.email,
        "phone": order.buyer.phone,
        "created_at": placed,
        "processed_at": placed,
        "updated_at": (updated_at or order.placed_at).isoformat(),
        "cancelled_at": None,
        "cancel_reason": None,
        "confirmed": True,
        "test": False,
        "financial_status": order.financial_status,
        "fulfillment_status": None,
        "payment_gateway_names": [order.gateway],
        "customer_locale": "ja",
        "source_name": order.channel,
        "tags": ", ".join(order.tags),
        "note": order.note,
        "note_attributes": [{"name": name, "value": value} for name, value in order.attributes.items()],
        "customer": _customer(order),
        "billing_address": _address(order.buyer),
        "shipping_address": destination,
        "line_items": [line_body(line, order.number) for line in order.lines],
        **_amounts(order),
        **changes,
    }


def refund_body(order: DemoOrder, line: DemoLine, quantity: int, at: datetime) -> dict[str, Any]:
    """Return a refund of some of one line; it names its order by id only."""
    amount = quantity * line.unit_yen
    item = line_body(line, order.number)
    part = {"id": item["id"] * 10, "line_item_id": item["id"], "quantity": quantity, "subtotal": str(amount)}
    return {
        "id": order.shopify_id * 10 + 7,
        "order_id": order.shopify_id,
        "created_at": at.isoformat(),
        "note": None,
        "restock": True,
        "refund_line_items": [part | {"line_item": item}],
        "transactions": [
            {"id": order.shopify_id * 10 + 8, "order_id": order.shopify_id, "amount": str(amount), "kind": "refund",
             "status": "success", "gateway": order.gateway, "currency": "JPY"}
        ],
        "order_adjustments": [],
    }  # fmt: skip


def sign_delivery(topic: str, content: dict[str, Any], *, secret: str, shop_domain: str, sent_at: datetime) -> Delivery:
    """Return the delivery with its headers; the same content has the same id, so repeating it is harmless."""
    body = orjson.dumps(content)
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": shop_domain,
        "X-Shopify-API-Version": API_VERSION,
        "X-Shopify-Webhook-Id": hashlib.sha256(topic.encode() + body).hexdigest()[:32],
        "X-Shopify-Triggered-At": sent_at.isoformat(),
    }
    return Delivery(topic, headers, body)
