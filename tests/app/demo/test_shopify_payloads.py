"""Signed webhooks."""

from datetime import UTC, datetime

from app.demo.shopify_payloads import sign_delivery
from orders.channels.interface import Delivery, Refusal
from orders.channels.registry import CHANNELS

NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)


def check(secret: bytes) -> Delivery | Refusal:
    made = sign_delivery("orders/create", {"id": 1}, secret="hush", shop_domain="shizuku.myshopify.com", sent_at=NOW)
    headers = {name.lower().encode(): value.encode() for name, value in made.headers.items()}
    return CHANNELS["shopify"].check(headers, made.body, [secret], {"shop_domain": "shizuku.myshopify.com"}, NOW)


def test_the_door_accepts_our_signature_and_refuses_another() -> None:
    accepted = check(b"hush")
    assert isinstance(accepted, Delivery)
    assert accepted.topic == "orders/create"
    assert check(b"loud") is Refusal.WRONG_SIGNATURE


def test_the_same_content_has_the_same_delivery_id() -> None:
    first, second = check(b"hush"), check(b"hush")
    assert isinstance(first, Delivery)
    assert isinstance(second, Delivery)
    assert first.delivery_id == second.delivery_id
