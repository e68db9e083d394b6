"""HTTP shapes of predictions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from personalization.models import FittedModel
from personalization.prediction.errors import REFUSALS


class ModelOut(BaseModel):
    """`reason_ja` and `reason_en` say why there is none for this moment."""

    kind: str
    known_until: datetime
    fitted_at: datetime
    customers: int
    parameters: dict[str, Any]
    refused: str | None
    reason_ja: str | None
    reason_en: str | None


class FitIn(BaseModel):
    """Without `known_until`: everything known until now."""

    known_until: AwareDatetime | None = None


class FitOut(BaseModel):
    job_id: UUID


def show_model(model: FittedModel) -> ModelOut:
    code, ja, en = None, None, None
    if model.refused is not None:
        code = str(model.refused["code"])
        ja, en = (words.format(**model.refused) for words in REFUSALS[code])
    return ModelOut(
        kind=model.kind,
        known_until=model.known_until,
        fitted_at=model.fitted_at,
        customers=model.customers,
        parameters=model.parameters,
        refused=code,
        reason_ja=ja,
        reason_en=en,
    )
