"""JSON endpoints of coupon series; the document is that of docs/rules.md."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from core.auth.roles import Access, Role
from core.web import SessionDep, require
from personalization.coupons.models import CodeSource
from personalization.coupons.queries import list_redemptions, list_series
from personalization.coupons.service import MOST_AT_ONCE, add_codes, get_series, save_series

router = APIRouter(prefix="/api/coupons", tags=["coupons"])
Operator = Annotated[Access, require(Role.OPERATOR)]


class SeriesOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    key: str
    title_ja: str
    title_en: str
    value_ja: str
    value_en: str
    source: CodeSource
    pattern: str | None
    code_limit: int | None
    valid_until: date | None
    valid_days: int | None
    active: bool


class SeriesFiguresOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    series: SeriesOut
    free: int
    reserved: int
    given: int
    void: int
    redeemed: int


class CodesIn(BaseModel):
    codes: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)


class CodesOut(BaseModel):
    """`refused` holds [line from 1, what it said]."""

    model_config = ConfigDict(from_attributes=True)

    added: int
    repeated: int
    refused: list[tuple[int, str]]


class RedemptionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    shipment_id: UUID | None
    rule_key: str | None
    given_at: datetime | None
    order_id: UUID
    order_number: str
    redeemed_at: datetime | None
    total: int


@router.get("")
def show_series(access: Operator, session: SessionDep) -> list[SeriesFiguresOut]:
    return [SeriesFiguresOut.model_validate(each) for each in list_series(session, access.shop_id)]


@router.put("")
def put_series(document: dict[str, Any], access: Operator, session: SessionDep) -> None:
    """Add or change one series; a broken one is refused with every mistake."""
    save_series(session, access.shop_id, document)


@router.post("/{key}/codes")
def post_codes(key: str, sent: CodesIn, access: Operator, session: SessionDep) -> CodesOut:
    """Add codes to a pool; those that the shop has already are counted as repeated."""
    return CodesOut.model_validate(add_codes(session, access.shop_id, key, sent.codes))


@router.get("/{key}/redemptions")
def show_redemptions(key: str, access: Operator, session: SessionDep) -> list[RedemptionOut]:
    """List the latest hundred codes that came back as orders."""
    get_series(session, access.shop_id, key)  # A series of another shop is not there.
    return [RedemptionOut.model_validate(each) for each in list_redemptions(session, access.shop_id, key)]
