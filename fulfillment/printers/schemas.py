"""HTTP shapes of printers, of the print log, and of printing again what is missing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from documents.file_options import Duplex, Separator
from fulfillment.packing.models import PrintFileKind
from fulfillment.printers.models import PrinterKind, RunState


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PrinterBody(BaseModel):
    """`address`: `ipp://host/path` or `ipps://…`; `host` or `host:port` for ZPL; none to download."""

    warehouse_id: UUID
    name: str = Field(min_length=1, max_length=80)
    kind: PrinterKind = PrinterKind.DOWNLOAD
    address: str = Field("", max_length=300)
    takes: list[PrintFileKind] = Field(default_factory=lambda: list(PrintFileKind))
    media: str = "iso_a4_210x297mm"
    tray: str = Field("", max_length=80)
    dpi: int = 600


class PrinterOut(Shape):
    id: UUID
    warehouse_id: UUID
    name: str
    kind: PrinterKind
    takes: list[str]
    media: str
    tray: str | None
    dpi: int
    scale_x: float
    scale_y: float
    offset_x: float
    offset_y: float
    calibrated_at: datetime | None


class MeasuredBody(BaseModel):
    """In millimetres, as read off the calibration page."""

    rule_x: float = Field(gt=0, le=200)
    rule_y: float = Field(gt=0, le=200)
    cross_x: float = Field(20.0, ge=0, le=100)
    cross_y: float = Field(20.0, ge=0, le=100)


class RunIn(BaseModel):
    kind: PrintFileKind
    printer_id: UUID
    duplex: Duplex = Duplex.SIMPLEX
    separator: Separator = Separator.NONE
    sheet: str | None = None
    start: int = Field(1, ge=1, le=200)


class RunOut(Shape):
    id: UUID
    print_job_id: UUID
    kind: PrintFileKind
    printer_id: UUID | None
    printer_name: str | None
    means: PrinterKind
    choices: dict[str, Any]
    state: RunState
    copies: int
    pages: int
    impressions: int | None
    problem: str | None
    reasons: list[str]
    created_at: datetime
    created_by: UUID | None
    sent_at: datetime | None
    finished_at: datetime | None


class AnswerIn(BaseModel):
    came_out: bool


class RangeReprintIn(BaseModel):
    """From one place of the wave to another, both included; `kinds`: papers, labels, or both."""

    first: int = Field(ge=1)
    last: int = Field(ge=1)
    kinds: list[PrintFileKind] | None = None
    reason: str = Field(min_length=1, max_length=1000)


class RestReprintIn(BaseModel):
    """What follows the last good paper of a file: named by its code, by its place in the wave, or by a page; none: all
    of the file.
    """

    kind: PrintFileKind
    code: str = Field("", max_length=300)
    place: int | None = Field(None, ge=0)
    page: int | None = Field(None, ge=0)
    reason: str = Field(min_length=1, max_length=1000)
