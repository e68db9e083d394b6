"""Reads everything that the units and papers of a batch of shipments are made from, set by set."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.db import is_among
from core.tenancy import Shop, get_shop
from documents.specs import Money
from fulfillment.invoicing.sent import Sent, load_sent
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.printing.offers import Offer, list_skus
from fulfillment.printing.product_pictures import load_pictures
from orders.catalogue.models import DeliveryService, Product
from orders.catalogue.queries import (
    Component,
    list_delivery_services,
    load_codes,
    load_components,
    load_products,
    load_products_by_sku,
)
from orders.queries import OrderRecord, read_orders
from personalization.models import Insert
from personalization.plan import DecisionOutcome


class LineRow(NamedTuple):
    """A line of a shipment, as much of it as papers and units need."""

    shipment_id: UUID
    order_id: UUID
    order_line_id: UUID
    product_id: UUID | None
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Stock:
    """What the batch is made from. `codes` and `products` hold the components of sets as well.

    `goods` remembers what the units of a product have in common.
    """

    shop: Shop
    lines: Mapping[UUID, Sequence[LineRow]]
    orders: Mapping[UUID, OrderRecord]
    products: Mapping[UUID, Product]
    components: Mapping[UUID, Sequence[Component]]
    codes: Mapping[UUID, Sequence[str]]
    inserts: Mapping[UUID, Insert]
    services: Mapping[str, DeliveryService]
    sent: Sent
    offers: Mapping[str, Offer]
    today: date
    goods: dict[UUID, dict[str, Any]] = field(default_factory=dict)


def load_stock(
    session: Session, shop_id: UUID, shipments: Sequence[Shipment], outcomes: Sequence[DecisionOutcome]
) -> Stock:
    lines = _load_lines(session, shop_id, [shipment.id for shipment in shipments])
    order_ids = {line.order_id for group in lines.values() for line in group}
    sold = {line.product_id for group in lines.values() for line in group if line.product_id}
    components = load_components(session, shop_id, sold)
    single = sold | {part.product_id for parts in components.values() for part in parts}
    shop = get_shop(session, shop_id)
    insert_ids = {allotted.insert_id for outcome in outcomes for allotted in outcome.allotted}
    inserts = session.scalars(select(Insert).where(Insert.shop_id == shop_id, is_among(Insert.id, insert_ids)))
    return Stock(
        shop=shop,
        lines=lines,
        orders={record.order.id: record for record in read_orders(session, shop_id, order_ids)},
        products=load_products(session, shop_id, single),
        components=components,
        codes=load_codes(session, shop_id, single),
        inserts={insert.id: insert for insert in inserts},
        services={service.key: service for service in list_delivery_services(session, shop_id)},
        sent=load_sent(session, shop_id, order_ids),
        offers=_load_offers(session, shop_id, outcomes),
        today=clock.now().astimezone(shop.zone).date(),
    )


def _load_offers(session: Session, shop_id: UUID, outcomes: Sequence[DecisionOutcome]) -> dict[str, Offer]:
    """Return price and picture of every product that is recommended."""
    products = load_products_by_sku(session, shop_id, list_skus(outcome.plan for outcome in outcomes))
    pictures = load_pictures(session, {each.picture_file_id for each in products.values() if each.picture_file_id})
    currency = get_shop(session, shop_id).currency
    return {
        sku: Offer(
            price=None if product.price is None else Money(product.price, currency),
            picture=pictures.get(product.picture_file_id) if product.picture_file_id else None,
        )
        for sku, product in products.items()
    }


def _load_lines(session: Session, shop_id: UUID, shipment_ids: Sequence[UUID]) -> dict[UUID, list[LineRow]]:
    lines: dict[UUID, list[LineRow]] = defaultdict(list)
    statement = (
        select(*(getattr(ShipmentLine, name) for name in LineRow._fields))
        .where(ShipmentLine.shop_id == shop_id, is_among(ShipmentLine.shipment_id, shipment_ids))
        .order_by(ShipmentLine.position)
    )
    for line in map(LineRow._make, session.execute(statement)):
        lines[line.shipment_id].append(line)
    return lines
