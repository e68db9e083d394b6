"""Use cases of the catalogue. Callers own the transaction."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record_many
from core.ids import new_id
from orders.bulk import assign_excluded, insert_rows
from orders.catalogue.conflicts import find_product_conflicts, list_codes, read_components
from orders.catalogue.gtin import read_gtin
from orders.catalogue.models import DeliveryService, Product, ProductCode, ProductComponent
from orders.catalogue.records import ProductIn, UpsertedProducts, UpsertState, check_product
from orders.catalogue.standard_services import STANDARD_SERVICES
from orders.errors import InvalidProductError
from orders.faults import Fault
from orders.rechecking import recheck_unknown_skus

_KEPT_WHEN_ABSENT = (
    *("gtin", "name_en", "category", "price", "tax_rate", "weight_g", "thickness_mm", "width_mm", "length_mm"),
    *("temperature_zone", "ships", "sold_out", "picture_file_id", "attributes"),
)
_PLAIN_DEFAULTS: dict[str, Any] = {"temperature_zone": "ambient", "ships": True, "sold_out": False, "attributes": {}}


def upsert_products(session: Session, shop_id: UUID, products: Sequence[ProductIn]) -> UpsertedProducts:
    """Add or change products by SKU, with their codes and components. Orders that waited for their SKU are rechecked.

    Raises InvalidProductError naming SKU, field and reason; then nothing is stored.
    """
    _refuse_faulty(session, shop_id, products)
    by_sku = {product.sku: product for product in products}
    known = _read_known(session, shop_id, list(by_sku))
    rows = [_make_row(shop_id, product, known.get(sku)) for sku, product in sorted(by_sku.items())]
    changed = [row for row in rows if _differs(row, known.get(row["sku"]))]
    _write_products(session, changed)
    ids = {row["sku"]: row["id"] for row in rows}
    altered = {row["id"] for row in changed}
    altered |= _write_codes(session, shop_id, by_sku, ids)
    altered |= _write_components(session, shop_id, by_sku, ids)
    record_many(
        session, "orders:product:upserted", shop_id=shop_id, subjects=[(product_id, {}) for product_id in altered]
    )
    recheck_unknown_skus(session, shop_id)
    return UpsertedProducts({sku: _name_state(sku, ids[sku], known, altered) for sku in by_sku}, ids)


def _refuse_faulty(session: Session, shop_id: UUID, products: Sequence[ProductIn]) -> None:
    found = {product.sku: check_product(product) for product in products}
    if not any(found.values()):
        found = find_product_conflicts(session, shop_id, products)
    faults = [
        Fault(f"{sku}.{fault.field}", fault.code, fault.detail) for sku, listed in found.items() for fault in listed
    ]
    if faults:
        raise InvalidProductError(faults)


def _name_state(sku: str, product_id: UUID, known: Mapping[str, Product], altered: set[UUID]) -> UpsertState:
    if sku not in known:
        return UpsertState.NEW
    return UpsertState.CHANGED if product_id in altered else UpsertState.SAME


def _read_known(session: Session, shop_id: UUID, skus: Sequence[str]) -> dict[str, Product]:
    rows = session.scalars(
        select(Product)
        .where(Product.shop_id == shop_id, Product.sku.in_(skus))
        .order_by(Product.sku)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {product.sku: product for product in rows}


def _make_row(shop_id: UUID, product: ProductIn, known: Product | None) -> dict[str, Any]:
    now = clock.now()
    row: dict[str, Any] = {
        "id": known.id if known else new_id(),
        "shop_id": shop_id,
        "sku": product.sku,
        "name": product.name,
        "is_set": bool(product.components) if product.components is not None else bool(known and known.is_set),
        "active": True,
        "created_at": known.created_at if known else now,
        "updated_at": now,
    }
    for name in _KEPT_WHEN_ABSENT:
        given = read_gtin(product.gtin or "") if name == "gtin" else getattr(product, name)
        before = getattr(known, name) if known else _PLAIN_DEFAULTS.get(name)
        row[name] = before if given is None else given
    return row


def _differs(row: Mapping[str, Any], known: Product | None) -> bool:
    return known is None or any(getattr(known, name) != value for name, value in row.items() if name != "updated_at")


def _write_products(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    columns = [name for name in rows[0] if name not in ("id", "shop_id", "sku", "created_at")]
    # Two who add the same SKU at once: the second fails on its key, and its request works when repeated.
    insert_rows(session, Product, rows, then=f"ON CONFLICT (id) DO UPDATE SET {assign_excluded(columns)}")


def _write_codes(
    session: Session, shop_id: UUID, products: Mapping[str, ProductIn], ids: Mapping[str, UUID]
) -> set[UUID]:
    wanted = {code: (kind, ids[sku]) for sku, product in products.items() for code, kind in list_codes(product)}
    rows = [
        {"id": new_id(), "shop_id": shop_id, "code": code, "kind": kind, "product_id": product_id}
        for code, (kind, product_id) in sorted(wanted.items())
    ]
    added = insert_rows(session, ProductCode, rows, then="ON CONFLICT (shop_id, code) DO NOTHING RETURNING product_id")
    return {row.product_id for row in added}


def _write_components(
    session: Session, shop_id: UUID, products: Mapping[str, ProductIn], ids: Mapping[str, UUID]
) -> set[UUID]:
    """Replace the components of the sets that name theirs and differ; returns those sets."""
    sets = {sku: dict(product.components) for sku, product in products.items() if product.components is not None}
    if not sets:
        return set()
    before = read_components(session, shop_id)
    changed = {sku: parts for sku, parts in sets.items() if before.get(sku, {}) != parts}
    wanted = {part for parts in changed.values() for part in parts}
    rows = session.execute(select(Product.sku, Product.id).where(Product.shop_id == shop_id, Product.sku.in_(wanted)))
    part_ids = {row.sku: row.id for row in rows}
    set_ids = {ids[sku] for sku in changed}
    session.execute(
        delete(ProductComponent).where(ProductComponent.shop_id == shop_id, ProductComponent.set_id.in_(set_ids))
    )
    parts = [
        {"id": new_id(), "shop_id": shop_id, "set_id": ids[sku], "component_id": part_ids[part], "quantity": quantity}
        for sku, listed in changed.items()
        for part, quantity in listed.items()
    ]
    insert_rows(session, ProductComponent, parts)
    return set_ids


def add_standard_services(session: Session, shop_id: UUID) -> int:
    """Give a shop the delivery services we know; those it has already stay as they are. Returns how many were added."""
    rows = [{"id": new_id(), "shop_id": shop_id, "active": True, **service} for service in STANDARD_SERVICES]
    added = insert_rows(session, DeliveryService, rows, then="ON CONFLICT (shop_id, key) DO NOTHING RETURNING id")
    return len(added)
