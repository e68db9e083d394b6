"""Works received events: unseals, normalises, records, and seals each body again under its customer's key."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.sealing import decrypt, encrypt, load_ciphers
from crm_link.keys import get_customer_keys
from orders.bulk import update_rows
from orders.channels.interface import Reading
from orders.channels.registry import CHANNELS
from orders.channels.standard_webhooks.mapping import read_plain_order
from orders.faults import Fault, FaultyInputError, pack_faults
from orders.folding import OrderRef
from orders.intake.channels import API
from orders.intake.models import Channel, RawEvent
from orders.kinds import EventState
from orders.models import Order
from orders.normalised import NormalisedOrder, OrderEvent
from orders.service import RecordedOrder, record_orders


@dataclass(frozen=True, slots=True)
class Work:
    """One event opened and read: either what it says, or why it cannot be worked."""

    event: RawEvent
    body: bytes | None
    reading: Reading | None
    faults: tuple[Fault, ...] = ()


def work_events(session: Session, shop_id: UUID, event_ids: Collection[UUID]) -> dict[UUID, RecordedOrder]:
    """Work those of these events that are still to be worked; returns what became of their orders, by event.

    An event that cannot be read is marked failed, with its faults, and does not hinder the others.
    """
    works = _open_events(session, shop_id, event_ids)
    told = [event for work in works if work.reading is not None for event in work.reading.events]
    recorded = record_orders(session, shop_id, told)
    outcomes = {work.event.id: recorded[ref] for work in works if (ref := find_ref(work.reading)) is not None}
    ciphers, keys = _find_customer_ciphers(session, shop_id, {outcome.order_id for outcome in outcomes.values()})
    rows = []
    for work in works:
        outcome = outcomes.get(work.event.id)
        key_id = keys.get(outcome.order_id) if outcome else None
        rows.append(_close_event(work, outcome, key_id, ciphers))
    update_rows(session, RawEvent, rows)
    return outcomes


def _open_events(session: Session, shop_id: UUID, event_ids: Collection[UUID]) -> list[Work]:
    rows = session.execute(
        select(RawEvent, Channel.kind, Channel.name)
        .join(Channel, Channel.id == RawEvent.channel_id)
        .where(RawEvent.shop_id == shop_id, RawEvent.id.in_(event_ids), RawEvent.state == EventState.RECEIVED)
        .order_by(RawEvent.id)
        .with_for_update(of=RawEvent)
        .execution_options(populate_existing=True)
    ).all()
    ciphers = load_ciphers(session, {event.body_key_id for event, _, _ in rows})
    return [_read_event(event, kind, source, ciphers) for event, kind, source in rows]


def _read_event(event: RawEvent, kind: str, source: str, ciphers: Mapping[UUID, AESGCM]) -> Work:
    if event.body is None or event.body_key_id not in ciphers:
        return Work(event, None, None, (Fault("body", "erased"),))
    body = decrypt(ciphers[event.body_key_id], event.body)
    try:
        reading = read_body(kind, source, event.topic, body)
    except FaultyInputError as error:
        return Work(event, body, None, error.faults)
    accepted = tuple(_accept(told, event) for told in reading.events)
    return Work(event, body, replace(reading, events=accepted))


def _accept(told: OrderEvent, event: RawEvent) -> OrderEvent:
    return replace(told, accepted_at=event.received_at) if isinstance(told, NormalisedOrder) else told


def read_body(kind: str, source: str, topic: str | None, body: bytes) -> Reading:
    """Parse and normalise a body; raises FaultyInputError."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise FaultyInputError([Fault("$", "malformed_json", f"line {error.lineno}, column {error.colno}")]) from None
    if kind == API:
        return Reading("order", (read_plain_order(document, source),))
    return CHANNELS[kind].read(topic, document, source)


def find_ref(reading: Reading | None) -> OrderRef | None:
    """Return which order a reading is about; None when about none."""
    if reading is None or not reading.events:
        return None
    told = reading.events[0]
    if isinstance(told, NormalisedOrder):
        return told.key
    return told.source, told.order_external_id


def _find_customer_ciphers(
    session: Session, shop_id: UUID, order_ids: Collection[UUID]
) -> tuple[Mapping[UUID, AESGCM], Mapping[UUID, UUID]]:
    """Return ciphers by key, and the key of each order's buyer."""
    rows = session.execute(
        select(Order.id, Order.buyer_customer_id).where(
            Order.shop_id == shop_id, Order.id.in_(order_ids), Order.buyer_customer_id.is_not(None)
        )
    )
    buyers = {row.id: row.buyer_customer_id for row in rows}
    if not buyers:
        return {}, {}
    keys = get_customer_keys(session, shop_id, set(buyers.values()))
    ciphers = load_ciphers(session, keys.values())
    return ciphers, {order_id: keys[buyer] for order_id, buyer in buyers.items() if buyer in keys}


def _close_event(
    work: Work, outcome: RecordedOrder | None, key_id: UUID | None, ciphers: Mapping[UUID, AESGCM]
) -> dict[str, Any]:
    event = work.event
    body, body_key_id = event.body, event.body_key_id
    if work.body is not None and key_id in ciphers and key_id is not None:
        body, body_key_id = encrypt(ciphers[key_id], work.body), key_id
    return {
        "id": event.id,
        "state": _name_state(work),
        "topic": work.reading.topic if work.reading else event.topic,
        "error_code": work.faults[0].code if work.faults else None,
        "faults": pack_faults(work.faults) or None,
        "attempts": event.attempts + 1,
        "worked_at": clock.now(),
        "order_id": outcome.order_id if outcome else event.order_id,
        "body": body,
        "body_key_id": body_key_id,
    }


def _name_state(work: Work) -> EventState:
    if work.faults:
        return EventState.FAILED
    return EventState.WORKED if work.reading and work.reading.events else EventState.IGNORED
