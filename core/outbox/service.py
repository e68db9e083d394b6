"""Writing, watching and repeating outgoing messages."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record_many
from core.errors import ConflictError, NotFoundError
from core.ids import new_id
from core.jobs.service import enqueue_many
from core.outbox.models import MessageState, OutboxMessage
from core.sealing import seal

DELIVER_JOB = "core.deliver_messages"
# A message that was handed to a job is not handed to another one for so long.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class Message:
    """What a sender gets: `id` and `idempotency_key` are the same at every attempt."""

    id: UUID
    shop_id: UUID
    idempotency_key: str
    payload: dict[str, Any]
    attempt: int
    created_at: datetime


Deliver = Callable[[Session, Message], None]
SENDERS: dict[str, Deliver] = {}


def sender(name: str) -> Callable[[Deliver], Deliver]:
    """Register `deliver(session, message)`: returns when delivered, or raises UpstreamError that says whether for good.

    An error's detail `retry_after` (seconds) is obeyed.
    """

    def register(deliver: Deliver) -> Deliver:
        SENDERS[name] = deliver
        return deliver

    return register


def send_later(
    session: Session,
    shop_id: UUID,
    *,
    sender: str,
    idempotency_key: str,
    payload: dict[str, Any],
    key_id: UUID | None = None,
) -> UUID:
    """Write a message and its job; with `key_id` the payload is sealed, and erased with its key.

    Writing the same idempotency key again changes nothing. Returns the message's id.
    """
    if sender not in SENDERS:
        raise LookupError(f"no such sender: {sender}")
    sealed = seal(session, key_id, json.dumps(payload, ensure_ascii=False).encode()) if key_id else None
    values = {
        "id": new_id(),
        "shop_id": shop_id,
        "sender": sender,
        "idempotency_key": idempotency_key,
        "payload": {} if key_id else payload,
        "sealed_payload": sealed,
        "key_id": key_id,
        "next_attempt_at": clock.now() + LEASE,
    }
    added = session.execute(
        insert(OutboxMessage)
        .values(values)
        .on_conflict_do_nothing(index_elements=["shop_id", "sender", "idempotency_key"])
        .returning(OutboxMessage.id)
    ).scalar_one_or_none()
    if added is None:
        return _get_written(session, shop_id, sender, idempotency_key)
    enqueue_deliveries(session, shop_id, [added])
    return added


def enqueue_deliveries(session: Session, shop_id: UUID, message_ids: Iterable[UUID]) -> None:
    """Ask for one job for each message; one that is still queued serves for both."""
    jobs: list[tuple[dict[str, Any], str | None]] = [({"message_id": str(one)}, str(one)) for one in message_ids]
    enqueue_many(session, DELIVER_JOB, shop_id=shop_id, batch=jobs)


def _get_written(session: Session, shop_id: UUID, sender: str, idempotency_key: str) -> UUID:
    return session.execute(
        select(OutboxMessage.id).where(
            OutboxMessage.shop_id == shop_id,
            OutboxMessage.sender == sender,
            OutboxMessage.idempotency_key == idempotency_key,
        )
    ).scalar_one()


@dataclass(frozen=True)
class UndeliveredMessage:
    """One line of the screen: nothing of the contents."""

    id: UUID
    sender: str
    state: MessageState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    error_code: str | None
    error: str | None


def undelivered_messages(
    session: Session, shop_id: UUID, *, after: UUID | None = None, limit: int = 50
) -> list[UndeliveredMessage]:
    """Return what has not arrived yet, oldest first, paged by id."""
    statement = select(OutboxMessage).where(
        OutboxMessage.shop_id == shop_id, OutboxMessage.state.in_([MessageState.WAITING, MessageState.FAILED])
    )
    if after is not None:
        statement = statement.where(OutboxMessage.id > after)
    rows = session.execute(statement.order_by(OutboxMessage.id).limit(limit)).scalars()
    return [
        UndeliveredMessage(
            row.id, row.sender, row.state, row.attempts, row.created_at, row.next_attempt_at, row.error_code, row.error
        )
        for row in rows
    ]


def send_again(session: Session, shop_id: UUID, message_ids: Sequence[UUID]) -> int:
    """Try these waiting or failed messages at once, with all attempts anew; returns how many. Others are left alone."""
    statement = (
        update(OutboxMessage)
        .where(
            OutboxMessage.shop_id == shop_id,
            OutboxMessage.id.in_(message_ids),
            OutboxMessage.state.in_([MessageState.WAITING, MessageState.FAILED]),
        )
        .values(state=MessageState.WAITING, attempts=0, next_attempt_at=clock.now() + LEASE)
        .returning(OutboxMessage.id)
    )
    again = list(session.execute(statement).scalars())
    enqueue_deliveries(session, shop_id, again)
    record_many(session, "outbox:message:sent_again", shop_id=shop_id, subjects=[(one, {}) for one in again])
    return len(again)


def send_one_again(session: Session, shop_id: UUID, message_id: UUID) -> None:
    """As `send_again`, but says why it cannot."""
    if send_again(session, shop_id, [message_id]) == 0:
        found = session.get(OutboxMessage, message_id)
        if found is None:
            raise NotFoundError("There is no such message.", message_id=str(message_id))
        raise ConflictError(f"This message is {found.state}; it is not sent again.", state=found.state)
