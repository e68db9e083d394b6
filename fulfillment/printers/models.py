"""Tables of printers and of what was printed."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned, enum_column
from fulfillment.packing.models import PrintFileKind


class PrinterKind(StrEnum):
    """How papers reach it: a person downloads the file and prints it, IPP, or ZPL over a bare TCP connection."""

    DOWNLOAD = "download"
    IPP = "ipp"
    ZPL = "zpl"


class Printer(Keyed, Base):
    """A printer of a warehouse, for all its shops. `scale_x`, `scale_y` (per mille) and `offset_x`, `offset_y` (mm)
    correct what is drawn.
    """

    __tablename__ = "printers"
    __table_args__ = (UniqueConstraint("warehouse_id", "name"),)

    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    name: Mapped[str]
    kind: Mapped[PrinterKind] = mapped_column(enum_column(PrinterKind))
    # ipp://host[:port]/path, or host[:port] for ZPL; only administrators set it.
    address: Mapped[str | None]
    # Which files of a wave it is offered for.
    takes: Mapped[list[str]]
    media: Mapped[str]
    tray: Mapped[str | None]
    dpi: Mapped[int] = mapped_column(default=600)
    scale_x: Mapped[float] = mapped_column(default=0.0)
    scale_y: Mapped[float] = mapped_column(default=0.0)
    offset_x: Mapped[float] = mapped_column(default=0.0)
    offset_y: Mapped[float] = mapped_column(default=0.0)
    # How it was printed last: duplex, separator, sheet of labels and its first free one.
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    calibrated_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class RunState(StrEnum):
    """Doubt: nobody knows whether it came out; a person looks and answers. Repeated: it failed, and another run took
    its place.
    """

    QUEUED = "queued"
    SENDING = "sending"
    PRINTING = "printing"
    DONE = "done"
    FAILED = "failed"
    DOUBT = "doubt"
    CANCELLED = "cancelled"
    REPEATED = "repeated"


OPEN_RUNS = (RunState.QUEUED, RunState.SENDING, RunState.PRINTING)


class PrintRun(Keyed, ShopOwned, Base):
    """One file of a printing put on paper once: the print log. `remote_job` is kept before any page is sent."""

    __tablename__ = "print_runs"
    __table_args__ = (
        Index("ix_print_runs_shop_id_print_job_id", "shop_id", "print_job_id"),
        Index(
            "ix_print_runs_open",
            "shop_id",
            "printer_id",
            postgresql_where=text("state IN ('queued', 'sending', 'printing')"),
        ),
    )

    print_job_id: Mapped[UUID] = mapped_column(ForeignKey("print_jobs.id"))
    kind: Mapped[PrintFileKind] = mapped_column(enum_column(PrintFileKind))
    printer_id: Mapped[UUID | None] = mapped_column(ForeignKey("printers.id"))
    printer_name: Mapped[str | None]
    means: Mapped[PrinterKind] = mapped_column(enum_column(PrinterKind))
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[RunState] = mapped_column(enum_column(RunState), default=RunState.QUEUED)
    copies: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    remote_job: Mapped[int | None]
    # Whether data went out after the job was kept: then only the printer, or a person, knows what came of it.
    was_sent: Mapped[bool] = mapped_column(default=False)
    impressions: Mapped[int | None]
    problem: Mapped[str | None]
    reasons: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[UUID | None]
    sent_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
