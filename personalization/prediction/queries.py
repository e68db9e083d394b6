"""Which models a shop has, and which of them a moment may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from personalization.models import FittedModel
from personalization.prediction.kinds import ModelKind

USABLE: Final = text(
    """
    SELECT m.kind, m.known_until, m.parameters FROM fitted_models m
     WHERE m.shop_id = :shop_id AND m.kind = ANY(:kinds) AND m.refused IS NULL AND m.known_until <= :latest
       AND m.known_until >= coalesce(
            (SELECT max(o.known_until) FROM fitted_models o
              WHERE o.shop_id = :shop_id AND o.kind = m.kind AND o.refused IS NULL AND o.known_until <= :earliest),
            '-infinity')
     ORDER BY m.known_until
    """
)


def list_models(session: Session, shop_id: UUID, limit: int = 30) -> list[FittedModel]:
    """Return the newest fits of every kind, the latest `known_until` first; refused ones too."""
    statement = select(FittedModel).where(FittedModel.shop_id == shop_id, FittedModel.kind.in_(list(ModelKind)))
    newest = statement.order_by(FittedModel.known_until.desc(), FittedModel.kind).limit(limit)
    return list(session.scalars(newest))


@dataclass(frozen=True, slots=True)
class UsableModel:
    known_until: datetime
    parameters: Mapping[str, Any]


def load_models(
    session: Session, shop_id: UUID, earliest: datetime, latest: datetime
) -> dict[ModelKind, list[UsableModel]]:
    """Return, per kind and by `known_until`, the models that moments from `earliest` to `latest` use.

    One statement; for a single moment that is one model of each kind, however many a shop has gathered.
    """
    bound = {"shop_id": shop_id, "kinds": [kind.value for kind in ModelKind], "earliest": earliest, "latest": latest}
    found: dict[ModelKind, list[UsableModel]] = {kind: [] for kind in ModelKind}
    for kind, known_until, parameters in session.execute(USABLE, bound):
        found[ModelKind(kind)].append(UsableModel(known_until, parameters))
    return found
