"""HTTP shapes of touchpoints that other systems hand in: a support desk, a survey, a web shop."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from core import clock
from crm_link.kinds import TouchpointKind
from crm_link.records import PersonIn, TouchpointIn

Short = Annotated[str, Field(min_length=1, max_length=200)]


class PersonBody(BaseModel):
    """Who it is, as the sending system knows them: its own id, an e-mail address or a telephone number."""

    external_id: Short | None = None
    name: Short | None = None
    email: Short | None = None
    phone: Short | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> "PersonBody":
        if not (self.external_id or self.email or self.phone):
            raise ValueError("a person needs an external_id, an email or a phone")
        return self

    def to_person(self, source: str) -> PersonIn:
        return PersonIn(source=source, external_id=self.external_id, name=self.name, email=self.email, phone=self.phone)


class TouchpointBody(BaseModel):
    """One event of a customer's history. Its topics (`complaint`, `delivery`, …) are `categories`; a ticket is open
    until its `status` is `closed`.
    """

    customer_id: UUID | None = None
    person: PersonBody | None = None
    kind: TouchpointKind
    source: Short
    external_id: Short
    occurred_at: AwareDatetime
    known_at: AwareDatetime | None = None
    status: Short | None = None
    categories: list[Short] = Field(default_factory=list, max_length=50)
    title: Annotated[str, Field(max_length=500)] | None = None
    score: float | None = None
    campaign: Short | None = None
    channel: Short | None = None
    attributes: dict[str, Any] = Field(default_factory=dict, max_length=50)
    cancelled: bool = False

    @model_validator(mode="after")
    def _belongs_to_somebody(self) -> "TouchpointBody":
        if (self.customer_id is None) == (self.person is None):
            raise ValueError("name either customer_id or person")
        if self.kind is TouchpointKind.PARCEL:
            raise ValueError("parcels are recorded by handing them over")
        return self

    def to_touchpoint(self, customer_id: UUID) -> TouchpointIn:
        now: datetime = clock.now()
        return TouchpointIn(
            customer_id=customer_id,
            kind=self.kind,
            source=self.source,
            external_id=self.external_id,
            occurred_at=self.occurred_at,
            known_at=self.known_at or now,
            status=self.status,
            categories=tuple(self.categories),
            title=self.title,
            score=self.score,
            campaign=self.campaign,
            channel=self.channel,
            attributes=self.attributes,
            cancelled=self.cancelled,
        )


class TouchpointsBody(BaseModel):
    touchpoints: list[TouchpointBody] = Field(min_length=1, max_length=1000)


class TouchpointsOut(BaseModel):
    """new + changed + same + erased = touchpoints sent. `erased`: of customers that were erased; not recorded."""

    new: int
    changed: int
    same: int
    erased: int
