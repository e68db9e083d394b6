"""Fits a shop's models on what was known before a moment, and keeps their parameters: never data of a customer."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.errors import InvalidInputError
from core.ids import new_id
from core.tenancy import get_shop
from personalization.models import FittedModel
from personalization.prediction.bgnbd import fit_bgnbd
from personalization.prediction.errors import ModelRefusedError
from personalization.prediction.gamma_gamma import fit_gamma_gamma
from personalization.prediction.kinds import ModelKind
from personalization.prediction.rfm import fit_quantiles
from personalization.prediction.summaries import DAYS_PER_WEEK, Summaries, load_summaries

# Below these a model would say more about chance than about customers.
FEWEST_CUSTOMERS: Final = {ModelKind.BG_NBD: 200, ModelKind.GAMMA_GAMMA: 200, ModelKind.RFM: 50}
FEWEST_REPEATS: Final = {ModelKind.BG_NBD: 50, ModelKind.GAMMA_GAMMA: 50, ModelKind.RFM: 0}
SHORTEST_DAYS: Final = {ModelKind.BG_NBD: 90, ModelKind.GAMMA_GAMMA: 90, ModelKind.RFM: 30}


@dataclass(frozen=True, slots=True)
class FitOutcome:
    """`parameters` of the fitted model, or `refused`: code with what it needed and found. `customers` it had."""

    kind: ModelKind
    known_until: datetime
    customers: int
    parameters: Mapping[str, Any]
    refused: Mapping[str, Any] | None


def fit_models(session: Session, shop_id: UUID, known_until: datetime) -> list[FitOutcome]:
    """Fit every kind on what was known before `known_until` and keep the result, refusals too.

    What was fitted for this very moment before stays. Raises InvalidInputError for a moment still to come.
    """
    if known_until > clock.now():
        raise InvalidInputError("A model is fitted on the past only.", field="known_until")
    summaries = load_summaries(session, shop_id, get_shop(session, shop_id).zone, known_until)
    outcomes = [_try_fit(kind, summaries, known_until) for kind in ModelKind]
    rows = [{"id": new_id(), "shop_id": shop_id, "fitted_at": clock.now(), **asdict(each)} for each in outcomes]
    statement = insert(FittedModel).on_conflict_do_nothing(index_elements=["shop_id", "kind", "known_until"])
    session.execute(statement, rows)
    refused = {outcome.kind.value: outcome.refused["code"] for outcome in outcomes if outcome.refused}
    details = {"known_until": known_until.isoformat(), "customers": len(summaries), "refused": refused}
    record(session, "personalization:models:fit", shop_id=shop_id, details=details)
    return outcomes


def _try_fit(kind: ModelKind, summaries: Summaries, known_until: datetime) -> FitOutcome:
    try:
        _check_size(kind, summaries)
        return FitOutcome(kind, known_until, len(summaries), _FITS[kind](summaries), None)
    except ModelRefusedError as refusal:
        return FitOutcome(kind, known_until, len(summaries), {}, refusal.to_json())


def _check_size(kind: ModelKind, summaries: Summaries) -> None:
    repeats = int(np.sum(summaries.repeats > 0))
    longest = int(np.max(summaries.age, initial=0))
    for code, needed, found in (
        ("too_few_customers", FEWEST_CUSTOMERS[kind], len(summaries)),
        ("too_few_repeats", FEWEST_REPEATS[kind], repeats),
        ("too_short", SHORTEST_DAYS[kind], longest),
    ):
        if found < needed:
            raise ModelRefusedError(code, needed, found)


def _fit_purchases(summaries: Summaries) -> dict[str, Any]:
    weeks = (summaries.recency / DAYS_PER_WEEK, summaries.age / DAYS_PER_WEEK)
    return asdict(fit_bgnbd(summaries.repeats, *weeks))


def _fit_amounts(summaries: Summaries) -> dict[str, Any]:
    paid = (summaries.repeats > 0) & (summaries.mean_repeat > 0)
    repeats, mean = summaries.repeats[paid], summaries.mean_repeat[paid]
    if len(mean) < FEWEST_REPEATS[ModelKind.GAMMA_GAMMA]:
        raise ModelRefusedError("too_few_repeats", FEWEST_REPEATS[ModelKind.GAMMA_GAMMA], len(mean))
    # The model takes frequency and amount as independent; this says how far they are.
    varied = np.std(repeats) > 0 and np.std(mean) > 0
    together = float(np.corrcoef(repeats, mean)[0, 1]) if varied else 0.0
    return {**asdict(fit_gamma_gamma(repeats, mean)), "correlation": together}


def _fit_fifths(summaries: Summaries) -> dict[str, Any]:
    return asdict(fit_quantiles(summaries.since, summaries.purchases, summaries.amount))


_FITS: Final[Mapping[ModelKind, Callable[[Summaries], dict[str, Any]]]] = {
    ModelKind.BG_NBD: _fit_purchases,
    ModelKind.GAMMA_GAMMA: _fit_amounts,
    ModelKind.RFM: _fit_fifths,
}
