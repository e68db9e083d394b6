"""Jobs of orders."""

from uuid import UUID

from sqlalchemy.orm import Session

from core.jobs.models import Job
from core.jobs.service import job
from orders.intake import working
from orders.intake.storing import WORK_EVENTS


@job(WORK_EVENTS, batch_size=80)
def work_events(session: Session, jobs: list[Job]) -> None:
    working.work_events(session, jobs[0].shop_id, {UUID(job.args["event_id"]) for job in jobs})
