"""Orders handed in through the API: the idempotency key is the delivery id, so that repeating a request is harmless."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.errors import ErasedError
from core.ids import new_id
from core.sealing import seal, unseal
from orders.bulk import insert_rows
from orders.channels.standard_webhooks.mapping import read_plain_order
from orders.errors import IdempotencyKeyReusedError, InvalidOrderError
from orders.faults import FaultyInputError
from orders.intake.channels import API, ensure_channel
from orders.intake.models import RawEvent
from orders.intake.working import work_events
from orders.kinds import EventState


@dataclass(frozen=True, slots=True)
class SubmittedOrder:
    """`repeated`: this key was here before, with the same order."""

    order_id: UUID
    repeated: bool


def submit_order(session: Session, shop_id: UUID, key: str, document: Mapping[str, Any]) -> SubmittedOrder:
    """Record one plain JSON order now. Raises InvalidOrderError with every fault, then nothing is kept;
    IdempotencyKeyReusedError when the key came with another order before.
    """
    channel = ensure_channel(session, shop_id, API)
    try:
        read_plain_order(document, channel.name)
    except FaultyInputError as error:
        raise InvalidOrderError(error.faults) from None
    # As ASCII: text may hold what UTF-8 cannot.
    body = json.dumps(document).encode()
    event_id = new_id()
    row = {
        "id": event_id,
        "shop_id": shop_id,
        "channel_id": channel.id,
        "delivery_id": key,
        "topic": "order",
        "received_at": clock.now(),
        "body": seal(session, channel.key_id, body),
        "body_key_id": channel.key_id,
        "body_size": len(body),
        "headers": {},
        "state": EventState.RECEIVED,
        "attempts": 0,
    }
    # Of two at once with one key the second waits here for the first.
    then = "ON CONFLICT (shop_id, channel_id, delivery_id) DO NOTHING RETURNING id"
    if not insert_rows(session, RawEvent, [row], then=then):
        return _find_submitted(session, shop_id, channel.id, key, body)
    recorded = work_events(session, shop_id, [event_id])
    return SubmittedOrder(recorded[event_id].order_id, repeated=False)


def _find_submitted(session: Session, shop_id: UUID, channel_id: UUID, key: str, body: bytes) -> SubmittedOrder:
    event = session.scalars(
        select(RawEvent).where(
            RawEvent.shop_id == shop_id, RawEvent.channel_id == channel_id, RawEvent.delivery_id == key
        )
    ).one()
    if event.body is None or event.order_id is None:
        raise ErasedError
    if unseal(session, event.body_key_id, event.body) != body:
        raise IdempotencyKeyReusedError
    return SubmittedOrder(event.order_id, repeated=True)
