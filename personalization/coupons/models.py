"""Tables of coupons: series, and every code that was made or uploaded."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned, enum_column


class CodeSource(StrEnum):
    PATTERN = "pattern"  # made here
    POOL = "pool"  # made by the shop system and uploaded


class CouponState(StrEnum):
    FREE = "free"
    RESERVED = "reserved"
    GIVEN = "given"  # its parcel has left
    VOID = "void"  # printed, and then not given: somebody may have read it


class CouponSeries(Keyed, ShopOwned, Base):
    """One campaign of unique codes. `pattern` and `code_limit` belong to codes made here.

    A code is valid until `valid_until`, and for `valid_days` after the order was accepted; the earlier one counts.
    """

    __tablename__ = "coupon_series"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)

    key: Mapped[str]
    title_ja: Mapped[str]
    title_en: Mapped[str]
    value_ja: Mapped[str]
    value_en: Mapped[str]
    terms_ja: Mapped[str | None]
    terms_en: Mapped[str | None]
    source: Mapped[CodeSource] = mapped_column(enum_column(CodeSource))
    pattern: Mapped[str | None]
    code_limit: Mapped[int | None]
    valid_until: Mapped[date | None]
    valid_days: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)


class Coupon(Keyed, ShopOwned, Base):
    """One code. `folded` is how it is compared with what a customer typed: a code is found whatever the letters' case.

    Changed only under the lock of its series. `firm`: printed; nobody older may take it over.
    """

    __tablename__ = "coupons"
    __table_args__ = (
        UniqueConstraint("shop_id", "folded"),
        Index(
            "uq_coupons_shipment",
            "shop_id",
            "series_id",
            "shipment_id",
            unique=True,
            postgresql_where=text("state IN ('reserved', 'given')"),
        ),
        Index(None, "shop_id", "series_id", "state", "id"),
        Index(None, "shop_id", "shipment_id"),
        Index(None, "shop_id", "customer_id"),
        Index(
            "ix_coupons_redeemed",
            "shop_id",
            "redeemed_order_id",
            postgresql_where=text("redeemed_order_id IS NOT NULL"),
        ),
        CheckConstraint("(state = 'free') = (shipment_id IS NULL)", name="holder"),
    )

    series_id: Mapped[UUID] = mapped_column(ForeignKey("coupon_series.id"))
    code: Mapped[str]
    folded: Mapped[str]
    state: Mapped[CouponState] = mapped_column(enum_column(CouponState))
    # The shipment belongs to a package above: no foreign key.
    shipment_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    rule_key: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    firm: Mapped[bool] = mapped_column(default=False)
    valid_until: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    given_at: Mapped[datetime | None]
    redeemed_order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    redeemed_at: Mapped[datetime | None]
