"""Use cases of backtests: start, cancel. Callers own the transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.jobs.service import enqueue
from fulfillment.backtest.errors import AlreadyEndedError, PeriodError, SampleError
from fulfillment.backtest.models import Backtest, BacktestState
from fulfillment.backtest.queries import find_backtest
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.errors import RulesetError
from personalization.publishing import check_ruleset
from personalization.rulesets.catalogue import dump_catalogue

OPEN = (BacktestState.QUEUED, BacktestState.RUNNING)


@dataclass(frozen=True, slots=True)
class Period:
    """Shipments accepted in [`since`, `until`); `sample`: of this share of the customers, 0 to 1; None: of all."""

    since: datetime
    until: datetime
    sample: float | None = None

    def check(self) -> None:
        """Raise PeriodError, SampleError."""
        if self.since >= self.until or self.since > clock.now():
            raise PeriodError(self.since, self.until)
        if self.sample is not None and not 0 < self.sample <= 1:
            raise SampleError(self.sample)


def start_backtest(
    session: Session,
    shop_id: UUID,
    document: dict[str, Any],
    period: Period,
    *,
    author: str,
    note: str = "",
) -> UUID:
    """Ask for a draft to be tried over the shipments of a period; returns the backtest's id.

    Raises RulesetError for a mistake in the document, PeriodError, SampleError.
    """
    period.check()
    catalogue = load_rule_catalogue(session, shop_id)
    problems = check_ruleset(session, shop_id, document, catalogue)
    if problems:
        raise RulesetError(problems)
    test = Backtest(
        shop_id=shop_id,
        document=document,
        catalogue=dump_catalogue(catalogue),
        since=period.since,
        until=period.until,
        sample=period.sample,
        author=author,
        note=note,
    )
    session.add(test)
    session.flush()  # The job is told its id.
    test.job_id = enqueue(session, "fulfillment.run_backtest", shop_id=shop_id, args={"backtest_id": str(test.id)})
    details = {"since": period.since.isoformat(), "until": period.until.isoformat(), "sample": period.sample}
    record(session, "fulfillment:backtest:started", shop_id=shop_id, subject_id=test.id, details=details)
    return test.id


def cancel_backtest(session: Session, shop_id: UUID, backtest_id: UUID) -> None:
    """Stop it; one that runs stops within a second or two. Raises AlreadyEndedError, BacktestNotFoundError."""
    test = find_backtest(session, shop_id, backtest_id)
    now = clock.now()
    stopped = session.execute(
        update(Backtest)
        .where(Backtest.id == test.id, Backtest.state.in_(OPEN))
        .values(cancel_requested_at=now)
        .returning(Backtest.state)
    ).scalar_one_or_none()
    if stopped is None:
        raise AlreadyEndedError(test.state)
    # Nobody has begun: it ends here.
    session.execute(
        update(Backtest)
        .where(Backtest.id == test.id, Backtest.state == BacktestState.QUEUED)
        .values(state=BacktestState.CANCELLED, finished_at=now)
    )
    record(session, "fulfillment:backtest:cancelled", shop_id=shop_id, subject_id=test.id)
