"""Fills a demo shop: goods with pictures, inserts with stock, rules, people, history. Set by set."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.orm import Session

from app.demo.face_catalogue import DemoProduct
from app.demo.inserts import DemoInsert, load_inserts, load_rules
from app.demo.pictures import draw_picture
from app.demo.shop_setup import DemoShop
from core.db import get_url, session_scope
from core.storage.service import store_file
from crm_link.records import TouchpointIn
from crm_link.service import record_touchpoints
from fulfillment.rule_catalogue import load_rule_catalogue
from orders.catalogue.records import ProductIn
from orders.catalogue.service import upsert_products
from orders.normalised import TemperatureZone
from personalization.inserts import count_stock, save_inserts
from personalization.publishing import publish_ruleset

# Few enough touchpoints for one transaction to stay small in memory.
CHUNK = 10_000
WRITERS = 2


def store_picture(session: Session, shop: DemoShop, name: str, shape: str, colour: str) -> UUID:
    """Draw a picture and keep it as a file; returns the file's id."""
    data = draw_picture(shape, colour)
    return store_file(session, shop.shop_id, f"{name}.png", data, media_type="image/png").id


def seed_products(shop: DemoShop, products: Sequence[DemoProduct]) -> None:
    """Write goods with their pictures; sets with what they hold."""
    with session_scope([shop.shop_id]) as session:
        pictures = {p.sku: store_picture(session, shop, p.sku, p.shape, p.colour) for p in products}
        session.flush()  # The products refer to their pictures in plain SQL.
        rows = [
            ProductIn(
                sku=product.sku,
                name=product.name,
                gtin=product.gtin,
                category=product.category,
                price=product.price_yen,
                tax_rate=Decimal(product.tax_percent) / 100,
                weight_g=product.weight_g,
                thickness_mm=product.thickness_mm,
                temperature_zone=TemperatureZone(product.temperature_zone),
                picture_file_id=pictures[product.sku],
                components=tuple(product.components.items()) or None,
            )
            for product in products
        ]
        upsert_products(session, shop.shop_id, rows)


def _to_document(insert: DemoInsert, picture: UUID) -> dict[str, Any]:
    """Return an insert in the published format (docs/rules.md)."""
    is_task = insert.kind == "task"
    return {
        "key": insert.key,
        "name": {"ja": insert.name, "en": insert.name_en},
        "kind": insert.kind,
        "letter_class": insert.letter_class,
        "weight_g": insert.weight_g,
        "thickness_mm": insert.thickness_mm,
        "unit_cost": insert.cost_yen,
        "market_value": insert.market_value_yen,
        "gtin": None if is_task else insert.gtin,
        "picture": str(picture),
        "stocked": not is_task,
        "when_out": insert.out_of_stock,
        "substitute": insert.substitute,
        "allergens": list(insert.allergens),
    }


def seed_rules(shop: DemoShop, kind: str) -> None:
    """Write the inserts of a shop ("face" or "volume"), count their stock, and publish its rules."""
    inserts = load_inserts(kind)
    with session_scope([shop.shop_id]) as session:
        pictures = {i.key: store_picture(session, shop, i.key, i.shape, i.colour) for i in inserts}
        session.flush()  # The inserts refer to their pictures in plain SQL.
        save_inserts(session, shop.shop_id, [_to_document(insert, pictures[insert.key]) for insert in inserts])
        counted = {insert.key: insert.stock for insert in inserts if insert.kind != "task"}
        count_stock(session, shop.shop_id, shop.warehouse_id, counted)
        catalogue = load_rule_catalogue(session, shop.shop_id)
        publish_ruleset(session, shop.shop_id, load_rules(kind), catalogue, author="demo", note="見本データ")


def seed_touchpoints(shop: DemoShop, touchpoints: Iterable[TouchpointIn]) -> int:
    """Write a history, a transaction per chunk; returns how many touchpoints were new.

    Two chunks are under way at once: while the database writes one, the next is made ready.
    """
    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(partial(_record, shop), _chunk(touchpoints)))


def _chunk(touchpoints: Iterable[TouchpointIn]) -> Iterator[list[TouchpointIn]]:
    rest = iter(touchpoints)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def refresh_statistics() -> None:
    """Let the planner know the tables that were just filled; by itself it would notice within a minute."""
    url = get_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def _record(shop: DemoShop, touchpoints: list[TouchpointIn]) -> int:
    with session_scope([shop.shop_id]) as session:
        return record_touchpoints(session, shop.shop_id, touchpoints).new
