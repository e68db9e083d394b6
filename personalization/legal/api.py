"""JSON endpoints of the tables of law: gift limits, and what delivery services carry, with days and sources."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from core.auth.roles import Access, Role
from core.web import SessionDep, require
from orders.catalogue.terms import Terms, load_services, remove_terms, save_terms
from orders.kinds import LetterClass
from personalization.law import GiftLimit
from personalization.legal.service import load_law, remove_gift_limit, save_gift_limit

router = APIRouter(prefix="/api/law", tags=["law"])
Keeper = Annotated[Access, require(Role.OPERATOR, Role.ADMINISTRATOR)]


class GiftLimitBody(BaseModel):
    """From `valid_from`: below `threshold` yen at most `flat` yen, otherwise `percent` of the transaction."""

    model_config = ConfigDict(from_attributes=True)

    valid_from: date
    threshold: int
    flat: int
    percent: int
    source: str


class TermsBody(BaseModel):
    """Millimetres and grams; null: no limit."""

    model_config = ConfigDict(from_attributes=True)

    valid_from: date
    letter_class: LetterClass
    sealed_allowed: bool = False
    max_thickness_mm: int | None = None
    max_weight_g: int | None = None
    max_size_mm: int | None = None
    max_length_mm: int | None = None
    max_width_mm: int | None = None
    source: str


@router.get("/gift-limits")
def show_gift_limits(access: Keeper, session: SessionDep) -> list[GiftLimitBody]:
    """List the limits by day, the built-in one included."""
    return [GiftLimitBody.model_validate(limit) for limit in load_law(session, access.shop_id).gift_limits]


@router.put("/gift-limits")
def put_gift_limit(sent: GiftLimitBody, access: Keeper, session: SessionDep) -> None:
    save_gift_limit(session, access.shop_id, GiftLimit(**sent.model_dump()))


@router.delete("/gift-limits/{valid_from}")
def delete_gift_limit(valid_from: date, access: Keeper, session: SessionDep) -> None:
    remove_gift_limit(session, access.shop_id, valid_from)


@router.get("/services")
def show_services(access: Keeper, session: SessionDep) -> dict[str, list[TermsBody]]:
    """List what each delivery service takes, by day; the first entry is the standard table."""
    found = load_services(session, access.shop_id)
    return {key: [TermsBody.model_validate(terms) for terms in each.terms] for key, each in found.items()}


@router.put("/services/{key}")
def put_terms(key: str, sent: TermsBody, access: Keeper, session: SessionDep) -> None:
    save_terms(session, access.shop_id, key, Terms(**sent.model_dump()))


@router.delete("/services/{key}/{valid_from}")
def delete_terms(key: str, valid_from: date, access: Keeper, session: SessionDep) -> None:
    remove_terms(session, access.shop_id, key, valid_from)
