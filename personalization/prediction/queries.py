"""Which models a shop has, and which of them a moment may use."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from personalization.models import FittedModel
from personalization.prediction.kinds import ModelKind


def list_models(session: Session, shop_id: UUID, limit: int = 30) -> list[FittedModel]:
    """Return the newest fits of every kind, the latest `known_until` first; refused ones too."""
    statement = select(FittedModel).where(FittedModel.shop_id == shop_id, FittedModel.kind.in_(list(ModelKind)))
    newest = statement.order_by(FittedModel.known_until.desc(), FittedModel.kind).limit(limit)
    return list(session.scalars(newest))


def load_models(session: Session, shop_id: UUID, kind: ModelKind, latest: datetime) -> Sequence[FittedModel]:
    """Return the models of a kind that moments up to `latest` may use, by `known_until`."""
    statement = select(FittedModel).where(
        FittedModel.shop_id == shop_id,
        FittedModel.kind == kind,
        FittedModel.known_until <= latest,
        FittedModel.refused.is_(None),
    )
    return list(session.scalars(statement.order_by(FittedModel.known_until)))
