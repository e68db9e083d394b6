"""Fits the model of a shop and keeps it; it is used only for moments after what it was fitted on."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.errors import InvalidInputError
from core.ids import new_id
from personalization.models import FittedModel
from personalization.recommendations.fitting import AlsoBought, dump, fit, load

KIND: Final = "also_bought"
# Tastes change, and more baskets than these change no ranking.
WINDOW: Final = timedelta(days=730)
MOST_BASKETS: Final = 300_000
BASKETS: Final = text(
    """
    SELECT customer_id, skus FROM touchpoints
     WHERE shop_id = :shop_id AND kind = 'purchase' AND cardinality(skus) > 0
       AND occurred_at < :known_until AND occurred_at >= :since
       AND known_at < :known_until AND (retired_at IS NULL OR retired_at >= :known_until)
     ORDER BY occurred_at DESC, external_id LIMIT :most
    """
)


def fit_also_bought(session: Session, shop_id: UUID, known_until: datetime) -> FittedModel:
    """Fit the lifts on purchases known before that moment, and return them; what was fitted for it before stays.

    Raises InvalidInputError for a moment still to come. Audited.
    """
    if known_until > clock.now():
        raise InvalidInputError("A model is fitted on the past only.", field="known_until")
    bound = {
        "shop_id": shop_id,
        "known_until": known_until,
        "since": known_until - WINDOW,
        "most": MOST_BASKETS,
    }
    rows = session.execute(BASKETS, bound).all()
    model = fit([row.skus for row in rows])
    key = {"shop_id": shop_id, "kind": KIND, "known_until": known_until}
    customers = len({row.customer_id for row in rows})
    values = {"id": new_id(), "customers": customers, "parameters": dump(model), "fitted_at": clock.now()}
    statement = upsert(FittedModel).values(**key, **values)
    session.execute(statement.on_conflict_do_nothing(index_elements=list(key)))
    stored = session.scalars(select(FittedModel).filter_by(**key)).one()
    details = {"known_until": known_until.isoformat(), "baskets": model.baskets, "products": len(model.partners)}
    record(session, "personalization:also_bought:fit", shop_id=shop_id, subject_id=stored.id, details=details)
    return stored


_models: dict[UUID, AlsoBought] = {}
MOST_KEPT: Final = 16


def find_model(session: Session, shop_id: UUID, moment: datetime) -> AlsoBought | None:
    """Return the newest model fitted only on what was known by the moment; models are read once per process."""
    model_id = session.scalar(
        select(FittedModel.id)
        .where(FittedModel.shop_id == shop_id, FittedModel.kind == KIND, FittedModel.known_until <= moment)
        .order_by(FittedModel.known_until.desc())
        .limit(1)
    )
    if model_id is None:
        return None
    if model_id not in _models:
        if len(_models) >= MOST_KEPT:
            _models.clear()
        _models[model_id] = load(session.get_one(FittedModel, model_id).parameters)
    return _models[model_id]
