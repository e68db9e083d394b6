"""The daily fit: a sweeper asks for what is missing, a job makes it."""

from datetime import datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core import clock
from core.db import system_scope
from core.jobs.models import Job, JobState
from core.jobs.service import enqueue, job
from core.tenancy import Shop
from personalization.models import FittedModel
from personalization.prediction.fitting import fit_models
from personalization.recommendations.service import fit_also_bought

FIT_MODELS: Final = "personalization.fit_models"


@job(FIT_MODELS, max_attempts=3)
def fit(session: Session, jobs: list[Job]) -> None:
    for each in jobs:
        known_until = datetime.fromisoformat(each.args["known_until"])
        fit_models(session, each.shop_id, known_until)
        fit_also_bought(session, each.shop_id, known_until)


def ask_for_fit(session: Session, shop_id: UUID, known_until: datetime) -> UUID:
    """Let the models be fitted on what was known before the moment; asking twice gives one job."""
    args = {"known_until": known_until.isoformat()}
    return enqueue(session, FIT_MODELS, shop_id=shop_id, args=args, once_key=args["known_until"])


def ask_for_daily_fits() -> int:
    """Ask for the fit of each shop whose day has begun without one; the keeper calls it.

    Returns 0: what was asked for is done by a job, and looking again at once would not find it done.
    """
    now = clock.now()
    with system_scope() as session:
        shops = session.execute(select(Shop.id, Shop.time_zone).order_by(Shop.id)).all()
        for shop_id, time_zone in shops:
            midnight = find_midnight(now, ZoneInfo(time_zone))
            if not _is_fitted(session, shop_id, midnight):
                ask_for_fit(session, shop_id, midnight)
    return 0


def find_midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the shop's day began."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def _is_fitted(session: Session, shop_id: UUID, midnight: datetime) -> bool:
    """Say whether it was fitted since, refused, or is on its way."""
    fitted = exists().where(FittedModel.shop_id == shop_id, FittedModel.known_until >= midnight)
    under_way = exists().where(
        Job.shop_id == shop_id,
        Job.name == FIT_MODELS,
        Job.created_at >= midnight,
        Job.state.in_((JobState.QUEUED, JobState.SENT, JobState.FAILED)),
    )
    return bool(session.execute(select(fitted | under_way)).scalar_one())
