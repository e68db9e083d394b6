"""Named reads of the catalogue."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import is_among
from core.errors import NotFoundError
from orders.catalogue.gtin import read_gtin
from orders.catalogue.models import DeliveryService, Product, ProductCode, ProductComponent


@dataclass(frozen=True, slots=True)
class Component:
    product_id: UUID
    quantity: int


def find_products_by_code(session: Session, shop_id: UUID, codes: Collection[str]) -> dict[str, UUID]:
    """Return the product of each code that is known: SKU, alias, or a GTIN in any of its printed forms."""
    forms = {code: (code, read_gtin(code)) for code in codes}
    wanted = {form for pair in forms.values() for form in pair if form}
    if not wanted:
        return {}
    rows = session.execute(
        select(ProductCode.code, ProductCode.product_id).where(
            ProductCode.shop_id == shop_id, ProductCode.code.in_(wanted)
        )
    )
    known = {row.code: row.product_id for row in rows}
    found = {code: known.get(code) or known.get(gtin or "") for code, (_, gtin) in forms.items()}
    return {code: product_id for code, product_id in found.items() if product_id}


def find_product_by_scan(session: Session, shop_id: UUID, scan: str) -> UUID | None:
    """Return the product whose barcode or SKU this is."""
    return find_products_by_code(session, shop_id, [scan]).get(scan)


def load_products(session: Session, shop_id: UUID, product_ids: Collection[UUID]) -> dict[UUID, Product]:
    rows = session.scalars(select(Product).where(Product.shop_id == shop_id, is_among(Product.id, product_ids)))
    return {product.id: product for product in rows}


def load_products_by_sku(session: Session, shop_id: UUID, skus: Collection[str]) -> dict[str, Product]:
    """Return products by SKU; unknown ones are absent."""
    rows = session.scalars(select(Product).where(Product.shop_id == shop_id, Product.sku.in_(skus))) if skus else ()
    return {product.sku: product for product in rows}


def list_products(session: Session, shop_id: UUID, *, after: str = "", limit: int = 100) -> list[Product]:
    """Return products by SKU, paged by key."""
    statement = select(Product).where(Product.shop_id == shop_id, Product.sku > after)
    return list(session.scalars(statement.order_by(Product.sku).limit(limit)))


def load_codes(session: Session, shop_id: UUID, product_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Return every code that finds each product, for benches that decide offline."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = session.execute(
        select(ProductCode.product_id, ProductCode.code)
        .where(ProductCode.shop_id == shop_id, is_among(ProductCode.product_id, product_ids))
        .order_by(ProductCode.code)
    )
    for product_id, code in rows:
        found[product_id].append(code)
    return found


def load_components(session: Session, shop_id: UUID, set_ids: Collection[UUID]) -> dict[UUID, list[Component]]:
    """Return the components of sets, those of sets inside sets included as entries of their own."""
    found: dict[UUID, list[Component]] = {}
    wanted = set(set_ids)
    # One statement per level of nesting; `replace_components` refuses rings, so this ends.
    while wanted:
        rows = session.execute(
            select(ProductComponent.set_id, ProductComponent.component_id, ProductComponent.quantity)
            .where(ProductComponent.shop_id == shop_id, is_among(ProductComponent.set_id, wanted))
            .order_by(ProductComponent.component_id)
        ).all()
        found |= {set_id: [] for set_id in {row.set_id for row in rows}}
        for row in rows:
            found[row.set_id].append(Component(row.component_id, row.quantity))
        wanted = {row.component_id for row in rows} - found.keys()
    return found


def expand_sets(components: Mapping[UUID, Iterable[Component]], wanted: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    """Return how many of each single product the wanted (product, quantity) come to, sets taken apart. Pure."""
    totals: dict[UUID, int] = defaultdict(int)
    open_items = list(wanted)
    while open_items:
        product_id, quantity = open_items.pop()
        parts = components.get(product_id)
        if parts is None:
            totals[product_id] += quantity
        else:
            open_items += [(part.product_id, quantity * part.quantity) for part in parts]
    return dict(totals)


def list_delivery_services(session: Session, shop_id: UUID) -> list[DeliveryService]:
    return list(
        session.scalars(select(DeliveryService).where(DeliveryService.shop_id == shop_id).order_by(DeliveryService.key))
    )


def get_delivery_service(session: Session, shop_id: UUID, key: str) -> DeliveryService:
    found = session.scalars(
        select(DeliveryService).where(DeliveryService.shop_id == shop_id, DeliveryService.key == key)
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no such delivery service.", key=key)
    return found
