"""Tables of bulk events: events, their sessions, who is entitled to a parcel, and the ledger of every row."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import PERSONAL, Base, Keyed, ShopOwned, enum_column
from fulfillment.bulk_events.kinds import Answer, AttendeeState, Doubt, ListKind, RowState


class BulkEvent(Keyed, ShopOwned, Base):
    """A tour, a series, a fair: some sessions, and the lists of those who were there."""

    __tablename__ = "bulk_events"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)

    key: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    # The system whose member numbers the lists bear, as customers of that source are known by it.
    member_source: Mapped[str]
    ship_not_before: Mapped[date | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class BulkSession(Keyed, ShopOwned, Base):
    """One night in one hall, and the product its attendees get. A product belongs to one session only: so it can be
    told at the bench whose it is.
    """

    __tablename__ = "bulk_sessions"
    __table_args__ = (UniqueConstraint("shop_id", "event_id", "key"), UniqueConstraint("shop_id", "product_id"))

    event_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_events.id"))
    key: Mapped[str]
    venue: Mapped[str]
    venue_en: Mapped[str]
    held_on: Mapped[date]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    # Whoever is entitled from then on waits for the next release.
    released_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Attendee(Keyed, ShopOwned, Base):
    """Somebody who gets the parcel of a session: once, however many lists name them."""

    __tablename__ = "attendees"
    __table_args__ = (
        UniqueConstraint("shop_id", "serial"),
        # The database itself refuses to serve anybody twice.
        Index(
            "uq_attendees_served_once",
            "shop_id",
            "session_id",
            "customer_id",
            unique=True,
            postgresql_where=text("state <> 'withdrawn'"),
        ),
        Index("ix_attendees_shop_id_session_id_state", "shop_id", "session_id", "state", "id"),
        Index("ix_attendees_shop_id_session_id_ticket", "shop_id", "session_id", "ticket"),
        Index("ix_attendees_shop_id_customer_id", "shop_id", "customer_id"),
        Index("ix_attendees_shop_id_order_id", "shop_id", "order_id"),
    )

    serial: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_sessions.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    ticket: Mapped[str | None] = mapped_column(info=PERSONAL)
    # As orders hold a contact: name, name_kana, company, postal_code, region, address1, address2, phone, email.
    contact: Mapped[dict[str, Any] | None] = mapped_column(info=PERSONAL)
    list_kind: Mapped[ListKind] = mapped_column(enum_column(ListKind))
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.id"))
    state: Mapped[AttendeeState] = mapped_column(enum_column(AttendeeState), default=AttendeeState.ENTITLED)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    withdrawn_reason: Mapped[str | None] = mapped_column(info=PERSONAL)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class AttendeeRow(ShopOwned, Base):
    """The ledger: what became of one row of a list that could be read. What a row says is kept only while it waits."""

    __tablename__ = "attendee_rows"
    __table_args__ = (
        Index("ix_attendee_rows_shop_id_session_id_state", "shop_id", "session_id", "state"),
        Index(
            "ix_attendee_rows_waiting",
            "shop_id",
            "event_id",
            "upload_id",
            "number",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_attendee_rows_shop_id_attendee_id", "shop_id", "attendee_id"),
        Index("ix_attendee_rows_shop_id_event_id_digest", "shop_id", "event_id", "digest"),
    )

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_events.id"))
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("bulk_sessions.id"))
    list_kind: Mapped[ListKind] = mapped_column(enum_column(ListKind))
    state: Mapped[RowState] = mapped_column(enum_column(RowState))
    attendee_id: Mapped[UUID | None] = mapped_column(ForeignKey("attendees.id"))
    # Of everything the row says: the same row again, in whatever list, is known by it.
    digest: Mapped[bytes | None] = mapped_column(info=PERSONAL)
    doubt: Mapped[Doubt | None] = mapped_column(enum_column(Doubt))
    # Whom it may be: customers.
    candidates: Mapped[list[UUID]] = mapped_column(default=list)
    said: Mapped[dict[str, Any] | None] = mapped_column(info=PERSONAL)
    answer: Mapped[Answer | None] = mapped_column(enum_column(Answer))
    answer_reason: Mapped[str | None] = mapped_column(info=PERSONAL)
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]


class SettledList(ShopOwned, Base):
    """A person explained what a list left open: its rejected rows, or a file that is not to be used."""

    __tablename__ = "settled_lists"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.id"), primary_key=True)
    rejected: Mapped[int]
    reason: Mapped[str]
    settled_by: Mapped[UUID | None]
    settled_at: Mapped[datetime] = mapped_column(default=clock.now)
