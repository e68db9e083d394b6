"""Scheduled rules come live: the keeper sees what is due, a job checks and publishes it."""

from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.db import session_scope
from core.jobs.service import enqueue
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.versions.due import find_due_shops
from personalization.versions.due import publish_due as publish_due_releases
from personalization.versions.models import RulesetRelease

JOB = "fulfillment.publish_releases"


def enqueue_due_releases() -> int:
    """Ask for a job in every shop where something is due. Repeating it while the job waits adds none.

    Returns 0: there is nothing more to find before the job has run.
    """
    for shop_id in find_due_shops(clock.now()):
        with session_scope([shop_id]) as session:
            enqueue(session, JOB, shop_id=shop_id, once_key="due")
    return 0


def publish_due(session: Session, shop_id: UUID) -> list[RulesetRelease]:
    """Publish, or refuse with its problems, whatever is due in this shop, against today's templates and services."""
    return publish_due_releases(session, shop_id, load_rule_catalogue(session, shop_id), clock.now())
