"""The Shopify door, as the registry wants it."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from orders.channels.interface import Delivery, Reading, Refusal
from orders.channels.shopify.mapping import ORDER_TOPICS, PRIVACY_TOPICS, read_order, read_refund
from orders.channels.shopify.signature import compute_signature
from orders.faults import Fault, FaultyInputError
from orders.reading import Reader, parse_moment

# Shopify's own validator requires all of these.
_REQUIRED: Final = (
    b"x-shopify-hmac-sha256",
    b"x-shopify-topic",
    b"x-shopify-shop-domain",
    b"x-shopify-api-version",
    b"x-shopify-webhook-id",
)
_KEPT: Final = (b"x-shopify-shop-domain", b"x-shopify-api-version", b"x-shopify-event-id", b"x-shopify-test")


class ShopifyChannel:
    slug = "shopify"
    label = "Shopify"
    label_en = "Shopify"

    def check(
        self,
        headers: Mapping[bytes, bytes],
        body: bytes,
        secrets: Sequence[bytes],
        settings: Mapping[str, Any],
        now: datetime,
    ) -> Delivery | Refusal:
        """Only the body is signed: the time in the headers proves nothing, so nothing is refused as stale."""
        del now
        if any(not headers.get(name) for name in _REQUIRED):
            return Refusal.MISSING_HEADERS
        given = headers[b"x-shopify-hmac-sha256"]
        if not any(hmac.compare_digest(given, compute_signature(secret, body)) for secret in secrets):
            return Refusal.WRONG_SIGNATURE
        domain = settings.get("shop_domain")
        if domain and headers[b"x-shopify-shop-domain"].decode("latin-1").casefold() != str(domain).casefold():
            return Refusal.OTHER_SHOP
        delivery_id = headers[b"x-shopify-webhook-id"]
        if len(delivery_id) > 200 or not delivery_id.isascii():
            return Refusal.MALFORMED_HEADERS
        return Delivery(
            delivery_id.decode("ascii"),
            topic=headers[b"x-shopify-topic"].decode("latin-1")[:100],
            triggered_at=_read_moment(headers.get(b"x-shopify-triggered-at")),
            headers={name.decode(): headers[name].decode("latin-1")[:200] for name in _KEPT if name in headers},
        )

    def sign(self, body: bytes, secret: bytes, delivery_id: str, topic: str, now: datetime) -> dict[str, str]:
        return {
            "x-shopify-hmac-sha256": compute_signature(secret, body).decode(),
            "x-shopify-topic": topic,
            "x-shopify-shop-domain": "example.myshopify.com",
            "x-shopify-api-version": "2026-04",
            "x-shopify-webhook-id": delivery_id,
            "x-shopify-triggered-at": now.isoformat(),
            "content-type": "application/json",
        }

    def read(self, topic: str | None, document: Any, source: str) -> Reading:
        """Read a bare order or refund. Privacy requests fail on purpose: a person has to answer them."""
        topic = topic or ""
        if topic in PRIVACY_TOPICS:
            raise FaultyInputError([Fault("topic", "privacy_request", topic)])
        if topic in ORDER_TOPICS:
            return Reading(topic, (read_order(document, source),))
        if topic == "refunds/create":
            data = Reader(document)
            refund = read_refund(data, source)
            if data.faults:
                raise FaultyInputError(data.faults)
            return Reading(topic, (refund,))
        return Reading(topic)

    def check_secret(self, secret: str) -> None:
        if not secret:
            raise ValueError("the app's client secret is missing")

    def new_secret(self) -> str:
        """Shopify makes the secret: the app's client secret is entered."""
        return ""


def _read_moment(text: bytes | None) -> datetime | None:
    try:
        return parse_moment(text.decode("latin-1")) if text else None
    except ValueError:
        return None
