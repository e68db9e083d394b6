"""Tables of waves, printed copies, units, scans and exceptions."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import NEVER_DELETED, PERSONAL, Base, Keyed, PartOfShop, ShopOwned, enum_column


class WaveState(StrEnum):
    OPEN = "open"
    PRINTING = "printing"
    PRINTED = "printed"
    CLOSED = "closed"


class Wave(Keyed, ShopOwned, Base):
    """Parcels of one shop worked together in one warehouse."""

    __tablename__ = "waves"
    __table_args__ = (UniqueConstraint("shop_id", "serial"),)

    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    serial: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    state: Mapped[WaveState] = mapped_column(enum_column(WaveState), default=WaveState.OPEN)
    shipment_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[UUID | None]
    printed_at: Mapped[datetime | None]

    @property
    def number(self) -> str:
        """Return the number people use: W-000123."""
        return f"W-{self.serial:06d}"


class PrintKind(StrEnum):
    WAVE = "wave"
    REPRINT = "reprint"


class PrintJob(Keyed, ShopOwned, Base):
    """One printing: a part of a wave in packing order, or a reprint (of one parcel, or of several of a wave)."""

    __tablename__ = "print_jobs"
    __table_args__ = (UniqueConstraint("shop_id", "wave_id", "part"), {"info": NEVER_DELETED})

    wave_id: Mapped[UUID | None] = mapped_column(ForeignKey("waves.id"))
    # A wave is printed in parts of so many shipments; `part` counts from 1.
    part: Mapped[int | None]
    # The places in the wave that this printing covers.
    first_position: Mapped[int | None]
    last_position: Mapped[int | None]
    kind: Mapped[PrintKind] = mapped_column(enum_column(PrintKind))
    copies: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    # Who was left out and why: {"shipment": id, "number": …, "reasons": […], "details": {…}}; nobody's data.
    held: Mapped[list[Any]] = mapped_column(default=list)
    reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[UUID | None]
    printed_at: Mapped[datetime | None]


class PrintFileKind(StrEnum):
    """Cover sheet and picking list of a part; slips and letters in packing order; labels in the same order."""

    COVER = "cover"
    PAPERS = "papers"
    LABELS = "labels"


class PrintFile(Keyed, ShopOwned, Base):
    """A PDF of a printing, sealed under a key of its own; erasing one of its people deletes it."""

    __tablename__ = "print_files"
    __table_args__ = (UniqueConstraint("shop_id", "print_job_id", "kind"),)

    print_job_id: Mapped[UUID] = mapped_column(ForeignKey("print_jobs.id"))
    kind: Mapped[PrintFileKind] = mapped_column(enum_column(PrintFileKind))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id"))
    pages: Mapped[int]


class CopyState(StrEnum):
    VALID = "valid"
    VOID = "void"


class Copy(Keyed, PartOfShop, Base):
    """One printed instance of a template with its own code. `spec` (sealed) is all that drawing it again needs."""

    __tablename__ = "copies"
    __table_args__ = (
        UniqueConstraint("shop_id", "code"),
        Index("ix_copies_shop_id_shipment_id", "shop_id", "shipment_id"),
        Index("ix_copies_shop_id_print_job_id", "shop_id", "print_job_id"),
    )

    # Its parcel's.
    shipment_id: Mapped[UUID]
    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("parcels.id"))
    print_job_id: Mapped[UUID | None]
    template_version_id: Mapped[UUID | None]
    kind: Mapped[str]
    code: Mapped[str]
    state: Mapped[CopyState] = mapped_column(enum_column(CopyState), default=CopyState.VALID)
    revision: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    # How many pages it takes, and on which page of its file it begins (from 1).
    pages: Mapped[int] = mapped_column(default=0)
    first_page: Mapped[int] = mapped_column(default=0)
    spec: Mapped[bytes | None] = mapped_column(info=PERSONAL)
    key_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealing_keys.id"))
    printed_at: Mapped[datetime] = mapped_column(default=clock.now)
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]


class UnitKind(StrEnum):
    """Slip, document and label are copies; the label is scanned last. A task (gift wrap, のし) is confirmed like a
    thing.
    """

    GOODS = "goods"
    INSERT = "insert"
    TASK = "task"
    SLIP = "slip"
    DOCUMENT = "document"
    LABEL = "label"


class Unit(Keyed, PartOfShop, Base):
    """Things of one kind to be put into one box: how many are expected, how many are proven."""

    __tablename__ = "units"
    __table_args__ = (
        CheckConstraint("verified_quantity BETWEEN 0 AND quantity", name="verified_within_quantity"),
        Index("ix_units_shop_id_parcel_id", "shop_id", "parcel_id"),
        Index("ix_units_shop_id_product_id", "shop_id", "product_id"),
    )

    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("parcels.id"))
    position: Mapped[int]
    kind: Mapped[UnitKind] = mapped_column(enum_column(UnitKind))
    # What is never deleted is named without being looked up, here and in copies (decision 0146).
    product_id: Mapped[UUID | None]
    insert_id: Mapped[UUID | None]
    allotment_id: Mapped[UUID | None] = mapped_column(ForeignKey("allotments.id"))
    copy_id: Mapped[UUID | None] = mapped_column(ForeignKey("copies.id"))
    picture_file_id: Mapped[UUID | None]
    # What a scanner may read off it, normalised: GTIN-14, SKU, insert barcode or copy code.
    barcodes: Mapped[list[str]]
    name: Mapped[str]
    name_en: Mapped[str | None]
    sku: Mapped[str | None]
    copy_kind: Mapped[str | None]
    quantity: Mapped[int]
    verified_quantity: Mapped[int] = mapped_column(default=0)


class ScanKind(StrEnum):
    SCAN = "scan"
    MANUAL = "manual"


class Scan(ShopOwned, Base):
    """One reading, append-only. Its id is made by the client: sent twice, it counts once."""

    __tablename__ = "scans"
    __table_args__ = (Index("ix_scans_shop_id_parcel_id", "shop_id", "parcel_id"),)

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[ScanKind] = mapped_column(enum_column(ScanKind), default=ScanKind.SCAN)
    parcel_id: Mapped[UUID | None] = mapped_column(ForeignKey("parcels.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    bench_id: Mapped[UUID | None] = mapped_column(ForeignKey("benches.id"))
    text: Mapped[str]
    outcome: Mapped[str]
    client_outcome: Mapped[str | None]
    reason: Mapped[str | None] = mapped_column(info=PERSONAL)
    scanned_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PackingException(Keyed, ShopOwned, Base):
    """A parcel set aside at the bench, until somebody has solved it."""

    __tablename__ = "packing_exceptions"
    __table_args__ = (
        Index("ix_packing_exceptions_open", "shop_id", "raised_at", postgresql_where=text("solved_at IS NULL")),
    )

    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("parcels.id"))
    code: Mapped[str]
    note: Mapped[str | None] = mapped_column(info=PERSONAL)
    raised_at: Mapped[datetime] = mapped_column(default=clock.now)
    raised_by: Mapped[UUID | None]
    solved_at: Mapped[datetime | None]
    solved_by: Mapped[UUID | None]


class CarrierFileDirection(StrEnum):
    OUT = "out"
    IN = "in"


class CarrierFile(Keyed, ShopOwned, Base):
    """Shipping data given to a carrier's program, or tracking numbers it gave back."""

    __tablename__ = "carrier_files"

    wave_id: Mapped[UUID | None] = mapped_column(ForeignKey("waves.id"))
    direction: Mapped[CarrierFileDirection] = mapped_column(enum_column(CarrierFileDirection))
    carrier: Mapped[str]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("files.id"))
    row_count: Mapped[int] = mapped_column(default=0)
    refused: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[UUID | None]
