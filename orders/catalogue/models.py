"""Tables of the catalogue: products, their codes, components of sets, delivery services."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import NEVER_DELETED, Base, Keyed, ShopOwned, enum_column
from orders.kinds import CodeKind, LetterClass
from orders.normalised import TemperatureZone


class Product(Keyed, ShopOwned, Base):
    """One thing that is sold. Weight in g, sizes in mm, price in the shop's currency with tax. A set has components."""

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("shop_id", "sku"),
        Index(None, "shop_id", "gtin"),
        Index(None, "shop_id", "category"),
        {"info": NEVER_DELETED},
    )

    sku: Mapped[str]
    gtin: Mapped[str | None]  # GTIN-14, whatever the printed symbol is
    name: Mapped[str]
    name_en: Mapped[str | None]
    category: Mapped[str | None]
    price: Mapped[int | None] = mapped_column(BigInteger)
    tax_rate: Mapped[Decimal | None] = mapped_column(Numeric(6, 5))
    weight_g: Mapped[int | None]
    thickness_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    length_mm: Mapped[int | None]
    temperature_zone: Mapped[TemperatureZone] = mapped_column(
        enum_column(TemperatureZone), default=TemperatureZone.AMBIENT
    )
    # Downloads and services are sold but not packed.
    ships: Mapped[bool] = mapped_column(default=True)
    is_set: Mapped[bool] = mapped_column(default=False)
    picture_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("files.id"))
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    # As the shop system last told; not a stock system: it only keeps such a thing from being recommended.
    sold_out: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)


class ProductCode(Keyed, ShopOwned, Base):
    """Every code that finds a product: its SKU, its GTIN-14 and aliases. One code, one product of a shop."""

    __tablename__ = "product_codes"
    __table_args__ = (UniqueConstraint("shop_id", "code"), Index(None, "shop_id", "product_id"))

    code: Mapped[str]
    kind: Mapped[CodeKind] = mapped_column(enum_column(CodeKind))
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))


class ProductComponent(Keyed, ShopOwned, Base):
    """A set holds `quantity` of this component."""

    __tablename__ = "product_components"
    __table_args__ = (
        UniqueConstraint("shop_id", "set_id", "component_id"),
        Index(None, "shop_id", "component_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("set_id <> component_id", name="not_itself"),
    )

    set_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    component_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]


class DeliveryService(Keyed, ShopOwned, Base):
    """What one service of a carrier takes: limits, temperature, and which letters the law lets it carry.

    `max_size_mm` is the sum of three sides. `valid_from` and `note` say since when and by what source. What a shop
    changes is added as `ServiceTerms`.
    """

    __tablename__ = "delivery_services"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)

    key: Mapped[str]
    carrier: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    letter_class: Mapped[LetterClass] = mapped_column(enum_column(LetterClass))
    sealed_allowed: Mapped[bool]
    max_thickness_mm: Mapped[int | None]
    max_weight_g: Mapped[int | None]
    max_size_mm: Mapped[int | None]
    max_length_mm: Mapped[int | None]
    max_width_mm: Mapped[int | None]
    temperature_zones: Mapped[list[str]]
    active: Mapped[bool] = mapped_column(default=True)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    note: Mapped[str | None]


class ServiceTerms(Keyed, ShopOwned, Base):
    """What a shop says a service takes from a day on, with the source: in place of what its service said before."""

    __tablename__ = "service_terms"
    __table_args__ = (UniqueConstraint("shop_id", "service_key", "valid_from"),)

    service_key: Mapped[str]
    valid_from: Mapped[date]
    letter_class: Mapped[LetterClass] = mapped_column(enum_column(LetterClass))
    sealed_allowed: Mapped[bool]
    max_thickness_mm: Mapped[int | None]
    max_weight_g: Mapped[int | None]
    max_size_mm: Mapped[int | None]
    max_length_mm: Mapped[int | None]
    max_width_mm: Mapped[int | None]
    source: Mapped[str]
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
