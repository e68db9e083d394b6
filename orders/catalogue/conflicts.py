"""What keeps products from being stored together: codes of other products, unknown components, rings of sets."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from orders.catalogue.gtin import read_gtin
from orders.catalogue.models import Product, ProductCode
from orders.catalogue.records import ProductIn, find_ring
from orders.faults import Fault
from orders.kinds import CodeKind

Conflicts = dict[str, list[Fault]]


def list_codes(product: ProductIn) -> list[tuple[str, CodeKind]]:
    """Return every code that shall find this product; the SKU comes last and wins."""
    codes = [(alias, CodeKind.ALIAS) for alias in product.aliases if alias]
    gtin = read_gtin(product.gtin or "")
    if gtin:
        codes.append((gtin, CodeKind.GTIN))
    return [*codes, (product.sku, CodeKind.SKU)]


def find_product_conflicts(session: Session, shop_id: UUID, products: Sequence[ProductIn]) -> Conflicts:
    """Return the faults of each SKU that clashes with the catalogue or with another of these products."""
    found: Conflicts = defaultdict(list)
    _find_taken_codes(session, shop_id, products, found)
    _find_unknown_parts(session, shop_id, products, found)
    if not found:
        _find_rings(session, shop_id, products, found)
    return dict(found)


def _find_taken_codes(session: Session, shop_id: UUID, products: Sequence[ProductIn], found: Conflicts) -> None:
    wanted = {code for product in products for code, _ in list_codes(product)}
    owners = {
        row.code: row.sku
        for row in session.execute(
            select(ProductCode.code, Product.sku)
            .join(Product, Product.id == ProductCode.product_id)
            .where(ProductCode.shop_id == shop_id, Product.shop_id == shop_id, ProductCode.code.in_(wanted))
        )
    }
    for product in products:
        for code, kind in list_codes(product):
            if owners.setdefault(code, product.sku) != product.sku:
                field = {CodeKind.GTIN: "gtin", CodeKind.ALIAS: "aliases"}.get(kind, "sku")
                found[product.sku].append(Fault(field, "code_taken", owners[code]))


def _find_unknown_parts(session: Session, shop_id: UUID, products: Sequence[ProductIn], found: Conflicts) -> None:
    wanted = {part for product in products for part, _ in product.components or ()}
    if not wanted:
        return
    rows = session.scalars(select(Product.sku).where(Product.shop_id == shop_id, Product.sku.in_(wanted)))
    known = {*rows, *(product.sku for product in products)}
    for product in products:
        for part, _ in product.components or ():
            if part not in known:
                found[product.sku].append(Fault("components", "unknown_sku", part))


def _find_rings(session: Session, shop_id: UUID, products: Sequence[ProductIn], found: Conflicts) -> None:
    told = {product.sku: [part for part, _ in product.components] for product in products if product.components}
    if not told:
        return
    before = {sku: list(parts) for sku, parts in read_components(session, shop_id).items()}
    # Some set of the ring is among those told: the catalogue had none before.
    ring = find_ring({**before, **told}, list(told))
    if ring:
        found[ring].append(Fault("components", "circular"))


def read_components(session: Session, shop_id: UUID) -> Mapping[str, dict[str, int]]:
    """Return every set of the shop by SKU: its parts and how many of each."""
    rows = session.execute(
        text(
            "SELECT s.sku, p.sku, c.quantity FROM product_components c JOIN products s ON s.id = c.set_id"
            " JOIN products p ON p.id = c.component_id WHERE c.shop_id = :shop_id"
        ),
        {"shop_id": shop_id},
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for set_sku, part_sku, quantity in rows:
        found[set_sku][part_sku] = quantity
    return found
