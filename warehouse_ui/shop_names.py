"""What the caller's shops are called in the reader's language."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.auth.roles import Access
from core.tenancy import Shop, Warehouse
from warehouse_ui.i18n import get_language


def name_shops(session: Session, access: Access) -> dict[UUID, str]:
    shops = session.scalars(select(Shop).where(Shop.id.in_(access.shop_ids)))
    return {shop.id: shop.name if get_language() == "ja" else shop.name_en for shop in shops}


def name_warehouses(session: Session) -> dict[UUID, str]:
    warehouses = session.scalars(select(Warehouse).order_by(Warehouse.slug))
    return {each.id: each.name if get_language() == "ja" else each.name_en for each in warehouses}
