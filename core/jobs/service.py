"""Asking for background work, and watching it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.context import get_context
from core.db import session_scope
from core.errors import NotFoundError
from core.ids import new_id
from core.jobs.models import Job, JobProgress, JobState

JobHandler = Callable[[Session, list[Job]], None]


@dataclass(frozen=True)
class JobKind:
    name: str
    handler: JobHandler
    batch_size: int
    max_attempts: int
    brief: bool = False


KINDS: dict[str, JobKind] = {}


def job(
    name: str, *, batch_size: int = 1, max_attempts: int = 8, brief: bool = False
) -> Callable[[JobHandler], JobHandler]:
    """Register `handler(session, jobs)` for jobs of this name: up to `batch_size` of one shop in one transaction.

    While a `brief` one runs, for a few seconds at most, nobody looks for garbage: what it makes is gone at its end.
    """

    def register(handler: JobHandler) -> JobHandler:
        KINDS[name] = JobKind(name, handler, batch_size, max_attempts, brief)
        return handler

    return register


def enqueue(
    session: Session, name: str, *, shop_id: UUID, args: dict[str, Any] | None = None, once_key: str | None = None
) -> UUID:
    """Ask for a job once this transaction commits. With `once_key`, one that is still queued serves for both."""
    return enqueue_many(session, name, shop_id=shop_id, batch=[(args or {}, once_key)])[0]


def enqueue_many(
    session: Session, name: str, *, shop_id: UUID, batch: Iterable[tuple[dict[str, Any], str | None]]
) -> list[UUID]:
    """Ask for many jobs in one statement; items are (args, once_key). Returns the ids that were drawn for them."""
    if name not in KINDS:
        raise LookupError(f"no such job: {name}")
    actor = get_context().actor
    rows = [
        {
            "id": new_id(),
            "shop_id": shop_id,
            "name": name,
            "args": args,
            "once_key": once_key,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
        }
        for args, once_key in batch
    ]
    if rows:
        statement = insert(Job).on_conflict_do_nothing(
            index_elements=["shop_id", "name", "once_key"], index_where=text("state = 'queued'")
        )
        session.execute(statement, rows)
    return [UUID(str(row["id"])) for row in rows]


def report_progress(job: Job, done: int, total: int, note: str | None = None) -> None:
    """Show how far a job is, at once: in a transaction of its own."""
    values = {"done": done, "total": total, "note": note, "updated_at": clock.now()}
    with session_scope([job.shop_id]) as session:
        statement = insert(JobProgress).values(job_id=job.id, shop_id=job.shop_id, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["job_id"], set_=values))


@dataclass(frozen=True)
class JobStatus:
    id: UUID
    name: str
    state: JobState
    done: int
    total: int
    note: str | None
    error_code: str | None
    error: str | None
    result: dict[str, Any] | None


def get_status(session: Session, job_id: UUID) -> JobStatus:
    row = session.execute(
        select(Job, JobProgress).outerjoin(JobProgress, JobProgress.job_id == Job.id).where(Job.id == job_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("There is no such job.", job_id=str(job_id))
    found, progress = row
    done, total, note = (progress.done, progress.total, progress.note) if progress else (0, 0, None)
    return JobStatus(found.id, found.name, found.state, done, total, note, found.error_code, found.error, found.result)


def retry_jobs(session: Session, job_ids: Sequence[UUID]) -> int:
    """Queue failed jobs again; returns how many."""
    now = clock.now()
    values = {"state": JobState.QUEUED, "attempts": 0, "run_after": now, "finished_at": None}
    result = session.execute(
        update(Job).where(Job.id.in_(job_ids), Job.state == JobState.FAILED).values(**values).returning(Job.id)
    )
    return len(result.all())


def count_unfinished(session: Session) -> int:
    """Return how many jobs this session's shops still have to do."""
    waiting = (JobState.QUEUED, JobState.SENT)
    return session.execute(select(func.count()).select_from(Job).where(Job.state.in_(waiting))).scalar_one()
