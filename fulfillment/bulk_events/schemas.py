"""HTTP shapes of bulk events."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.tabular.models import UploadState
from fulfillment.bulk_events.kinds import Answer, Doubt, ListKind, RowState, Stage

Key = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z_\-]+$")]
Short = Annotated[str, Field(min_length=1, max_length=200)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class EventBody(BaseModel):
    """An event to be made; `member_source` is the system whose member numbers the lists bear."""

    key: Key
    name: Short
    name_en: Annotated[str, Field(max_length=200)] = ""
    member_source: Short = "file"
    ship_not_before: date | None = None


class EventOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    key: str
    name: str
    name_en: str
    member_source: str
    ship_not_before: date | None


class SessionBody(BaseModel):
    """A session by its key: made, or changed."""

    key: Key
    venue: Short
    venue_en: Annotated[str, Field(max_length=200)] = ""
    held_on: date
    sku: Annotated[str, Field(min_length=1, max_length=100)]


class SessionChangeOut(BaseModel):
    """`state`: new, changed, same or rejected; then `reason` is a code."""

    key: str
    state: str
    reason: str | None


class SessionOut(BaseModel):
    """`rows` and `stages` count rows of lists and attendees' parcels."""

    id: UUID
    key: str
    venue: str
    venue_en: str
    held_on: date
    sku: str
    released_at: datetime | None
    rows: dict[RowState, int]
    attendees: int
    stages: dict[Stage, int]


class ListOut(BaseModel):
    """`rows` = the sum of `counts` once it is read. An open list keeps sessions from being released."""

    model_config = ConfigDict(from_attributes=True)

    upload_id: UUID
    file_name: str
    kind: ListKind | None
    state: UploadState
    received_at: datetime
    rows: int
    counts: dict[RowState, int]
    settled: str | None
    is_open: bool


class ListCountOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    session_key: str | None
    state: RowState
    rows: int


class EventDetailOut(EventOut):
    sessions: list[SessionOut]
    lists: list[ListOut]


class SettleBody(BaseModel):
    reason: Reason


class CandidateOut(BaseModel):
    customer_id: UUID
    name: str | None
    kana: str | None
    address: dict[str, str | None]
    is_attendee: bool


class QuestionOut(BaseModel):
    upload_id: UUID
    number: int
    file_name: str
    kind: ListKind
    session_key: str
    doubt: Doubt
    said: dict[str, str]
    candidates: list[CandidateOut]


class AnswerBody(BaseModel):
    """same_person names the customer; leave_out needs a reason."""

    answer: Answer
    customer_id: UUID | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


class AnsweredOut(BaseModel):
    state: RowState


class ReleasedOut(BaseModel):
    attendees: int


class GatheredOut(BaseModel):
    wave_id: UUID
    shipments: int


class AttendeeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    serial: int
    name: str
    ticket: str | None
    customer_id: UUID
    kind: ListKind
    stage: Stage
    order_number: str | None
    shipment_number: str | None
    tracking_number: str | None
    handed_over_at: datetime | None
    holds: list[str]
