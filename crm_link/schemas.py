"""HTTP shapes of customers."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_link.kinds import CareKind, ConsentState, Purpose, TouchpointKind, TouchpointState
from crm_link.queries import AttributeValue


class CustomerRowOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    name: str | None
    kana: str | None
    company: str | None
    email: str | None
    phone: str | None
    postal_code: str | None
    region: str | None
    address1: str | None
    address2: str | None


class CustomerPageOut(BaseModel):
    """`after` and `after_id` ask for the next page; none: this is the last."""

    customers: list[CustomerRowOut]
    after: str | None = None
    after_id: UUID | None = None


class IdentityOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    source: str
    external_id: str
    valid_from: datetime
    reason: str
    join_id: UUID | None


class CareFlagOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: CareKind
    subject: str | None
    valid_from: datetime
    source: str


class CustomerOut(BaseModel):
    """`id` is the customer that stands for the one asked for: it may have been joined into another."""

    id: UUID
    erased_at: datetime | None
    cards: list[CustomerRowOut]
    identities: list[IdentityOut]
    purposes: dict[Purpose, ConsentState]
    care_flags: list[CareFlagOut]
    tags: list[str]
    ranks: dict[str, str]
    attributes: dict[str, AttributeValue]


class TouchpointOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: TouchpointKind
    source: str
    external_id: str
    occurred_at: datetime
    known_at: datetime
    state: TouchpointState
    amount: int | None
    currency: str | None
    quantity: int | None
    channel: str | None
    campaign: str | None
    status: str | None
    score: float | None
    skus: list[str]
    categories: list[str]
    title: str | None


class ConsentBody(BaseModel):
    """`occurred_at` none: now. `evidence`: how it was given, in words."""

    purpose: Purpose
    state: ConsentState
    occurred_at: datetime | None = None
    evidence: str | None = Field(None, max_length=2000)


class CareFlagBody(BaseModel):
    kind: CareKind
    subject: str | None = Field(None, max_length=200)
    note: str | None = Field(None, max_length=2000)


class CareFlagMadeOut(BaseModel):
    id: UUID


class JoinBody(BaseModel):
    into_customer_id: UUID
    reason: str = Field(min_length=1, max_length=2000)


class SeparationBody(BaseModel):
    reason: str = Field(min_length=1, max_length=2000)


class JoinOut(BaseModel):
    """`customer_id`: whom the identities belong to now; `join_id` undoes it."""

    customer_id: UUID
    join_id: UUID
