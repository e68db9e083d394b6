"""Outgoing messages and their state."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned, enum_column


class MessageState(StrEnum):
    """Failed: refused for good or too often. Dropped: its contents were erased before it could be delivered."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class OutboxMessage(Keyed, ShopOwned, Base):
    """`payload` holds ids and plain values; personal values go sealed into `sealed_payload`, under `key_id`."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        UniqueConstraint("shop_id", "sender", "idempotency_key"),
        Index("ix_outbox_messages_due", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
        Index(
            "ix_outbox_messages_undelivered", "shop_id", "id", postgresql_where=text("state IN ('waiting', 'failed')")
        ),
    )

    sender: Mapped[str]
    idempotency_key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sealed_payload: Mapped[bytes | None]
    key_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealing_keys.id"))
    state: Mapped[MessageState] = mapped_column(enum_column(MessageState), default=MessageState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    next_attempt_at: Mapped[datetime] = mapped_column(default=clock.now)
    delivered_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
