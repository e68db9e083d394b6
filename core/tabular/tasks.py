"""Job entry points of the tabular intake."""

from uuid import UUID

from sqlalchemy.orm import Session

from core.jobs.models import Job
from core.jobs.service import job, report_progress
from core.tabular.service import STAGE_JOB
from core.tabular.working import STORE_JOB, stage_upload, store_chunk


@job(STAGE_JOB)
def stage(session: Session, jobs: list[Job]) -> None:
    for each in jobs:
        stage_upload(session, each.shop_id, UUID(each.args["upload_id"]))


@job(STORE_JOB)
def store(session: Session, jobs: list[Job]) -> None:
    for each in jobs:
        done, total = store_chunk(session, each.shop_id, UUID(each.args["upload_id"]), each.args["chunk"])
        report_progress(each, done, total)
