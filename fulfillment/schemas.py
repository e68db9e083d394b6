"""HTTP shapes of shipments, waves, scans and hand-overs."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from fulfillment.models import HoldReason, ReturnKind
from fulfillment.packing.models import PrintFileKind, PrintKind, WaveState
from fulfillment.packing.verification import ScanOutcome
from fulfillment.printers.models import PrinterKind, RunState
from fulfillment.states import ParcelState, ShipmentState


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ShipmentRowOut(Shape):
    id: UUID
    number: str
    state: ShipmentState
    recipient_name: str | None
    channel: str
    is_gift: bool
    temperature_zone: str
    delivery_service: str
    priority: int
    accepted_at: datetime
    handed_over_at: datetime | None
    order_numbers: list[str]
    holds: list[HoldReason]


class HoldOut(Shape):
    reason: HoldReason
    details: dict[str, Any]
    note: str | None
    placed_at: datetime
    released_at: datetime | None


class UnitOut(Shape):
    id: UUID
    kind: str
    name: str
    sku: str | None
    quantity: int
    verified_quantity: int


class ParcelOut(Shape):
    id: UUID
    number: int
    state: ParcelState
    tracking_number: str | None
    units: list[UnitOut]


class CopyRunOut(Shape):
    """How a copy was put on paper: on which printer, and what is known of it."""

    id: UUID
    means: PrinterKind
    printer_name: str | None
    state: RunState
    problem: str | None
    created_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None


class CopyOut(Shape):
    """`runs`: how it was put on paper, newest first."""

    id: UUID
    kind: str
    code: str
    state: str
    printed_at: datetime
    void_reason: str | None
    runs: list[CopyRunOut] = Field(default_factory=list)


class ShipmentOut(Shape):
    id: UUID
    number: str
    state: ShipmentState
    order_numbers: list[str]
    holds: list[HoldOut]
    parcels: list[ParcelOut]
    copies: list[CopyOut]
    resend_of_id: UUID | None = None
    split_from_id: UUID | None = None
    merged_into_id: UUID | None = None


class HoldPlaceIn(BaseModel):
    note: str = Field(min_length=1, max_length=1000)


class ReleaseIn(BaseModel):
    reasons: list[HoldReason] | None = None


class ResendIn(BaseModel):
    """Without quantities and inserts everything goes again, decided by the rules; else only what is named.

    The same with the same `request_id` once more gives the same shipment.
    """

    reason: str = Field(min_length=1, max_length=1000)
    quantities: dict[UUID, int] | None = None
    inserts: dict[str, int] | None = None
    letter: bool = False
    request_id: UUID | None = None


class ReasonIn(BaseModel):
    reason: str = Field(min_length=1, max_length=1000)


class SplitIn(BaseModel):
    """`quantities`: pieces by shipment line that go into a shipment of their own."""

    quantities: dict[UUID, Annotated[int, Field(ge=0)]] = Field(min_length=1)
    reason: str = Field(min_length=1, max_length=1000)
    not_before: date | None = None
    waits: bool = False


class MergeIn(BaseModel):
    shipment_ids: list[UUID] = Field(min_length=2, max_length=20)
    reason: str = Field(min_length=1, max_length=1000)


class MergingIn(BaseModel):
    within_hours: int = Field(ge=0, le=168)


class MergeableOut(BaseModel):
    id: UUID
    number: str
    obstacles: list[str]


class RearrangedOut(BaseModel):
    id: UUID
    kind: str
    other_id: UUID
    other_number: str
    at: datetime
    undone_at: datetime | None
    may_undo: bool


class ReturnIn(BaseModel):
    kind: ReturnKind = ReturnKind.RETURNED
    note: str | None = Field(None, max_length=1000)


class ReprintIn(BaseModel):
    reason: str = Field(min_length=1, max_length=1000)
    kinds: list[str] | None = None


class WaveIn(BaseModel):
    warehouse_id: UUID | None = None
    delivery_service: str | None = None
    temperature_zone: str | None = None
    shipment_ids: list[UUID] | None = None
    limit: int = Field(200, ge=1, le=2000)


class WaveOut(Shape):
    id: UUID
    number: str
    state: WaveState
    shipment_count: int
    created_at: datetime
    printed_at: datetime | None


class PrintFileOut(Shape):
    id: UUID
    kind: PrintFileKind
    pages: int


class PrintJobOut(Shape):
    id: UUID
    kind: PrintKind
    part: int | None
    copies: int
    pages: int
    refused: int
    held: list[dict[str, Any]]
    first_position: int | None
    last_position: int | None
    reason: str | None
    created_by: UUID | None
    printed_at: datetime | None
    files: list[PrintFileOut]


class PickOut(Shape):
    sku: str | None
    name: str
    barcodes: list[str]
    kind: str
    quantity: int


class BenchScanIn(BaseModel):
    id: UUID
    at: datetime
    text: str = Field("", max_length=2000)
    parcel_id: UUID | None = None
    unit_id: UUID | None = None
    set_aside: bool = False
    reason: str | None = Field(None, max_length=1000)
    outcome: str | None = Field(None, max_length=40)


class ScansIn(BaseModel):
    scans: list[BenchScanIn] = Field(min_length=1, max_length=200)
    bench_id: UUID | None = None


class ScanOut(Shape):
    id: UUID
    outcome: ScanOutcome
    original: ScanOutcome | None
    parcel_id: UUID | None
    unit_id: UUID | None
    standing: str | None


class ScansOut(BaseModel):
    results: list[ScanOut]


class HandOverIn(BaseModel):
    """Named parcels, or all verified ones of a wave or of the shop."""

    parcel_ids: list[UUID] | None = Field(None, max_length=5000)
    wave_id: UUID | None = None


class RefusalOut(Shape):
    parcel_id: UUID
    shipment_id: UUID
    reason: str


class HandOverOut(Shape):
    hand_over_id: UUID | None
    handed_over: list[UUID]
    refused: list[RefusalOut]


class TrackingReportOut(Shape):
    """rows = bound + unchanged + refused."""

    rows: int
    bound: int
    unchanged: int
    refused: list[dict[str, Any]]
