"""The job of a backtest."""

from uuid import UUID

from sqlalchemy.orm import Session

from core.jobs.models import Job
from core.jobs.service import job
from fulfillment.backtest.running import run_backtest


@job("fulfillment.run_backtest", max_attempts=3)
def run(session: Session, jobs: list[Job]) -> None:
    run_backtest(session, jobs[0], UUID(jobs[0].args["backtest_id"]))
