"""Tables of the intake: a shop's channels, and every event as it was received."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import PERSONAL, Base, Keyed, ShopOwned, enum_column
from orders.kinds import EventState


class Channel(Keyed, ShopOwned, Base):
    """One door of a shop. `name` is the `source` of its orders;
    `address_token` finds the door before the shop is known.

    Secrets are wrapped by the master key; the previous one stays valid while the other side changes over.
    Bodies are sealed under `key_id` until their customer is known. Refusals are counted here, since what is
    unverified is not kept.
    """

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("shop_id", "name"),)

    kind: Mapped[str]
    name: Mapped[str]
    address_token: Mapped[str] = mapped_column(unique=True)
    secret_wrapped: Mapped[bytes | None]
    previous_secret_wrapped: Mapped[bytes | None]
    key_id: Mapped[UUID] = mapped_column(ForeignKey("sealing_keys.id"))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    refusals: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    last_refused_at: Mapped[datetime | None]
    last_refusal_code: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class RawEvent(Keyed, ShopOwned, Base):
    """One delivery, whole. `delivery_id` is unique per channel, so that a repeated delivery is absorbed.

    `body` is sealed under `body_key_id`: the channel's key at first, the customer's once worked; empty once erased.
    """

    __tablename__ = "raw_events"
    __table_args__ = (
        UniqueConstraint("shop_id", "channel_id", "delivery_id"),
        Index("ix_raw_events_failed", "shop_id", "id", postgresql_where=text("state = 'failed'")),
        Index("ix_raw_events_received", "shop_id", "received_at", postgresql_where=text("state = 'received'")),
        Index(None, "shop_id", "order_id"),
        Index(
            "ix_raw_events_purge",
            "received_at",
            postgresql_where=text("body IS NOT NULL AND state IN ('failed', 'ignored')"),
        ),
    )

    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channels.id"))
    delivery_id: Mapped[str]
    topic: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    triggered_at: Mapped[datetime | None]
    body: Mapped[bytes | None] = mapped_column(info=PERSONAL)
    body_key_id: Mapped[UUID] = mapped_column(ForeignKey("sealing_keys.id"))
    body_size: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[EventState] = mapped_column(
        enum_column(EventState), default=EventState.RECEIVED, server_default=text("'received'")
    )
    error_code: Mapped[str | None]
    faults: Mapped[list[Any] | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    worked_at: Mapped[datetime | None]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("order_keys.id"))
