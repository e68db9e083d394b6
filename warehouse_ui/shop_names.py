"""What the caller's shops are called in the reader's language."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.auth.roles import Access
from core.tenancy import Shop, Warehouse, WarehouseShop
from orders.catalogue.queries import list_delivery_services
from warehouse_ui.i18n import get_language


def name_shops(session: Session, access: Access) -> dict[UUID, str]:
    shops = session.scalars(select(Shop).where(Shop.id.in_(access.shop_ids)))
    return {shop.id: shop.name if get_language() == "ja" else shop.name_en for shop in shops}


def name_warehouses(session: Session, shop_id: UUID | None = None) -> dict[UUID, str]:
    """Return the warehouses by name: those that serve a shop, or all."""
    statement = select(Warehouse).order_by(Warehouse.slug)
    if shop_id is not None:
        statement = statement.join(WarehouseShop, WarehouseShop.warehouse_id == Warehouse.id)
        statement = statement.where(WarehouseShop.shop_id == shop_id)
    language = get_language()
    return {each.id: each.name if language == "ja" else each.name_en for each in session.scalars(statement)}


def name_services(session: Session, shop_id: UUID) -> dict[str, str]:
    """Return what the delivery services of a shop are called, by key."""
    language = get_language()
    services = list_delivery_services(session, shop_id)
    return {each.key: each.name if language == "ja" else each.name_en for each in services}
