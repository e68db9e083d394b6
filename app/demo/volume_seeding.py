"""Fills the volume shop: products sold in December, its people, and their purchases and campaigns until November."""

import gc
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.people import DemoPerson
from app.demo.seeding import seed_rules, seed_touchpoints
from app.demo.shop_setup import DemoShop
from app.demo.volume_data import TIME_ZONE
from app.demo.volume_history import SOURCE, load_history, make_campaigns, make_purchases
from app.demo.volume_orders import describe_december, find_sold_products, gtin_of, make_households, shop_ref
from core.db import session_scope
from crm_link.kinds import ConsentState, Purpose
from crm_link.records import ConsentIn, PersonIn
from crm_link.service import record_consents, resolve_customers
from orders.catalogue.records import ProductIn
from orders.catalogue.service import upsert_products

SEED: Final = 20171130
_SINCE: Final = datetime(2017, 1, 1, tzinfo=ZoneInfo(TIME_ZONE))


def seed_volume(shop: DemoShop, count: int | None = None) -> None:
    """Write everything but orders. The shop lists what its first `count` orders (all without a count) will ask for."""
    households = make_households(SEED)
    # Hundreds of thousands of small objects that all live until they are written: looking for cycles costs a third.
    gc.disable()
    try:
        with ThreadPoolExecutor(1) as beside:
            goods = beside.submit(_seed_goods, shop, count)
            customer_ids = _seed_people(shop, households)
            seed_touchpoints(shop, chain(make_purchases(load_history(), customer_ids), make_campaigns(customer_ids)))
            goods.result()
    finally:
        gc.enable()


def _seed_goods(shop: DemoShop, count: int | None) -> None:
    sold = find_sold_products(count)
    products = describe_december()
    _seed_products(shop, list(products[products["product_id"].isin(sold)].itertuples(index=False)))
    seed_rules(shop, "volume")


def _seed_products(shop: DemoShop, described: list[Any]) -> None:
    rows = [
        ProductIn(
            sku=str(product.product_id),
            name=product.name,
            gtin=gtin_of(product.product_id),
            category=product.category,
            tax_rate=Decimal(product.tax_percent) / 100,
            weight_g=product.weight_g,
            thickness_mm=product.thickness_mm,
        )
        for product in described
    ]
    with session_scope([shop.shop_id]) as session:
        upsert_products(session, shop.shop_id, rows)


def _seed_people(shop: DemoShop, households: Mapping[int, DemoPerson]) -> dict[int, UUID]:
    persons = [
        PersonIn(
            source=SOURCE,
            external_id=shop_ref(household),
            name=person.full_name,
            kana=f"{person.last_kana} {person.first_kana}",
            email=person.email,
            phone=person.phone,
            postal_code=person.zip_code,
            region=person.prefecture,
            address1=f"{person.city}{person.street}",
            address2=person.building or None,
            known_at=_SINCE,
        )
        for household, person in households.items()
    ]
    with session_scope([shop.shop_id]) as session:
        customer_ids = resolve_customers(session, shop.shop_id, persons)
        consents = [
            ConsentIn(
                customer_id=customer_id, purpose=purpose, state=ConsentState.GRANTED, source=SOURCE, occurred_at=_SINCE
            )
            for customer_id in customer_ids
            for purpose in (Purpose.PERSONALISATION, Purpose.MARKETING, Purpose.LETTER)
        ]
        record_consents(session, shop.shop_id, consents)
    return dict(zip(households, customer_ids, strict=True))
