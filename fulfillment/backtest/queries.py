"""Named reads of backtests: the list, one with its progress, and its shipments page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import any_, or_, select
from sqlalchemy.orm import Session

from core.jobs.models import Job, JobProgress, JobState
from fulfillment.backtest.errors import BacktestNotFoundError
from fulfillment.backtest.models import Backtest, BacktestDecision, BacktestState, Change
from fulfillment.models import Shipment, format_number

PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class BacktestView:
    """`done` of `total` is its progress; `error_code` says why it failed. `summary` is there once it is done."""

    id: UUID
    state: BacktestState
    since: datetime
    until: datetime
    sample: float | None
    note: str
    author: str
    created_at: datetime
    finished_at: datetime | None
    is_stopping: bool
    shipment_count: int | None
    summary: dict[str, Any] | None
    done: int
    total: int
    error_code: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeView:
    """One shipment on which the rulesets differ. `position` is the key of the next page."""

    position: int
    shipment_id: UUID
    number: str
    accepted_at: datetime
    customer_id: UUID | None
    change: Change
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    segment: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeFilter:
    """`insert`: shipments that would gain or lose it."""

    change: Change | None = None
    insert: str | None = None
    segment: str | None = None


EVERY_CHANGE: Final = ChangeFilter()


def find_backtest(session: Session, shop_id: UUID, backtest_id: UUID) -> Backtest:
    """Return the row; raises BacktestNotFoundError."""
    found = session.get(Backtest, backtest_id, populate_existing=True)
    if found is None or found.shop_id != shop_id:
        raise BacktestNotFoundError(backtest_id)
    return found


def get_backtest(session: Session, shop_id: UUID, backtest_id: UUID) -> BacktestView:
    return _view(session, [find_backtest(session, shop_id, backtest_id)])[0]


def list_backtests(
    session: Session, shop_id: UUID, *, before: UUID | None = None, limit: int = PAGE
) -> list[BacktestView]:
    """Return backtests, newest first; `before` is the id of the last one shown."""
    statement = select(Backtest).where(Backtest.shop_id == shop_id)
    if before is not None:
        statement = statement.where(Backtest.id < before)
    statement = statement.order_by(Backtest.id.desc()).limit(limit).execution_options(populate_existing=True)
    return _view(session, session.scalars(statement).all())


def _view(session: Session, tests: Sequence[Backtest]) -> list[BacktestView]:
    jobs = {
        row.id: row
        for row in session.execute(
            select(Job.id, Job.state, Job.error_code, JobProgress.done, JobProgress.total)
            .outerjoin(JobProgress, JobProgress.job_id == Job.id)
            .where(Job.id.in_([test.job_id for test in tests if test.job_id is not None]))
        )
    }
    return [_show(test, jobs.get(test.job_id)) for test in tests]


def _show(test: Backtest, job: Any) -> BacktestView:
    has_failed = job is not None and job.state is JobState.FAILED and test.finished_at is None
    return BacktestView(
        id=test.id,
        state=BacktestState.FAILED if has_failed else test.state,
        since=test.since,
        until=test.until,
        sample=test.sample,
        note=test.note,
        author=test.author,
        created_at=test.created_at,
        finished_at=test.finished_at,
        is_stopping=test.cancel_requested_at is not None and test.finished_at is None,
        shipment_count=test.shipment_count,
        summary=test.summary,
        done=0 if job is None else job.done or 0,
        total=0 if job is None else job.total or 0,
        error_code=job.error_code if has_failed else None,
    )


def list_changes(
    session: Session,
    shop_id: UUID,
    backtest_id: UUID,
    wanted: ChangeFilter = EVERY_CHANGE,
    *,
    after: int | None = None,
    limit: int = PAGE,
) -> list[ChangeView]:
    """Return shipments on which the rulesets differ, the oldest first; `after` is the last position shown.

    Raises BacktestNotFoundError.
    """
    find_backtest(session, shop_id, backtest_id)
    kept = BacktestDecision
    statement = (
        select(kept, Shipment.serial, Shipment.accepted_at, Shipment.customer_id)
        .join(Shipment, Shipment.id == kept.shipment_id)
        .where(kept.shop_id == shop_id, kept.backtest_id == backtest_id)
        .where(kept.change.is_not(None) if wanted.change is None else kept.change == wanted.change)
    )
    if wanted.insert is not None:
        statement = statement.where(or_(any_(kept.gained) == wanted.insert, any_(kept.lost) == wanted.insert))
    if wanted.segment is not None:
        statement = statement.where(kept.segment == wanted.segment)
    if after is not None:
        statement = statement.where(kept.position > after)
    rows = session.execute(statement.order_by(kept.position).limit(limit))
    return [_show_change(*row) for row in rows]


def _show_change(kept: BacktestDecision, serial: int, accepted_at: datetime, customer_id: UUID | None) -> ChangeView:
    assert kept.change is not None
    return ChangeView(
        position=kept.position,
        shipment_id=kept.shipment_id,
        number=format_number(serial),
        accepted_at=accepted_at,
        customer_id=customer_id,
        change=kept.change,
        gained=tuple(kept.gained or ()),
        lost=tuple(kept.lost or ()),
        segment=kept.segment,
    )
