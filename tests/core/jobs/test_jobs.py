"""Jobs: sent after their commit, in pieces, never too many at a time; done once, whatever goes away meanwhile."""

import gc
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from redis.exceptions import ConnectionError as BrokerAwayError
from sqlalchemy import select, text

from core import clock as core_clock
from core.db import is_database_away, session_scope, system_scope
from core.errors import AppError
from core.ids import new_id
from core.jobs import runner
from core.jobs.models import Job, JobState
from core.jobs.relay import CHUNK, MOST_WAITING, SHARES, relay_jobs
from core.jobs.runner import run_jobs
from core.jobs.service import KINDS, JobHandler, JobKind, enqueue, enqueue_many
from tests.factories.core import make_shop

Sent = list[tuple[str, UUID, list[UUID]]]
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runner, "AWAY_PAUSE", 0.0)
    known = dict(KINDS)
    yield
    KINDS.clear()
    KINDS.update(known)


def register(handler: JobHandler, *, batch_size: int = 1, max_attempts: int = 8, brief: bool = False) -> None:
    KINDS["test.work"] = JobKind("test.work", handler, batch_size, max_attempts, brief)


def ask(shop_id: UUID, count: int = 1) -> list[UUID]:
    with session_scope([shop_id]) as session:
        return enqueue_many(session, "test.work", shop_id=shop_id, batch=[({}, None)] * count)


def collect() -> tuple[Sent, "Collector"]:
    sent: Sent = []
    return sent, Collector(sent)


class Collector:
    def __init__(self, sent: Sent) -> None:
        self._sent = sent

    def __call__(self, name: str, shop_id: UUID, job_ids: list[UUID]) -> None:
        self._sent.append((name, shop_id, job_ids))


def list_jobs() -> list[tuple[JobState, int]]:
    with system_scope() as session:
        return [(row.state, row.attempts) for row in session.execute(select(Job.state, Job.attempts))]


def test_jobs_travel_in_pieces_that_one_transaction_works(kinds: None) -> None:
    register(lambda *_: None, batch_size=CHUNK)
    ask(make_shop(), CHUNK + 5)
    ask(make_shop(), 3)
    sent, send = collect()
    assert relay_jobs(send) == CHUNK + 8
    assert sorted(len(job_ids) for _, _, job_ids in sent) == [3, 5, CHUNK]


def test_jobs_that_are_worked_alone_are_shared_among_the_workers(kinds: None) -> None:
    register(lambda *_: None)
    ask(make_shop(), 3)
    sent, send = collect()
    relay_jobs(send)
    assert [len(job_ids) for _, _, job_ids in sent] == [1, 1, 1]


def test_many_jobs_that_are_worked_alone_share_messages(kinds: None) -> None:
    register(lambda *_: None)
    ask(make_shop(), SHARES * 3 - 1)
    sent, send = collect()
    relay_jobs(send)
    assert [len(job_ids) for _, _, job_ids in sent] == [3] * (SHARES - 1) + [2]


def test_no_more_is_sent_than_the_broker_may_hold_and_the_rest_follows(kinds: None) -> None:
    register(lambda *_: None)
    for _ in range(MOST_WAITING + 1):
        ask(make_shop())
    sent, send = collect()
    assert relay_jobs(send, lambda: MOST_WAITING) == 0
    assert relay_jobs(send, lambda: 1) == MOST_WAITING - 1
    assert relay_jobs(send, lambda: 0) == 2
    assert len({job_id for _, _, job_ids in sent for job_id in job_ids}) == MOST_WAITING + 1


def test_nothing_is_marked_as_sent_while_the_broker_is_away(kinds: None) -> None:
    def count_waiting() -> int:
        raise BrokerAwayError

    register(lambda *_: None)
    ask(make_shop())
    with pytest.raises(BrokerAwayError):
        relay_jobs(collect()[1], count_waiting)
    assert list_jobs() == [(JobState.QUEUED, 0)]


def test_what_was_marked_and_not_sent_grows_stale_and_is_sent_again(kinds: None) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    register(lambda *_: None)
    ask(make_shop())
    with pytest.raises(KeyboardInterrupt):
        relay_jobs(die)
    assert relay_jobs(run_jobs) == 0
    later = core_clock.now() + timedelta(minutes=5)
    with core_clock.freeze(later):
        assert relay_jobs(run_jobs) == 1
    assert list_jobs() == [(JobState.DONE, 0)]


def test_a_job_that_runs_long_is_not_sent_again(kinds: None, clock: object) -> None:
    later: list[int] = []

    def work(*_: object) -> None:
        with core_clock.freeze(_later()):
            later.append(relay_jobs(run_jobs))

    def _later() -> datetime:
        return core_clock.now() + timedelta(minutes=5)

    register(work)
    ask(make_shop())
    relay_jobs(run_jobs)
    assert later == [0]
    assert list_jobs() == [(JobState.DONE, 0)]


def test_a_database_that_goes_away_under_a_job_is_no_failure_of_the_job(kinds: None) -> None:
    worked: list[int] = []

    def work(session: object, jobs: list[Job]) -> None:
        worked.append(len(jobs))
        if len(worked) == 1:
            # As when the server is killed: the connection of this job is gone before it is done.
            pid = session.scalar(text("SELECT pg_backend_pid()"))  # type: ignore[attr-defined]
            with system_scope() as other:
                other.execute(text("SET LOCAL ROLE NONE"))
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        session.execute(text("SELECT 1"))  # type: ignore[attr-defined]

    register(work, batch_size=10)
    ask(make_shop(), 3)
    relay_jobs(run_jobs)
    assert worked == [3, 3]
    assert list_jobs() == [(JobState.DONE, 0)] * 3


def test_a_job_that_makes_the_database_go_away_each_time_fails_like_any_other(kinds: None) -> None:
    def work(session: object, _jobs: list[Job]) -> None:
        with system_scope() as other:
            other.execute(text("SET LOCAL ROLE NONE"))
            pid = session.scalar(text("SELECT pg_backend_pid()"))  # type: ignore[attr-defined]
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        session.execute(text("SELECT 1"))  # type: ignore[attr-defined]

    register(work, max_attempts=1)
    ask(make_shop())
    relay_jobs(run_jobs)
    assert list_jobs() == [(JobState.FAILED, 1)]


def test_one_that_fails_does_not_hinder_the_others_of_its_batch(kinds: None) -> None:
    class NoError(AppError):
        code = "no"
        permanent = True

    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        register(lambda *_: None, batch_size=10)
        enqueue(session, "test.work", shop_id=shop_id, args={"bad": True})
    ask(shop_id, 2)

    def work(_session: object, jobs: list[Job]) -> None:
        if any(job.args.get("bad") for job in jobs):
            raise NoError("no")

    register(work, batch_size=10)
    relay_jobs(run_jobs)
    assert sorted(list_jobs()) == [(JobState.DONE, 0), (JobState.DONE, 0), (JobState.FAILED, 1)]


def test_a_repeated_message_finds_its_jobs_done(kinds: None) -> None:
    worked: list[int] = []
    register(lambda _session, jobs: worked.append(len(jobs)), batch_size=10)
    shop_id = make_shop()
    ask(shop_id, 2)
    sent, send = collect()
    relay_jobs(send)
    for _ in range(2):
        run_jobs(*sent[0])
    run_jobs("test.work", shop_id, [new_id()])
    assert worked == [2]


@pytest.mark.parametrize("brief", [True, False])
def test_nobody_looks_for_garbage_while_a_brief_job_runs(kinds: None, brief: bool) -> None:
    looked: list[bool] = []
    register(lambda _session, _jobs: looked.append(gc.isenabled()), brief=brief)
    ask(make_shop())
    sent, send = collect()
    relay_jobs(send)
    run_jobs(*sent[0])
    assert looked == [not brief]
    assert gc.isenabled()


def test_other_failures_of_the_database_are_not_taken_for_its_absence() -> None:
    with pytest.raises(Exception, match="division") as raised, system_scope() as session:
        session.execute(text("SELECT 1/0"))
    assert not is_database_away(raised.value)
