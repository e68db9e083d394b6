"""Tables of customers: who they are, how they are known, what they allow, and their history."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import PERSONAL, Base, Keyed, ShopOwned, enum_column
from crm_link.kinds import (
    AttributeType,
    CareKind,
    ConsentState,
    KeyKind,
    Purpose,
    TouchpointKind,
    TouchpointState,
)

# Compared byte by byte, so that a prefix is a range that the index serves.
SEARCHED: Final = Text(collation="C")


class Customer(Keyed, ShopOwned, Base):
    """One person as the shop knows them. After erasure the row stays as an empty stub that orders may still point to.

    `joined_into_id` names the customer that took over everything of this one; undoing the join clears it.
    """

    __tablename__ = "customers"
    __table_args__ = (Index(None, "shop_id", "id"),)

    key_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealing_keys.id"))
    joined_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class SourceIdentity(Keyed, ShopOwned, Base):
    """What one system calls a person. Without an id of its own it is `email:…` or `phone:…`."""

    __tablename__ = "source_identities"
    __table_args__ = (UniqueConstraint("shop_id", "source", "external_id"), Index(None, "shop_id", "external_id"))

    source: Mapped[str]
    external_id: Mapped[str] = mapped_column(info=PERSONAL)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class CustomerJoin(Keyed, ShopOwned, Base):
    """One act of moving identities between customers, by whom and why; it can be undone."""

    __tablename__ = "customer_joins"
    __table_args__ = (Index(None, "shop_id", "to_customer_id"), Index(None, "shop_id", "from_customer_id"))

    from_customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    to_customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    made_by: Mapped[str]
    reason: Mapped[str] = mapped_column(info=PERSONAL)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]


class MovedRow(ShopOwned, Base):
    """A row that a join carried over, so that undoing it brings back exactly these."""

    __tablename__ = "moved_rows"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    join_id: Mapped[UUID] = mapped_column(ForeignKey("customer_joins.id"), primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)


class IdentityLink(Keyed, ShopOwned, Base):
    """This identity is this customer, from `valid_from` until `valid_until` (none: now). Never deleted, only closed."""

    __tablename__ = "identity_links"
    __table_args__ = (
        Index(
            "uq_identity_links_current",
            "shop_id",
            "identity_id",
            unique=True,
            postgresql_where=text("valid_until IS NULL"),
        ),
        Index(None, "shop_id", "customer_id"),
    )

    identity_id: Mapped[UUID] = mapped_column(ForeignKey("source_identities.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    valid_from: Mapped[datetime] = mapped_column(default=clock.now)
    valid_until: Mapped[datetime | None]
    made_by: Mapped[str]
    reason: Mapped[str]  # new, external_id, email, phone, or join / undo
    join_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer_joins.id"))


class ContactKey(Keyed, ShopOwned, Base):
    """Which customer an e-mail address or telephone number finds. One owner each: the guard against two being made at
    once.

    `shared` telephone numbers belong to several persons and find nobody.
    """

    __tablename__ = "contact_keys"
    __table_args__ = (UniqueConstraint("shop_id", "kind", "value"), Index(None, "shop_id", "customer_id"))

    kind: Mapped[KeyKind] = mapped_column(enum_column(KeyKind))
    value: Mapped[str] = mapped_column(info=PERSONAL)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    shared: Mapped[bool] = mapped_column(default=False)


class Contact(Keyed, ShopOwned, Base):
    """The card of one identity: as received, and normalised for search by equality and range."""

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("shop_id", "identity_id"),
        Index(None, "shop_id", "customer_id"),
        Index(None, "shop_id", "email_norm"),
        Index(None, "shop_id", "phone_e164"),
        Index(None, "shop_id", "name_norm"),
        Index(None, "shop_id", "kana_norm"),
        Index(None, "shop_id", "postal_norm"),
    )

    identity_id: Mapped[UUID] = mapped_column(ForeignKey("source_identities.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str | None] = mapped_column(info=PERSONAL)
    kana: Mapped[str | None] = mapped_column(info=PERSONAL)
    company: Mapped[str | None] = mapped_column(info=PERSONAL)
    email: Mapped[str | None] = mapped_column(info=PERSONAL)
    phone: Mapped[str | None] = mapped_column(info=PERSONAL)
    country: Mapped[str] = mapped_column(default="JP")
    postal_code: Mapped[str | None] = mapped_column(info=PERSONAL)
    region: Mapped[str | None] = mapped_column(info=PERSONAL)  # prefecture (都道府県)
    address1: Mapped[str | None] = mapped_column(info=PERSONAL)
    address2: Mapped[str | None] = mapped_column(info=PERSONAL)
    email_norm: Mapped[str | None] = mapped_column(SEARCHED, info=PERSONAL)
    phone_e164: Mapped[str | None] = mapped_column(SEARCHED, info=PERSONAL)
    name_norm: Mapped[str | None] = mapped_column(SEARCHED, info=PERSONAL)
    kana_norm: Mapped[str | None] = mapped_column(SEARCHED, info=PERSONAL)
    postal_norm: Mapped[str | None] = mapped_column(SEARCHED, info=PERSONAL)
    known_at: Mapped[datetime] = mapped_column(default=clock.now)
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class Consent(Keyed, ShopOwned, Base):
    """Append-only. For each purpose the latest `occurred_at` counts; of two at one moment, the denial."""

    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("shop_id", "customer_id", "purpose", "source", "occurred_at", "state"),
        Index(None, "shop_id", "customer_id", "purpose", "occurred_at"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    purpose: Mapped[Purpose] = mapped_column(enum_column(Purpose))
    state: Mapped[ConsentState] = mapped_column(enum_column(ConsentState))
    source: Mapped[str]
    evidence: Mapped[str | None] = mapped_column(info=PERSONAL)  # how it was given, in words
    occurred_at: Mapped[datetime]
    known_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class Attribute(Keyed, ShopOwned, Base):
    """A typed value the shop knows about a customer. Append-only: as of a moment, the latest `known_at` counts."""

    __tablename__ = "attributes"
    __table_args__ = (
        UniqueConstraint("shop_id", "customer_id", "name", "source", "known_at"),
        Index(None, "shop_id", "name", "customer_id", "known_at"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str]
    type: Mapped[AttributeType] = mapped_column(enum_column(AttributeType))
    text_value: Mapped[str | None] = mapped_column(info=PERSONAL)
    number_value: Mapped[Decimal | None] = mapped_column(info=PERSONAL)
    boolean_value: Mapped[bool | None] = mapped_column(info=PERSONAL)
    date_value: Mapped[date | None] = mapped_column(info=PERSONAL)
    source: Mapped[str]
    known_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class Tag(Keyed, ShopOwned, Base):
    """Append-only: the tag was put on (`present`) or taken off at `known_at`."""

    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("shop_id", "customer_id", "tag", "source", "known_at"),
        Index(None, "shop_id", "tag", "customer_id", "known_at"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    tag: Mapped[str] = mapped_column(info=PERSONAL)
    present: Mapped[bool]
    source: Mapped[str]
    known_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class Rank(Keyed, ShopOwned, Base):
    """Append-only: the customer's rank in a scheme (会員ランク) since `known_at`. `rank` none: no longer any."""

    __tablename__ = "ranks"
    __table_args__ = (
        UniqueConstraint("shop_id", "customer_id", "scheme", "source", "known_at"),
        Index(None, "shop_id", "scheme", "customer_id", "known_at"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    scheme: Mapped[str]
    rank: Mapped[str | None] = mapped_column(info=PERSONAL)
    source: Mapped[str]
    known_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class CareFlag(Keyed, ShopOwned, Base):
    """What must be minded with every parcel of this customer, from `valid_from` until `valid_until` (none: still).

    `subject` says what an allergy is against, in words that products and inserts use too; the note is sealed.
    """

    __tablename__ = "care_flags"
    __table_args__ = (Index(None, "shop_id", "customer_id", "kind", "valid_from"),)

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    kind: Mapped[CareKind] = mapped_column(enum_column(CareKind))
    subject: Mapped[str | None] = mapped_column(info=PERSONAL)
    note_sealed: Mapped[bytes | None] = mapped_column(info=PERSONAL)
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    source: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class Touchpoint(Keyed, ShopOwned, Base):
    """One event of a customer's history, in one version.

    As of a moment T it counts when `known_at <= T AND (retired_at IS NULL OR retired_at > T)`; now, when `retired_at
    IS NULL`.
    A change retires the row (superseded) and adds another; a cancellation retires it without one.
    Amounts are in the currency's smallest unit. What rules filter by is a typed column; `attributes` is for people to
    read.
    """

    __tablename__ = "touchpoints"
    __table_args__ = (
        Index(
            "uq_touchpoints_current",
            "shop_id",
            "source",
            "kind",
            "external_id",
            unique=True,
            postgresql_where=text("state <> 'superseded'"),
        ),
        Index(None, "shop_id", "customer_id", "kind", "occurred_at"),
        Index("ix_touchpoints_timeline", "shop_id", "customer_id", "occurred_at", "id"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("source_identities.id"))
    kind: Mapped[TouchpointKind] = mapped_column(enum_column(TouchpointKind))
    source: Mapped[str]
    external_id: Mapped[str]
    occurred_at: Mapped[datetime]
    known_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    retired_at: Mapped[datetime | None]
    state: Mapped[TouchpointState] = mapped_column(enum_column(TouchpointState), default=TouchpointState.ACTIVE)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    quantity: Mapped[int | None]
    channel: Mapped[str | None]  # web, shop, telephone, mail, …
    campaign: Mapped[str | None]  # campaign, survey or event key
    status: Mapped[str | None]  # open, closed, redeemed, …
    score: Mapped[float | None]  # survey answer, satisfaction
    skus: Mapped[list[str]] = mapped_column(default=list)
    categories: Mapped[list[str]] = mapped_column(default=list)
    title: Mapped[str | None] = mapped_column(info=PERSONAL)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)
    digest: Mapped[bytes | None] = mapped_column(info=PERSONAL)  # of the content, to tell changed from same


class TouchpointLine(ShopOwned, Base):
    """What one purchase held: for sums by product or category. Belongs to one version of its touchpoint."""

    __tablename__ = "touchpoint_lines"
    __table_args__ = (Index(None, "shop_id", "sku"), Index(None, "shop_id", "category"))

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    touchpoint_id: Mapped[UUID] = mapped_column(ForeignKey("touchpoints.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    category: Mapped[str | None]
    quantity: Mapped[int]
    amount: Mapped[int | None] = mapped_column(BigInteger)


class ConnectorSetting(Keyed, ShopOwned, Base):
    """One CRM system linked to one shop. `secret` is wrapped under the master key (`core.sealing.wrap`)."""

    __tablename__ = "connector_settings"
    __table_args__ = (UniqueConstraint("shop_id", "slug"),)

    slug: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=False)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secret: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)


class ConnectorCursor(ShopOwned, Base):
    """How far one subject (customers, activities, …) was pulled from one connector."""

    __tablename__ = "connector_cursors"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[str | None]
    pulled_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
