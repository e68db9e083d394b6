"""Audit entries, and the seals that chain them in batches."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import SYSTEM_ONLY, Base, Keyed


class AuditSeal(Base):
    """One link of the chain. `hash` covers the link before, its entries' ids and their digests (32 bytes each)."""

    __tablename__ = "audit_seals"
    __table_args__ = {"info": SYSTEM_ONLY}  # noqa: RUF012 (SQLAlchemy reads it as a class attribute)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    previous_hash: Mapped[bytes]
    entry_ids: Mapped[list[UUID]]
    digests: Mapped[bytes]
    hash: Mapped[bytes]
    sealed_at: Mapped[datetime] = mapped_column(default=clock.now)


class AuditEntry(Keyed, Base):
    """What happened: `tag` is source:subject:action; details hold ids and codes, never personal data.

    Only `seal_number` is ever written again, once, by the sealer; the program's own role can append and read.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_unsealed", "serial", postgresql_where=text("seal_number IS NULL")),
        Index(None, "shop_id", "subject_id", "at"),
        Index(None, "shop_id", "at"),
        Index(None, "seal_number"),
    )

    serial: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    # Empty for what concerns no single shop, such as a sign-in.
    shop_id: Mapped[UUID | None] = mapped_column(ForeignKey("shops.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    tag: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    request_id: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seal_number: Mapped[int | None] = mapped_column(BigInteger)
