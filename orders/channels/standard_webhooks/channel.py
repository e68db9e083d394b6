"""The Standard Webhooks door, as the registry wants it."""

import base64
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from orders.channels.interface import Delivery, Reading, Refusal
from orders.channels.standard_webhooks.mapping import read_message
from orders.channels.standard_webhooks.signature import (
    TOLERANCE_SECONDS,
    compute_signature,
    has_valid_signature,
    read_secret,
)


class StandardWebhooksChannel:
    slug = "standard"
    label = "標準Webhook（Standard Webhooks）"
    label_en = "Standard Webhooks"

    def check(
        self,
        headers: Mapping[bytes, bytes],
        body: bytes,
        secrets: Sequence[bytes],
        settings: Mapping[str, Any],
        now: datetime,
    ) -> Delivery | Refusal:
        del settings
        message_id, timestamp = headers.get(b"webhook-id"), headers.get(b"webhook-timestamp")
        listed = headers.get(b"webhook-signature")
        if not message_id or not timestamp or not listed:
            return Refusal.MISSING_HEADERS
        # Only plain ASCII digits: int() would also take signs, underscores and other scripts.
        if not timestamp.isdigit() or len(timestamp) > 11 or len(message_id) > 200 or not message_id.isascii():
            return Refusal.MALFORMED_HEADERS
        expected = [compute_signature(read_secret(secret), message_id, timestamp, body) for secret in secrets]
        if not has_valid_signature(listed, expected):
            return Refusal.WRONG_SIGNATURE
        sent = int(timestamp)
        if abs(now.timestamp() - sent) > TOLERANCE_SECONDS:
            return Refusal.STALE
        return Delivery(message_id.decode("ascii"), triggered_at=datetime.fromtimestamp(sent, UTC))

    def sign(self, body: bytes, secret: bytes, delivery_id: str, topic: str, now: datetime) -> dict[str, str]:
        del topic  # It stands in the body.
        timestamp = str(int(now.timestamp()))
        signature = compute_signature(read_secret(secret), delivery_id.encode(), timestamp.encode(), body)
        return {
            "webhook-id": delivery_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{signature.decode()}",
            "content-type": "application/json",
        }

    def read(self, topic: str | None, document: Any, source: str) -> Reading:
        del topic
        return read_message(document, source)

    def check_secret(self, secret: str) -> None:
        read_secret(secret.encode())

    def new_secret(self) -> str:
        return "whsec_" + base64.b64encode(randomness.token_bytes(32)).decode()
