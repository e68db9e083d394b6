"""Delivers messages, one job each, and decides when to try again."""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.db import system_scope
from core.errors import AppError, ErasedError
from core.jobs.models import Job
from core.jobs.service import job
from core.outbox.models import MessageState, OutboxMessage
from core.outbox.service import DELIVER_JOB, LEASE, SENDERS, Message, enqueue_deliveries
from core.sealing import unseal

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 20
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=12)
SWEEP = 500


@job(DELIVER_JOB)
def deliver_messages(session: Session, jobs: list[Job]) -> None:
    """Deliver the messages of these jobs that still wait. A crash after sending sends again: at least once."""
    for one in jobs:
        message = _claim(session, UUID(one.args["message_id"]))
        if message is not None:
            _deliver(session, message)


def _claim(session: Session, message_id: UUID) -> OutboxMessage | None:
    """Lock the message unless it is done or another worker has it."""
    return session.execute(
        select(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.state == MessageState.WAITING)
        .with_for_update(skip_locked=True)
    ).scalar_one_or_none()


def _deliver(session: Session, row: OutboxMessage) -> None:
    row.attempts += 1
    try:
        message = _open(session, row)
        # A savepoint, so that what a failing sender wrote is undone while the failure itself is kept.
        with session.begin_nested():
            SENDERS[row.sender](session, message)
    except ErasedError:
        row.state, row.error_code, row.error = MessageState.DROPPED, ErasedError.code, None
    except AppError as error:
        _record_failure(row, error)
    else:
        row.state, row.delivered_at, row.error_code, row.error = MessageState.DELIVERED, clock.now(), None, None
    log.info("outbox.attempt", message_id=str(row.id), sender=row.sender, state=row.state.value, attempt=row.attempts)


def _open(session: Session, row: OutboxMessage) -> Message:
    payload = row.payload
    if row.key_id is not None and row.sealed_payload is not None:
        payload = json.loads(unseal(session, row.key_id, row.sealed_payload))
    return Message(row.id, row.shop_id, row.idempotency_key, payload, row.attempts, row.created_at)


def _record_failure(row: OutboxMessage, error: AppError) -> None:
    row.error_code, row.error = error.code, error.message
    if error.permanent or row.attempts >= MAX_ATTEMPTS:
        row.state = MessageState.FAILED
    else:
        row.next_attempt_at = next_attempt(clock.now(), row.attempts, error.details.get("retry_after"))


def next_attempt(now: datetime, attempts: int, retry_after: object) -> datetime:
    """Return when to try again: pauses double, and are never shorter than the other side asked for (within a day)."""
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 30), LONGEST_PAUSE)
    asked = timedelta(seconds=min(float(retry_after), 86_400)) if isinstance(retry_after, int | float) else timedelta()
    return now + max(pause, asked)


def sweep_outbox() -> int:
    """Hand due messages to jobs; the keeper calls it each second. Returns how many."""
    now = clock.now()
    due = (
        select(OutboxMessage.id)
        .where(OutboxMessage.state == MessageState.WAITING, OutboxMessage.next_attempt_at <= now)
        .order_by(OutboxMessage.next_attempt_at)
        .limit(SWEEP)
        .with_for_update(skip_locked=True)
    )
    with system_scope() as session:
        statement = (
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(due.scalar_subquery()))
            .values(next_attempt_at=now + LEASE)
            .returning(OutboxMessage.id, OutboxMessage.shop_id)
        )
        taken = session.execute(statement).all()
        by_shop: dict[UUID, list[UUID]] = defaultdict(list)
        for message_id, shop_id in taken:
            by_shop[shop_id].append(message_id)
        for shop_id, message_ids in by_shop.items():
            enqueue_deliveries(session, shop_id, message_ids)
    return len(taken)
