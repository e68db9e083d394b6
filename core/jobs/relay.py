"""Sends queued jobs to the workers, after their commit and in chunks, and sends again what was lost on the way."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.db import system_scope
from core.jobs.models import Job, JobState
from core.settings import get_settings

CHUNK = 80
TAKE = 2000
Send = Callable[[str, UUID, list[UUID]], None]


def relay_jobs(send: Send) -> int:
    """Mark due and stale jobs as sent, commit, then hand them over by `send(name, shop_id, job_ids)`. Returns how many.

    Sending after the commit means a crash in between leaves jobs marked sent: they grow stale and are sent again.
    """
    with system_scope() as session:
        taken = _take_jobs(session)
    chunks: dict[tuple[str, UUID], list[UUID]] = defaultdict(list)
    for job_id, name, shop_id in sorted(taken):
        chunks[name, shop_id].append(job_id)
    for (name, shop_id), job_ids in chunks.items():
        for start in range(0, len(job_ids), CHUNK):
            send(name, shop_id, job_ids[start : start + CHUNK])
    return len(taken)


def _take_jobs(session: Session) -> list[tuple[UUID, str, UUID]]:
    now = clock.now()
    stale = now - timedelta(seconds=get_settings().job_stale_seconds)
    # A job that is running is locked by its worker and is passed over, however long it takes.
    due = (
        select(Job.id)
        .where(
            or_(
                and_(Job.state == JobState.QUEUED, Job.run_after <= now),
                and_(Job.state == JobState.SENT, Job.sent_at < stale),
            )
        )
        .order_by(Job.id)
        .limit(TAKE)
        .with_for_update(skip_locked=True)
    )
    taken = update(Job).where(Job.id.in_(due.scalar_subquery())).values(state=JobState.SENT, sent_at=now)
    return [(row.id, row.name, row.shop_id) for row in session.execute(taken.returning(Job.id, Job.name, Job.shop_id))]
