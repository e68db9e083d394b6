"""HTTP shapes of backtests and of questions about a basket."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from fulfillment.backtest.models import BacktestState, Change


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class BacktestIn(BaseModel):
    """`document` is a ruleset as it is published; `sample` a share of the customers."""

    document: dict[str, Any]
    since: AwareDatetime
    until: AwareDatetime
    sample: float | None = Field(default=None, gt=0, le=1)
    note: str = Field(default="", max_length=500)


class BacktestStartedOut(BaseModel):
    id: UUID


class BacktestOut(Shape):
    id: UUID
    state: BacktestState
    since: datetime
    until: datetime
    sample: float | None
    note: str
    author: str
    created_at: datetime
    finished_at: datetime | None
    is_stopping: bool
    shipment_count: int | None
    summary: dict[str, Any] | None
    done: int
    total: int
    error_code: str | None


class ChangeFilterIn(BaseModel):
    """`insert`: shipments that would gain or lose it. `after`: the last position of the page before."""

    change: Change | None = None
    insert: str | None = None
    segment: str | None = None
    after: int | None = None


class ChangeOut(Shape):
    position: int
    shipment_id: UUID
    number: str
    accepted_at: datetime
    change: Change
    gained: list[str]
    lost: list[str]
    segment: str | None


class RuleOut(Shape):
    rule_key: str
    name: str
    outcome: str
    outcome_words: str
    sentences: list[str]


class TraceOut(BaseModel):
    """`enclosures`: insert → pieces. `is_as_kept` is false when the past looks different by now."""

    enclosures: dict[str, int]
    letter: str | None
    slip: str | None
    system: list[str]
    rules: list[RuleOut]
    is_as_kept: bool


class TracePairOut(BaseModel):
    live: TraceOut
    draft: TraceOut


class BasketLineIn(BaseModel):
    sku: str = Field(min_length=1, max_length=200)
    quantity: int = Field(default=1, ge=1, le=10_000)
    price: int | None = Field(default=None, ge=0, le=1_000_000_000)


class WhatIfIn(BaseModel):
    """`moment` is in the past; without one it is about now. `document`: a draft in place of the live rules."""

    customer_id: UUID
    lines: list[BasketLineIn] = Field(default=[], max_length=500)
    channel: str | None = None
    coupon_codes: list[str] = Field(default=[], max_length=100)
    is_gift: bool = False
    delivery_service: str | None = None
    country: str = "JP"
    prefecture: str | None = None
    subscription_cycle: int | None = Field(default=None, ge=1)
    attributes: dict[str, Any] = {}
    moment: AwareDatetime | None = None
    document: dict[str, Any] | None = None


class WhatIfOut(BaseModel):
    enclosures: dict[str, int]
    letter: str | None
    slip: str | None
    system: list[str]
    rules: list[RuleOut]
    unknown_skus: list[str]
