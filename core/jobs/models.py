"""Jobs and their progress."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned, enum_column


class JobState(StrEnum):
    """Queued until the relay has sent it; sent until a worker has finished it (it is running while its row is
    locked).
    """

    QUEUED = "queued"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Keyed, ShopOwned, Base):
    """`args` are ids and plain values, never personal data."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "run_after", postgresql_where=text("state = 'queued'")),
        Index("ix_jobs_sent", "sent_at", postgresql_where=text("state = 'sent'")),
        Index("uq_jobs_once", "shop_id", "name", "once_key", unique=True, postgresql_where=text("state = 'queued'")),
        Index("ix_jobs_shop_id_name", "shop_id", "name", "created_at"),
    )

    name: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[JobState] = mapped_column(enum_column(JobState), default=JobState.QUEUED)
    # While a job with this key is still queued, a second one is not added.
    once_key: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    run_after: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    actor_kind: Mapped[str] = mapped_column(default="system")
    actor_id: Mapped[UUID | None]
    result: Mapped[dict[str, Any] | None]


class JobProgress(ShopOwned, Base):
    """Written beside the job, in transactions of its own, so that screens see it while the job's row is locked."""

    __tablename__ = "job_progress"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
