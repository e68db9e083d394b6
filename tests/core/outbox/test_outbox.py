"""Outgoing messages: written with their cause, delivered at least once, tried again as told, kept until they arrive."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import session_scope, system_scope
from core.errors import ConflictError, NotFoundError, UpstreamError
from core.outbox.delivery import FIRST_PAUSE, LONGEST_PAUSE, MAX_ATTEMPTS, next_attempt, sweep_outbox
from core.outbox.models import MessageState, OutboxMessage
from core.outbox.service import (
    SENDERS,
    Message,
    send_again,
    send_later,
    send_one_again,
    sender,
    undelivered_messages,
)
from core.sealing import destroy_keys, new_key
from tests.conftest import MORNING, FixedClock
from tests.factories.core import make_shop

RunJobs = Callable[..., int]


class FakeReceiver:
    """The other side: remembers what arrived, and fails as told."""

    def __init__(self) -> None:
        self.arrived: list[Message] = []
        self.failures: list[Exception] = []

    def __call__(self, _session: Session, message: Message) -> None:
        self.arrived.append(message)
        if self.failures:
            raise self.failures.pop(0)


@pytest.fixture
def receiver() -> Iterator[FakeReceiver]:
    fake = FakeReceiver()
    sender("tests.receiver")(fake)
    yield fake
    del SENDERS["tests.receiver"]


@pytest.fixture
def shop(database: str) -> UUID:
    return make_shop()


def write(shop_id: UUID, key: str = "order-1", key_id: UUID | None = None) -> UUID:
    with session_scope([shop_id]) as session:
        return send_later(
            session,
            shop_id,
            sender="tests.receiver",
            idempotency_key=key,
            payload={"order": 1, "name": "架空 花子"},
            key_id=key_id,
        )


def read(message_id: UUID) -> OutboxMessage:
    with system_scope() as session:
        return session.get_one(OutboxMessage, message_id)


def test_a_message_is_delivered_by_its_job(shop: UUID, receiver: FakeReceiver, run_jobs: RunJobs) -> None:
    message_id = write(shop)
    run_jobs()
    assert [(m.id, m.idempotency_key, m.payload["order"], m.attempt) for m in receiver.arrived] == [
        (message_id, "order-1", 1, 1)
    ]
    assert read(message_id).state is MessageState.DELIVERED
    assert sweep_outbox() == 0


def test_nothing_is_sent_when_the_cause_is_undone(shop: UUID, receiver: FakeReceiver, run_jobs: RunJobs) -> None:
    def cause() -> None:
        with session_scope([shop]) as session:
            send_later(session, shop, sender="tests.receiver", idempotency_key="x", payload={})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cause()
    assert run_jobs() == 0
    assert receiver.arrived == []


def test_writing_the_same_key_again_changes_nothing(shop: UUID, receiver: FakeReceiver, run_jobs: RunJobs) -> None:
    first = write(shop)
    run_jobs()
    assert write(shop) == first
    run_jobs()
    assert len(receiver.arrived) == 1


def test_a_sender_nobody_registered_is_refused_at_once(shop: UUID) -> None:
    with session_scope([shop]) as session, pytest.raises(LookupError, match=r"tests\.nobody"):
        send_later(session, shop, sender="tests.nobody", idempotency_key="x", payload={})


def test_a_failure_is_tried_again_after_a_pause_with_the_same_key(
    shop: UUID, receiver: FakeReceiver, run_jobs: RunJobs, clock: FixedClock
) -> None:
    message_id = write(shop)
    receiver.failures = [UpstreamError("They are down."), UpstreamError("Still.", retry_after=600)]
    run_jobs()
    assert (read(message_id).state, read(message_id).error_code) == (MessageState.WAITING, "upstream_failed")

    assert sweep_outbox() == 0
    clock.advance(seconds=FIRST_PAUSE.total_seconds())
    assert sweep_outbox() == 1
    assert sweep_outbox() == 0
    run_jobs()
    clock.advance(seconds=599)
    assert sweep_outbox() == 0
    clock.advance(seconds=1)
    assert sweep_outbox() == 1
    run_jobs()

    assert read(message_id).state is MessageState.DELIVERED
    assert {(m.id, m.idempotency_key) for m in receiver.arrived} == {(message_id, "order-1")}
    assert [m.attempt for m in receiver.arrived] == [1, 2, 3]


def test_a_refusal_for_good_waits_for_a_person(
    shop: UUID, receiver: FakeReceiver, run_jobs: RunJobs, clock: FixedClock
) -> None:
    message_id = write(shop)
    receiver.failures = [UpstreamError("Gone.", permanent=True)]
    run_jobs()
    clock.advance(days=30)
    assert sweep_outbox() == 0
    with session_scope([shop]) as session:
        [listed] = undelivered_messages(session, shop)
    assert (listed.id, listed.state, listed.error) == (message_id, MessageState.FAILED, "Gone.")

    with session_scope([shop]) as session:
        send_one_again(session, shop, message_id)
    run_jobs()
    assert read(message_id).state is MessageState.DELIVERED
    with session_scope([shop]) as session, pytest.raises(ConflictError, match="delivered"):
        send_one_again(session, shop, message_id)


def test_trying_ends_some_day(shop: UUID, receiver: FakeReceiver, run_jobs: RunJobs, clock: FixedClock) -> None:
    message_id = write(shop)
    receiver.failures = [UpstreamError("Down.") for _ in range(MAX_ATTEMPTS)]
    run_jobs()
    for _ in range(MAX_ATTEMPTS - 1):
        clock.advance(seconds=LONGEST_PAUSE.total_seconds())
        assert sweep_outbox() == 1
        run_jobs()
    assert (read(message_id).state, read(message_id).attempts) == (MessageState.FAILED, MAX_ATTEMPTS)


def test_a_lost_job_is_made_up_for(shop: UUID, receiver: FakeReceiver, run_jobs: RunJobs, clock: FixedClock) -> None:
    message_id = write(shop)
    with system_scope() as session:
        session.execute(text("DELETE FROM jobs"))
    clock.advance(minutes=6)
    assert sweep_outbox() == 1
    run_jobs()
    assert read(message_id).state is MessageState.DELIVERED


def test_a_bug_in_a_sender_loses_nothing(
    shop: UUID, receiver: FakeReceiver, run_jobs: RunJobs, clock: FixedClock
) -> None:
    message_id = write(shop)
    receiver.failures = [ZeroDivisionError()]
    run_jobs(failures=True)
    assert read(message_id).state is MessageState.WAITING
    clock.advance(minutes=6)
    run_jobs(failures=True)
    assert read(message_id).state is MessageState.DELIVERED


def test_personal_contents_are_sealed_and_dropped_when_erased(
    shop: UUID, receiver: FakeReceiver, run_jobs: RunJobs
) -> None:
    with session_scope([shop]) as session:
        keys = [new_key(session, shop) for _ in range(2)]
    kept, erased = (write(shop, str(number), key_id) for number, key_id in enumerate(keys))
    row = read(kept)
    assert row.payload == {}
    assert "花子".encode() not in (row.sealed_payload or b"")

    with session_scope([shop]) as session:
        destroy_keys(session, keys[1:])
    run_jobs()

    assert [m.payload["name"] for m in receiver.arrived] == ["架空 花子"]
    assert read(erased).state is MessageState.DROPPED


def test_another_shops_message_is_not_to_be_had(shop: UUID, receiver: FakeReceiver) -> None:
    other = make_shop()
    message_id = write(other)
    with session_scope([shop]) as session:
        assert undelivered_messages(session, other) == []
        assert send_again(session, other, [message_id]) == 0
        with pytest.raises(NotFoundError):
            send_one_again(session, other, message_id)


def test_undelivered_messages_are_paged_by_key(shop: UUID, receiver: FakeReceiver) -> None:
    written = [write(shop, str(number)) for number in range(5)]
    with session_scope([shop]) as session:
        first = undelivered_messages(session, shop, limit=3)
        rest = undelivered_messages(session, shop, after=first[-1].id, limit=3)
    assert [message.id for message in (*first, *rest)] == written


@pytest.mark.parametrize(
    ("attempts", "retry_after", "pause"),
    [
        (1, None, FIRST_PAUSE),
        (2, None, 2 * FIRST_PAUSE),
        (40, None, LONGEST_PAUSE),
        (1, 60, timedelta(seconds=60)),
        (40, 1, LONGEST_PAUSE),
        (1, 10**9, timedelta(days=1)),
        (1, "soon", FIRST_PAUSE),
    ],
)
def test_pauses_double_and_are_never_shorter_than_asked(attempts: int, retry_after: object, pause: timedelta) -> None:
    assert next_attempt(MORNING, attempts, retry_after) == MORNING + pause
