"""Runs jobs. A job's row is locked while it runs and marked done in the transaction of its effect: one effect,
however often it is sent.

A worker that dies lets go of the lock; the relay then sends the job again.
"""

import time
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core import clock
from core.context import Actor, using_context
from core.db import is_database_away, session_scope
from core.errors import AppError
from core.jobs.models import Job, JobState
from core.jobs.service import KINDS, JobKind
from core.memory import without_collecting

log = structlog.get_logger(__name__)
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=10)
# How often, and after how many seconds, a batch is tried again when the database went away under it.
AWAY_TRIES, AWAY_PAUSE = 6, 1.0


def run_jobs(name: str, shop_id: UUID, job_ids: Sequence[UUID]) -> None:
    """Run these jobs of one name and shop, in batches; those finished or running elsewhere are passed over."""
    kind = KINDS.get(name)
    if kind is None:
        # A newer program asked for it: the job grows stale and is sent again, until a worker knows it.
        log.error("jobs.unknown", name=name, shop_id=str(shop_id))
        return
    for start in range(0, len(job_ids), kind.batch_size):
        _run_batch(kind, shop_id, list(job_ids[start : start + kind.batch_size]))


def _run_batch(kind: JobKind, shop_id: UUID, job_ids: list[UUID]) -> None:
    """Run a batch, its jobs one by one if it fails. A database that restarts meanwhile is waited for: no job's fault.

    When it stays away the jobs remain sent, grow stale and are sent again.
    """
    for _ in range(AWAY_TRIES):
        try:
            if not _try_batch(kind, shop_id, job_ids):
                for job_id in job_ids:
                    _run_alone(kind, shop_id, job_id)
        except Exception as error:
            if not is_database_away(error):
                raise
            log.warning("jobs.database_away", name=kind.name, shop_id=str(shop_id))
            time.sleep(AWAY_PAUSE)
        else:
            return
    for job_id in job_ids:
        # Should it be the job that makes the server fall, it fails after so many tries like any other.
        _record_failure(kind, shop_id, job_id, "database_failed", "The database went away.", permanent=False)


def _try_batch(kind: JobKind, shop_id: UUID, job_ids: list[UUID]) -> bool:
    """Run several together. False when one of them failed, so that each has to be tried alone."""
    if len(job_ids) == 1:
        return False
    try:
        _perform(kind, shop_id, job_ids)
    except Exception as error:
        # Whatever else it is: tried alone, the failing one is found and recorded.
        if is_database_away(error):
            raise
        log.info("jobs.batch_split", name=kind.name, shop_id=str(shop_id), error=type(error).__name__)
        return False
    return True


def _perform(kind: JobKind, shop_id: UUID, job_ids: list[UUID]) -> None:
    with without_collecting() if kind.brief else nullcontext(), session_scope([shop_id]) as session:
        claimed = _claim(session, job_ids)
        if not claimed:
            return
        actor = Actor("job", claimed[0].actor_id)
        with using_context(actor=actor, job_id=claimed[0].id if len(claimed) == 1 else None):
            kind.handler(session, claimed)
        session.execute(
            update(Job)
            .where(Job.id.in_([job.id for job in claimed]))
            .values(state=JobState.DONE, finished_at=clock.now(), error=None, error_code=None)
            .execution_options(synchronize_session=False)
        )


def _claim(session: Session, job_ids: list[UUID]) -> list[Job]:
    return list(
        session.execute(
            select(Job)
            .where(Job.id.in_(job_ids), Job.state == JobState.SENT)
            .order_by(Job.id)
            # No more than an update takes: the progress row, written beside it, refers to the job.
            .with_for_update(skip_locked=True, key_share=True)
        ).scalars()
    )


def _run_alone(kind: JobKind, shop_id: UUID, job_id: UUID) -> None:
    try:
        _perform(kind, shop_id, [job_id])
    except AppError as error:
        _record_failure(kind, shop_id, job_id, error.code, error.message, permanent=error.permanent)
    except Exception as error:  # A bug: recorded, tried again, and logged as what it is.
        if is_database_away(error):
            raise
        log.exception("jobs.crashed", name=kind.name, shop_id=str(shop_id), job_id=str(job_id))
        # Only the kind of the failure is kept: its text may quote personal data.
        code = "database_failed" if isinstance(error, SQLAlchemyError) else "unexpected"
        _record_failure(kind, shop_id, job_id, code, type(error).__name__, permanent=False)


def _record_failure(kind: JobKind, shop_id: UUID, job_id: UUID, code: str, message: str, *, permanent: bool) -> None:
    """Fail for good, or queue again after a pause that doubles."""
    with session_scope([shop_id]) as session:
        job = session.get(Job, job_id, with_for_update=True)
        if job is None or job.state is not JobState.SENT:
            return
        job.attempts += 1
        job.error_code, job.error = code, message
        if permanent or job.attempts >= kind.max_attempts:
            job.state, job.finished_at = JobState.FAILED, clock.now()
        else:
            pause = min(FIRST_PAUSE * 2 ** (job.attempts - 1), LONGEST_PAUSE)
            # Another one with its key may be queued by now; this one waits for its own turn.
            job.state, job.run_after, job.once_key = JobState.QUEUED, clock.now() + pause, None
