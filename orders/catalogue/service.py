"""Use cases of the catalogue. Callers own the transaction."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from core import clock
from core.audit.service import record_many
from core.errors import ConflictError
from core.ids import new_id
from orders.bulk import assign_excluded, insert_rows
from orders.catalogue.gtin import read_gtin
from orders.catalogue.models import DeliveryService, Product, ProductCode, ProductComponent
from orders.catalogue.records import ProductCounts, ProductIn, check_product, find_ring
from orders.catalogue.standard_services import STANDARD_SERVICES
from orders.errors import InvalidProductError
from orders.faults import Fault
from orders.kinds import CodeKind
from orders.rechecking import recheck_unknown_skus

_KEPT_WHEN_ABSENT = (
    *("gtin", "name_en", "category", "price", "tax_rate", "weight_g", "thickness_mm", "width_mm", "length_mm"),
    *("temperature_zone", "ships", "picture_file_id", "attributes"),
)
_PLAIN_DEFAULTS: dict[str, Any] = {"temperature_zone": "ambient", "ships": True, "attributes": {}}


class CodeTakenError(ConflictError):
    code = "code_taken"

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(f"These codes are already another product's: {', '.join(codes)}.", codes=list(codes))


def upsert_products(session: Session, shop_id: UUID, products: Sequence[ProductIn]) -> ProductCounts:
    """Add or change products by SKU, with their codes and components. Orders that waited for their SKU are rechecked.

    Raises InvalidProductError naming the SKU and field, CodeTakenError when a code belongs to another product.
    """
    faults = [
        Fault(f"{product.sku}.{fault.field}", fault.code, fault.detail)
        for product in products
        for fault in check_product(product)
    ]
    if faults:
        raise InvalidProductError(faults)
    by_sku = {product.sku: product for product in products}
    known = _read_known(session, shop_id, list(by_sku))
    rows = [_make_row(shop_id, product, known.get(sku)) for sku, product in sorted(by_sku.items())]
    changed = [row for row in rows if _differs(row, known.get(row["sku"]))]
    _write_products(session, changed)
    ids = {row["sku"]: row["id"] for row in rows}
    codes_changed = _write_codes(session, shop_id, by_sku, ids)
    sets_changed = _write_components(session, shop_id, by_sku, ids)
    record_many(session, "orders:product:upserted", shop_id=shop_id, subjects=[(row["id"], {}) for row in changed])
    recheck_unknown_skus(session, shop_id)
    new = sum(1 for sku in by_sku if sku not in known)
    altered = {row["id"] for row in changed} | codes_changed | sets_changed
    return ProductCounts(new, len(altered) - new, len(by_sku) - len(altered))


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
    wanted = {code: (kind, ids[sku]) for sku, product in products.items() for code, kind in _list_codes(product)}
    rows = [
        {"id": new_id(), "shop_id": shop_id, "code": code, "kind": kind, "product_id": product_id}
        for code, (kind, product_id) in sorted(wanted.items())
    ]
    added = insert_rows(
        session, ProductCode, rows, then="ON CONFLICT (shop_id, code) DO NOTHING RETURNING code, product_id"
    )
    found = session.execute(
        select(ProductCode.code, ProductCode.product_id).where(
            ProductCode.shop_id == shop_id, ProductCode.code.in_(wanted)
        )
    )
    taken = sorted(code for code, product_id in found if wanted[code][1] != product_id)
    if taken:
        raise CodeTakenError(taken)
    return {row.product_id for row in added}


def _list_codes(product: ProductIn) -> list[tuple[str, CodeKind]]:
    codes = [(alias, CodeKind.ALIAS) for alias in product.aliases if alias]
    gtin = read_gtin(product.gtin or "")
    if gtin:
        codes.append((gtin, CodeKind.GTIN))
    return [*codes, (product.sku, CodeKind.SKU)]


def _write_components(
    session: Session, shop_id: UUID, products: Mapping[str, ProductIn], ids: Mapping[str, UUID]
) -> set[UUID]:
    """Replace the components of the sets that name theirs; raises InvalidProductError for unknown parts and rings."""
    sets = {sku: dict(product.components) for sku, product in products.items() if product.components is not None}
    if not sets:
        return set()
    parts = _find_parts(session, shop_id, sets, ids)
    before = _read_components(session, shop_id)
    after = {sku: tuple(sorted(items)) for sku, items in sets.items()}
    ring = find_ring({**{sku: tuple(items) for sku, items in before.items()}, **after})
    if ring:
        raise InvalidProductError([Fault(f"{ring}.components", "circular")])
    changed = [sku for sku, items in sets.items() if before.get(sku, {}) != items]
    session.execute(
        text(
            "DELETE FROM product_components c USING products p WHERE c.set_id = p.id AND p.sku = ANY(:skus)"
            " AND c.shop_id = :shop_id AND p.shop_id = :shop_id"
        ).bindparams(bindparam("skus", type_=ARRAY(Text))),
        {"skus": changed, "shop_id": shop_id},
    )
    insert_rows(
        session,
        ProductComponent,
        [
            {"id": new_id(), "shop_id": shop_id, "set_id": ids[sku], "component_id": parts[part], "quantity": quantity}
            for sku in changed
            for part, quantity in sets[sku].items()
        ],
    )
    return {ids[sku] for sku in changed}


def _find_parts(
    session: Session, shop_id: UUID, sets: Mapping[str, Mapping[str, int]], ids: Mapping[str, UUID]
) -> dict[str, UUID]:
    wanted = {part for items in sets.values() for part in items}
    rows = session.execute(select(Product.sku, Product.id).where(Product.shop_id == shop_id, Product.sku.in_(wanted)))
    parts = {row.sku: row.id for row in rows} | {sku: ids[sku] for sku in wanted if sku in ids}
    faults = [
        Fault(f"{sku}.components", "unknown_sku", part)
        for sku, items in sets.items()
        for part in items
        if part not in parts
    ]
    if faults:
        raise InvalidProductError(faults)
    return parts


def _read_components(session: Session, shop_id: UUID) -> dict[str, dict[str, int]]:
    rows = session.execute(
        text(
            "SELECT s.sku, p.sku, c.quantity FROM product_components c JOIN products s ON s.id = c.set_id"
            " JOIN products p ON p.id = c.component_id WHERE c.shop_id = :shop_id"
        ),
        {"shop_id": shop_id},
    )
    found: dict[str, dict[str, int]] = {}
    for set_sku, part_sku, quantity in rows:
        found.setdefault(set_sku, {})[part_sku] = quantity
    return found


def add_standard_services(session: Session, shop_id: UUID) -> int:
    """Give a shop the delivery services we know; those it has already stay as they are. Returns how many were added."""
    rows = [{"id": new_id(), "shop_id": shop_id, "active": True, **service} for service in STANDARD_SERVICES]
    added = insert_rows(session, DeliveryService, rows, then="ON CONFLICT (shop_id, key) DO NOTHING RETURNING id")
    return len(added)
