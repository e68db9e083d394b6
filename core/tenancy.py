"""Shops (brands) and the warehouses that serve them."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned
from core.errors import NotFoundError


class Shop(Keyed, Base):
    """One brand. `profile` holds what documents print: address, phone, registration number, both names."""

    __tablename__ = "shops"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="Asia/Tokyo")
    currency: Mapped[str] = mapped_column(default="JPY")
    language: Mapped[str] = mapped_column(default="ja")
    country: Mapped[str] = mapped_column(default="JP")
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Warehouse(Keyed, Base):
    """A place where parcels are packed. It may serve many shops."""

    __tablename__ = "warehouses"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="Asia/Tokyo")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class WarehouseShop(ShopOwned, Base):
    """This warehouse packs for this shop."""

    __tablename__ = "warehouse_shops"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"), primary_key=True)


def get_shop(session: Session, shop_id: UUID) -> Shop:
    shop = session.get(Shop, shop_id)
    if shop is None:
        raise NotFoundError("There is no such shop.", shop_id=str(shop_id))
    # A session forgets what nobody holds, and would read it again for each who asks.
    session.info.setdefault("shops", {})[shop_id] = shop
    return shop
