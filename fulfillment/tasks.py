"""Jobs of fulfillment: each names its use case."""

from uuid import UUID

from sqlalchemy.orm import Session

from core.jobs.models import Job
from core.jobs.service import job
from fulfillment.bulk_events.releasing import JOB as RELEASE_ATTENDEES
from fulfillment.bulk_events.releasing import release_attendees
from fulfillment.deciding import decide_shipments
from fulfillment.dispatch.recording import record_dispatches
from fulfillment.interrupting import review_printed, stop_flagged
from fulfillment.planning.service import plan_orders
from fulfillment.printers.running import SEND_JOB
from fulfillment.printers.sending import send_runs
from fulfillment.printers.watching import WATCH_JOB, watch_runs
from fulfillment.printing.part_printing import print_part
from fulfillment.rule_releases import JOB as PUBLISH_RELEASES
from fulfillment.rule_releases import publish_due


def _ids(jobs: list[Job], name: str) -> list[UUID]:
    return sorted({UUID(job.args[name]) for job in jobs})


@job("fulfillment.plan_orders", batch_size=80)
def plan(session: Session, jobs: list[Job]) -> None:
    """Plan and decide in one go: a shipment that exists has a decision."""
    shop_id = jobs[0].shop_id
    decide_shipments(session, shop_id, plan_orders(session, shop_id, _ids(jobs, "order_id")))


@job("fulfillment.decide_shipments", batch_size=80)
def decide(session: Session, jobs: list[Job]) -> None:
    """Decide, and review what was printed while the news of it was on its way."""
    shop_id = jobs[0].shop_id
    decided = {outcome.shipment_id for outcome in decide_shipments(session, shop_id, _ids(jobs, "shipment_id"))}
    news = _ids([job for job in jobs if job.args.get("interrupting")], "shipment_id")
    crossed = set(news) - decided
    stop_flagged(session, shop_id, crossed)
    review_printed(session, shop_id, crossed)


@job("fulfillment.review_printed", batch_size=80)
def review(session: Session, jobs: list[Job]) -> None:
    review_printed(session, jobs[0].shop_id, _ids(jobs, "shipment_id"))


@job("fulfillment.print_part", max_attempts=5, brief=True)
def print_one_part(session: Session, jobs: list[Job]) -> None:
    print_part(session, jobs[0].shop_id, UUID(jobs[0].args["print_job_id"]))


@job(SEND_JOB)
def send_to_printer(session: Session, jobs: list[Job]) -> None:
    send_runs(session, jobs[0].shop_id, UUID(jobs[0].args["printer_id"]))


@job(WATCH_JOB)
def watch_printer(session: Session, jobs: list[Job]) -> None:
    watch_runs(session, jobs[0].shop_id, UUID(jobs[0].args["printer_id"]))


@job("fulfillment.record_dispatch", batch_size=80)
def record_dispatch(session: Session, jobs: list[Job]) -> None:
    record_dispatches(session, jobs[0].shop_id, _ids(jobs, "shipment_id"))


@job(RELEASE_ATTENDEES)
def release_event_session(session: Session, jobs: list[Job]) -> None:
    release_attendees(session, jobs[0].shop_id, UUID(jobs[0].args["session_id"]))


@job(PUBLISH_RELEASES)
def publish_releases(session: Session, jobs: list[Job]) -> None:
    publish_due(session, jobs[0].shop_id)
