"""Opens a shop: the shop itself, the warehouse that packs for it, the usual delivery services and the shipped
papers.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.service import record
from core.db import session_scope, system_scope
from core.errors import ConflictError, InvalidInputError
from core.tenancy import Shop, Warehouse, WarehouseShop
from documents.service import install_gallery
from orders.catalogue.service import add_standard_services

# People type it in grants and addresses: operator@tea.
_SLUG: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")


class SlugTakenError(ConflictError):
    code = "slug_taken"

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is a shop {slug!r} already.", slug=slug)


@dataclass(frozen=True, kw_only=True)
class ShopIn:
    """`profile` holds what papers print: address, phone, registration number and the like, `…_en` for English ones."""

    slug: str
    name: str
    name_en: str
    warehouse_slug: str
    warehouse_name: str
    warehouse_name_en: str
    time_zone: str = "Asia/Tokyo"
    currency: str = "JPY"
    language: str = "ja"
    profile: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenedShop:
    shop_id: UUID
    warehouse_id: UUID


def open_shop(wanted: ShopIn) -> OpenedShop:
    """Make the shop ready to take and ship orders; a warehouse that exists is shared. Raises SlugTakenError."""
    for slug in (wanted.slug, wanted.warehouse_slug):
        if not _SLUG.fullmatch(slug):
            raise InvalidInputError(
                f"{slug!r} is no short name: lower-case letters, digits and hyphens, a letter first, at most 40.",
                field="slug",
            )
    with system_scope() as session:
        if session.scalar(select(Shop.id).where(Shop.slug == wanted.slug)) is not None:
            raise SlugTakenError(wanted.slug)
        warehouse_id = _find_or_make_warehouse(session, wanted)
        shop = Shop(
            slug=wanted.slug,
            name=wanted.name,
            name_en=wanted.name_en,
            time_zone=wanted.time_zone,
            currency=wanted.currency,
            language=wanted.language,
            profile=wanted.profile,
        )
        session.add(shop)
        session.flush()  # The warehouse is told its id below.
        session.add(WarehouseShop(shop_id=shop.id, warehouse_id=warehouse_id))
        record(session, "core:shop:open", shop_id=shop.id, subject_id=shop.id, details={"slug": wanted.slug})
        shop_id = shop.id
    with session_scope([shop_id]) as session:
        add_standard_services(session, shop_id)
        install_gallery(session, shop_id)
    return OpenedShop(shop_id, warehouse_id)


def _find_or_make_warehouse(session: Session, wanted: ShopIn) -> UUID:
    known = session.scalar(select(Warehouse.id).where(Warehouse.slug == wanted.warehouse_slug))
    if known is not None:
        return known
    warehouse = Warehouse(
        slug=wanted.warehouse_slug,
        name=wanted.warehouse_name,
        name_en=wanted.warehouse_name_en,
        time_zone=wanted.time_zone,
    )
    session.add(warehouse)
    session.flush()  # Its id is returned.
    return warehouse.id
