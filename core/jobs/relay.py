"""Sends queued jobs to the workers, after their commit and in chunks, and sends again what was lost on the way."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, Select, and_, or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.db import system_scope
from core.jobs.models import Job, JobState
from core.jobs.service import KINDS
from core.settings import get_settings

# Jobs in one message: at least as many as one transaction works, more when there are many, and never more than this.
CHUNK = 80
# Few jobs are shared out singly among the workers; many travel in so many messages.
SHARES = 32
# Messages that may wait at the broker. More would grow stale there, and be sent again, while the workers are busy.
MOST_WAITING = 64
TAKE = 2000
Send = Callable[[str, UUID, list[UUID]], None]


@dataclass(frozen=True)
class Chunk:
    name: str
    shop_id: UUID
    job_ids: list[UUID]


def relay_jobs(send: Send, count_waiting: Callable[[], int] = lambda: 0) -> int:
    """Mark due and stale jobs as sent, commit, then hand them over by `send(name, shop_id, job_ids)`. Returns how many.

    Sending after the commit means a crash in between leaves jobs marked sent: they grow stale and are sent again.
    `count_waiting` tells how many messages no worker has taken yet; it raises, and nothing is marked, while the broker
    is away.
    """
    room = MOST_WAITING - count_waiting()
    if room <= 0:
        return 0
    with system_scope() as session:
        chunks = _take_chunks(session, room)
    for chunk in chunks:
        send(chunk.name, chunk.shop_id, chunk.job_ids)
    return sum(len(chunk.job_ids) for chunk in chunks)


def _take_chunks(session: Session, room: int) -> list[Chunk]:
    now = clock.now()
    stale = now - timedelta(seconds=get_settings().job_stale_seconds)
    found = [*_find_stale(session, stale), *_find_due(session, now)]
    wanted = [job_id for chunk in make_chunks(found)[:room] for job_id in chunk.job_ids]
    return make_chunks(_mark_sent(session, wanted, now, stale)) if wanted else []


def _find_stale(session: Session, stale: datetime) -> Sequence[Row[UUID, str, UUID]]:
    statement = _select_jobs().where(Job.state == JobState.SENT, Job.sent_at < stale).order_by(Job.sent_at)
    return session.execute(statement).all()


def _find_due(session: Session, now: datetime) -> Sequence[Row[UUID, str, UUID]]:
    statement = _select_jobs().where(Job.state == JobState.QUEUED, Job.run_after <= now).order_by(Job.run_after)
    return session.execute(statement).all()


def _select_jobs() -> Select[UUID, str, UUID]:
    return select(Job.id, Job.name, Job.shop_id).limit(TAKE)


def make_chunks(rows: Sequence[Row[UUID, str, UUID]]) -> list[Chunk]:
    """Return these jobs by name and shop in pieces that one worker takes at once, in their order."""
    by_kind: dict[tuple[str, UUID], list[UUID]] = defaultdict(list)
    for job_id, name, shop_id in rows:
        by_kind[name, shop_id].append(job_id)
    chunks = []
    for (name, shop_id), job_ids in by_kind.items():
        together = KINDS[name].batch_size if name in KINDS else CHUNK
        size = min(max(together, -(-len(job_ids) // SHARES)), CHUNK)
        chunks += [Chunk(name, shop_id, job_ids[start : start + size]) for start in range(0, len(job_ids), size)]
    return chunks


def _mark_sent(
    session: Session, job_ids: Collection[UUID], now: datetime, stale: datetime
) -> Sequence[Row[UUID, str, UUID]]:
    """Mark those that are still due. One that is running is locked by its worker and passed over, however long it
    takes.
    """
    still_due = or_(Job.state == JobState.QUEUED, and_(Job.state == JobState.SENT, Job.sent_at < stale))
    free = select(Job.id).where(Job.id.in_(job_ids), still_due).order_by(Job.id).with_for_update(skip_locked=True)
    marked = update(Job).where(Job.id.in_(free.scalar_subquery())).values(state=JobState.SENT, sent_at=now)
    marked = marked.execution_options(synchronize_session=False)
    return sorted(session.execute(marked.returning(Job.id, Job.name, Job.shop_id)).all())
