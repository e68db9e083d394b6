"""Tables of orders: the record, its contacts, lines, fees, discounts, refunds and cancellations."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Numeric, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from core import clock
from core.db import PERSONAL, Base, Keyed, ShopOwned, enum_column
from orders.kinds import ContactRole
from orders.normalised import DiscountKind, FeeKind, PaymentState, TemperatureZone


class OrderKey(Keyed, ShopOwned, Base):
    """The identity of an order: its id is the order's. It is made by whatever is told first, be it a refund,
    and its row lock lets only one transaction work on an order at a time.
    """

    __tablename__ = "order_keys"
    __table_args__ = (UniqueConstraint("shop_id", "source", "external_id"),)

    source: Mapped[str]
    external_id: Mapped[str]


class Order(ShopOwned, Base):
    """One order, whatever the door. Its state is the newest snapshot plus all refunds and cancellations ever told.

    `version` counts changes of content; `content_digest` also settles which of two snapshots of one moment wins.
    `accepted_at` is when its first event was accepted: the seniority for scarce things.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("shop_id", "source", "external_id"),
        Index(None, "shop_id", "placed_at", "id"),
        Index(None, "shop_id", "number"),
        Index(None, "shop_id", "buyer_customer_id", "placed_at"),
        Index(None, "shop_id", "recipient_customer_id", "placed_at"),
        Index("ix_orders_problems", "shop_id", "id", postgresql_where=text("problems <> '[]'::jsonb")),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("order_keys.id"), primary_key=True, sort_order=-20)
    source: Mapped[str]
    external_id: Mapped[str]
    number: Mapped[str]
    channel: Mapped[str | None]
    placed_at: Mapped[datetime]
    source_updated_at: Mapped[datetime]
    accepted_at: Mapped[datetime]
    buyer_customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    recipient_customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    sender_customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    currency: Mapped[str]
    goods_total: Mapped[int] = mapped_column(BigInteger)
    fees_total: Mapped[int] = mapped_column(BigInteger)
    discount_total: Mapped[int] = mapped_column(BigInteger)
    points_total: Mapped[int] = mapped_column(BigInteger)
    tax_total: Mapped[int | None] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    computed_total: Mapped[int | None] = mapped_column(BigInteger)  # what the parts add up to, where they can say
    refunded_total: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    prices_include_tax: Mapped[bool]
    payment_state: Mapped[PaymentState] = mapped_column(enum_column(PaymentState))
    payment_method: Mapped[str | None]
    paid_at: Mapped[datetime | None]
    # What the newest snapshot says; `cancelled_at` adds the notices that name the order only.
    snapshot_cancelled_at: Mapped[datetime | None]
    snapshot_cancel_reason: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    desired_on: Mapped[date | None]
    desired_slot: Mapped[str | None]
    ship_not_before: Mapped[date | None]
    temperature_zone: Mapped[TemperatureZone | None] = mapped_column(enum_column(TemperatureZone))
    is_gift: Mapped[bool]
    gift_wrapping: Mapped[str | None]
    gift_noshi: Mapped[str | None]
    gift_noshi_name: Mapped[str | None] = mapped_column(info=PERSONAL)
    gift_message: Mapped[str | None] = mapped_column(info=PERSONAL)
    subscription_id: Mapped[str | None]
    subscription_cycle: Mapped[int | None]
    coupon_codes: Mapped[list[str]]
    tags: Mapped[list[str]]
    note: Mapped[str | None] = mapped_column(info=PERSONAL)
    locale: Mapped[str | None]
    is_test: Mapped[bool]
    shipped_elsewhere: Mapped[bool]
    attributes: Mapped[dict[str, Any] | None] = mapped_column(info=PERSONAL)
    problems: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    content_digest: Mapped[bytes | None] = mapped_column(info=PERSONAL)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class OrderContact(Keyed, ShopOwned, Base):
    """A person and address as the order states them, one row per role. No recipient row: no address is known."""

    __tablename__ = "order_contacts"
    __table_args__ = (
        UniqueConstraint("shop_id", "order_id", "role"),
        Index(None, "shop_id", "customer_id"),
        Index(None, "shop_id", "name_folded"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    role: Mapped[ContactRole] = mapped_column(enum_column(ContactRole))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    external_id: Mapped[str | None] = mapped_column(info=PERSONAL)
    name: Mapped[str | None] = mapped_column(info=PERSONAL)
    name_kana: Mapped[str | None] = mapped_column(info=PERSONAL)
    name_folded: Mapped[str | None] = mapped_column(info=PERSONAL)  # for search by equality and range
    company: Mapped[str | None] = mapped_column(info=PERSONAL)
    postal_code: Mapped[str | None] = mapped_column(info=PERSONAL)
    country: Mapped[str | None] = mapped_column(info=PERSONAL)
    region: Mapped[str | None] = mapped_column(info=PERSONAL)
    city: Mapped[str | None] = mapped_column(info=PERSONAL)
    address1: Mapped[str | None] = mapped_column(info=PERSONAL)
    address2: Mapped[str | None] = mapped_column(info=PERSONAL)
    phone: Mapped[str | None] = mapped_column(info=PERSONAL)
    email: Mapped[str | None] = mapped_column(info=PERSONAL)


class OrderLine(Keyed, ShopOwned, Base):
    """`discount_amount` and `points_amount` are this line's shares.

    A line that a later state lacks is kept, with `removed_at`.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("shop_id", "order_id", "external_id"),
        Index(None, "shop_id", "product_id"),
        Index("ix_order_lines_unknown", "shop_id", "sku", postgresql_where=text("product_id IS NULL")),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    external_id: Mapped[str]
    position: Mapped[int]
    sku: Mapped[str | None]
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("products.id"))
    title: Mapped[str]
    quantity: Mapped[int] = mapped_column()
    cancelled_quantity: Mapped[int] = mapped_column()
    refunded_quantity: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    unit_price: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    tax_rate: Mapped[Decimal | None] = mapped_column(Numeric(6, 5))
    tax_included: Mapped[bool]
    discount_amount: Mapped[int] = mapped_column(BigInteger)
    points_amount: Mapped[int] = mapped_column(BigInteger)
    requires_shipping: Mapped[bool]
    removed_at: Mapped[datetime | None]
    # Engravings and the like: what the customer wrote.
    attributes: Mapped[dict[str, Any] | None] = mapped_column(info=PERSONAL)

    open_quantity: Mapped[int] = column_property(func.greatest(0, quantity - cancelled_quantity - refunded_quantity))


class OrderFee(Keyed, ShopOwned, Base):
    """Shipping, cash on delivery, wrapping; `discount_amount` is its share of discounts beyond the goods."""

    __tablename__ = "order_fees"
    __table_args__ = (UniqueConstraint("shop_id", "order_id", "position"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    kind: Mapped[FeeKind] = mapped_column(enum_column(FeeKind))
    title: Mapped[str | None]
    amount: Mapped[int] = mapped_column(BigInteger)
    tax_rate: Mapped[Decimal | None] = mapped_column(Numeric(6, 5))
    tax_included: Mapped[bool]
    discount_amount: Mapped[int] = mapped_column(BigInteger)


class OrderDiscount(Keyed, ShopOwned, Base):
    """What was taken off, as the shop named it; the shares stand on lines and fees."""

    __tablename__ = "order_discounts"
    __table_args__ = (UniqueConstraint("shop_id", "order_id", "position"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    kind: Mapped[DiscountKind] = mapped_column(enum_column(DiscountKind))
    code: Mapped[str | None]
    title: Mapped[str | None]
    amount: Mapped[int] = mapped_column(BigInteger)


class Refund(Keyed, ShopOwned, Base):
    """Told by the door's own ids; its order may arrive later. `lines` is a list of {line, quantity, amount}."""

    __tablename__ = "refunds"
    __table_args__ = (UniqueConstraint("shop_id", "source", "external_id"), Index(None, "shop_id", "order_id"))

    source: Mapped[str]
    external_id: Mapped[str]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("order_keys.id"))
    refunded_at: Mapped[datetime]
    amount: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[list[Any]]
    content_digest: Mapped[bytes]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class Cancellation(Keyed, ShopOwned, Base):
    """A notice of cancellation that names the order only; the earliest one counts. Its order may arrive later."""

    __tablename__ = "cancellations"
    __table_args__ = (UniqueConstraint("shop_id", "order_id"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("order_keys.id"))
    cancelled_at: Mapped[datetime]
    reason: Mapped[str | None]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
