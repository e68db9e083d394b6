"""Storing deliveries with their jobs and audit entries: one statement for a whole batch, whoever runs it.

`RawEvent`, `Job` and `AuditEntry` own these tables; what they default is written
here by hand, for the sake of the hot door.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.ids import new_id
from core.sealing import encrypt
from orders.channels.interface import Delivery

WORK_EVENTS: Final = "orders.work_events"

STORE: Final = """
WITH given AS (
    SELECT * FROM unnest(%(ids)b::uuid[], %(shops)b::uuid[], %(channels)b::uuid[], %(deliveries)b::text[],
                         %(topics)b::text[], %(received)b::timestamptz[], %(triggered)b::timestamptz[],
                         %(bodies)b::bytea[], %(keys)b::uuid[], %(sizes)b::int[], %(headers)b::text[],
                         %(jobs)b::uuid[], %(entries)b::uuid[])
        AS t(id, shop_id, channel_id, delivery_id, topic, received_at, triggered_at, body, key_id, size, headers,
             job_id, entry_id)
), added AS (
    INSERT INTO raw_events (id, shop_id, channel_id, delivery_id, topic, received_at, triggered_at, body, body_key_id,
                            body_size, headers)
    SELECT id, shop_id, channel_id, delivery_id, topic, received_at, triggered_at, body, key_id, size, headers::jsonb
      FROM given
    ON CONFLICT (shop_id, channel_id, delivery_id) DO NOTHING
    RETURNING id
), queued AS (
    INSERT INTO jobs (id, shop_id, name, args, state, attempts, created_at, run_after, actor_kind)
    SELECT job_id, shop_id, 'orders.work_events', jsonb_build_object('event_id', id), 'queued', 0, received_at,
           received_at, 'system'
      FROM given JOIN added USING (id)
), noted AS (
    INSERT INTO audit_entries (id, shop_id, at, tag, actor_kind, subject_id, details)
    SELECT entry_id, shop_id, received_at, 'orders:event:accepted', 'system', id,
           jsonb_build_object('channel_id', channel_id)
      FROM given JOIN added USING (id)
)
SELECT id FROM added
"""


@dataclass(frozen=True, slots=True)
class Doorway:
    """A channel as the hot path needs it: found by its address, secrets open, ready to seal."""

    shop_id: UUID
    channel_id: UUID
    kind: str
    secrets: tuple[bytes, ...]
    settings: dict[str, Any]
    key_id: UUID
    cipher: AESGCM


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A verified delivery with its sealed body, ready to be written."""

    id: UUID
    doorway: Doorway
    delivery: Delivery
    body: bytes
    size: int
    received_at: datetime


def seal_delivery(doorway: Doorway, delivery: Delivery, body: bytes, received_at: datetime) -> StoredDelivery:
    return StoredDelivery(new_id(), doorway, delivery, encrypt(doorway.cipher, body), len(body), received_at)


def make_parameters(batch: Sequence[StoredDelivery]) -> dict[str, Any]:
    """Return the parameters of STORE, one array per column."""
    return {
        "ids": [item.id for item in batch],
        "shops": [item.doorway.shop_id for item in batch],
        "channels": [item.doorway.channel_id for item in batch],
        "deliveries": [item.delivery.delivery_id for item in batch],
        "topics": [item.delivery.topic for item in batch],
        "received": [item.received_at for item in batch],
        "triggered": [item.delivery.triggered_at for item in batch],
        "bodies": [item.body for item in batch],
        "keys": [item.doorway.key_id for item in batch],
        "sizes": [item.size for item in batch],
        "headers": [json.dumps(dict(item.delivery.headers)) for item in batch],
        "jobs": [new_id() for _ in batch],
        "entries": [new_id() for _ in batch],
    }
