"""Uploads, their rows while they are worked on, and saved header mappings."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import PERSONAL, Base, Keyed, ShopOwned, enum_column
from core.tabular.importer import RowState


class UploadState(StrEnum):
    """Received: waits for its mapping. Running: rows are being stored, chunk by chunk. Failed: the file as a whole
    cannot be used."""

    RECEIVED = "received"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Upload(Keyed, ShopOwned, Base):
    """One file handed in. read = new + changed + same + rejected once it is done."""

    __tablename__ = "uploads"
    __table_args__ = (Index(None, "shop_id", "created_at", "id"),)

    importer: Mapped[str]
    file_name: Mapped[str]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id"))
    key_id: Mapped[UUID] = mapped_column(ForeignKey("sealing_keys.id"))
    sha256: Mapped[bytes]
    encoding: Mapped[str]
    delimiter: Mapped[str | None]
    headers: Mapped[list[str]]
    preset: Mapped[str | None]
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[UploadState] = mapped_column(enum_column(UploadState), default=UploadState.RECEIVED)
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    row_count: Mapped[int] = mapped_column(default=0)
    chunk_count: Mapped[int] = mapped_column(default=0)
    chunks_done: Mapped[int] = mapped_column(default=0)
    new_count: Mapped[int] = mapped_column(default=0)
    changed_count: Mapped[int] = mapped_column(default=0)
    same_count: Mapped[int] = mapped_column(default=0)
    rejected_count: Mapped[int] = mapped_column(default=0)
    actor_id: Mapped[UUID | None]
    # The job that works on it now: its state tells when an upload has got stuck.
    job_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]
    # Cells of rejected rows are kept until then, to be mended.
    purge_after: Mapped[datetime | None]


class UploadRow(ShopOwned, Base):
    """A row waiting to be stored, or rejected. Cells of a stored row are emptied at once."""

    __tablename__ = "upload_rows"
    __table_args__ = (
        Index(None, "shop_id", "upload_id", "chunk"),
        Index("ix_upload_rows_rejected", "shop_id", "upload_id", "number", postgresql_where=text("state = 'rejected'")),
    )

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    chunk: Mapped[int]
    cells: Mapped[list[str] | None] = mapped_column(info=PERSONAL)
    state: Mapped[RowState | None] = mapped_column(enum_column(RowState))
    problems: Mapped[list[Any] | None] = mapped_column(info=PERSONAL)  # they quote cells


class MappingPreset(Keyed, ShopOwned, Base):
    """A header mapping a shop has saved; it is proposed again for files with the same headers."""

    __tablename__ = "mapping_presets"
    __table_args__ = (UniqueConstraint("shop_id", "importer", "name"),)

    importer: Mapped[str]
    name: Mapped[str]
    headers: Mapped[list[str]]
    mapping: Mapped[dict[str, Any]]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
