"""HTTP shapes of channels and received events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from orders.faults import describe_fault, unpack_faults
from orders.intake.models import Channel, RawEvent
from orders.kinds import EventState


class FaultOut(BaseModel):
    field: str
    code: str
    message: str
    message_en: str


class EventOut(BaseModel):
    id: UUID
    channel_id: UUID
    delivery_id: str
    topic: str | None
    state: EventState
    received_at: datetime
    triggered_at: datetime | None
    attempts: int
    error_code: str | None
    faults: list[FaultOut]
    order_id: UUID | None
    readable: bool

    @classmethod
    def from_row(cls, event: RawEvent) -> "EventOut":
        own = {name: getattr(event, name) for name in cls.model_fields if hasattr(event, name)}
        faults = [
            FaultOut(
                field=fault.field,
                code=fault.code,
                message=describe_fault(fault, "ja"),
                message_en=describe_fault(fault, "en"),
            )
            for fault in unpack_faults(event.faults)
        ]
        return cls(**(own | {"faults": faults, "readable": event.body is not None}))


class EventPageOut(BaseModel):
    events: list[EventOut]
    before: UUID | None = None


class EventBodyOut(BaseModel):
    body: str | None


class RetryIn(BaseModel):
    event_ids: list[UUID] = Field(min_length=1, max_length=1000)


class RetryOut(BaseModel):
    retried: list[UUID]


class ChannelIn(BaseModel):
    kind: str
    name: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    secret: str | None = Field(None, max_length=500)
    settings: dict[str, Any] = {}


class ChannelMadeOut(BaseModel):
    """The secret is told this once."""

    channel_id: UUID
    path: str
    secret: str


class ChannelOut(BaseModel):
    id: UUID
    kind: str
    name: str
    path: str
    enabled: bool
    settings: dict[str, Any]
    refusals: int
    last_refused_at: datetime | None
    last_refusal_code: str | None

    @classmethod
    def from_row(cls, channel: Channel) -> "ChannelOut":
        own = {name: getattr(channel, name) for name in cls.model_fields if hasattr(channel, name)}
        return cls(**own, path=f"/hooks/{channel.kind}/{channel.address_token}")


class ChannelPatch(BaseModel):
    enabled: bool


class SecretIn(BaseModel):
    secret: str | None = Field(None, max_length=500)
