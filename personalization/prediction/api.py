"""Predictions over HTTP: which models a shop has, and fitting them now."""

from typing import Annotated

from fastapi import APIRouter

from core import clock
from core.audit.service import record
from core.auth.roles import Access, Role
from core.errors import InvalidInputError
from core.web import SessionDep, require
from personalization.prediction.queries import list_models
from personalization.prediction.schemas import FitIn, FitOut, ModelOut, show_model
from personalization.prediction.tasks import ask_for_fit

router = APIRouter(prefix="/api/predictions", tags=["predictions"])
Operator = Annotated[Access, require(Role.OPERATOR)]


@router.get("")
def list_fitted(access: Operator, session: SessionDep) -> list[ModelOut]:
    """List the newest fits, refused ones with the reason."""
    return [show_model(model) for model in list_models(session, access.shop_id)]


@router.post("", status_code=202)
def fit(sent: FitIn, access: Operator, session: SessionDep) -> FitOut:
    """Fit the models on what was known until now, or until a past moment, in a job."""
    now = clock.now()
    known_until = sent.known_until or now
    if known_until > now:
        raise InvalidInputError("A model is fitted on the past only.", field="known_until")
    job_id = ask_for_fit(session, access.shop_id, known_until)
    details = {"known_until": known_until.isoformat()}
    record(session, "personalization:models:ask", shop_id=access.shop_id, subject_id=job_id, details=details)
    return FitOut(job_id=job_id)
