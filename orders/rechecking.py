"""Looking at orders again: lines whose SKU has become known find their product, problems are found anew."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text, Uuid

from orders.catalogue.queries import find_products_by_code
from orders.models import OrderLine
from orders.service import finish_orders
from orders.writing import lock_order_ids, read_heads

_NAME_PRODUCTS = text(
    """
    UPDATE order_lines l SET product_id = found.product_id
      FROM unnest(:skus, :products) AS found(sku, product_id)
     WHERE l.shop_id = :shop_id AND l.order_id = ANY(:ids) AND l.product_id IS NULL AND l.sku = found.sku
    """
).bindparams(
    bindparam("skus", type_=ARRAY(Text)), bindparam("products", type_=ARRAY(Uuid)), bindparam("ids", type_=ARRAY(Uuid))
)


def recheck_unknown_skus(session: Session, shop_id: UUID) -> int:
    """Look again at the orders with a line whose SKU has become known; returns how many."""
    waiting = select(OrderLine.sku, OrderLine.order_id).where(
        OrderLine.shop_id == shop_id, OrderLine.product_id.is_(None), OrderLine.sku.is_not(None)
    )
    unknown = {sku for sku in session.scalars(waiting.with_only_columns(OrderLine.sku).distinct()) if sku}
    found = find_products_by_code(session, shop_id, unknown)
    if not found:
        return 0
    order_ids = session.scalars(
        waiting.with_only_columns(OrderLine.order_id).where(OrderLine.sku.in_(found)).distinct()
    ).all()
    recheck_orders(session, shop_id, order_ids)
    return len(order_ids)


def recheck_orders(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> None:
    """Match the SKUs of these orders and find their problems again; publishes those that changed."""
    lock_order_ids(session, shop_id, order_ids)
    unknown = session.scalars(
        select(OrderLine.sku)
        .where(OrderLine.shop_id == shop_id, OrderLine.order_id.in_(order_ids), OrderLine.product_id.is_(None))
        .distinct()
    )
    found = find_products_by_code(session, shop_id, {sku for sku in unknown if sku})
    skus = list(found)
    session.execute(
        _NAME_PRODUCTS,
        {"shop_id": shop_id, "ids": list(order_ids), "skus": skus, "products": [found[sku] for sku in skus]},
    )
    finish_orders(session, shop_id, order_ids, read_heads(session, shop_id, order_ids))
