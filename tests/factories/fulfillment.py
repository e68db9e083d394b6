"""Builders of a shop that can ship, of shipments in every state, and of a packer's scans."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.db import session_scope
from core.ids import new_id
from documents.service import install_gallery
from fulfillment.models import Parcel, Shipment
from fulfillment.packing.models import Unit, UnitKind
from fulfillment.packing.scanning import ScanIn, ScanResult, judge_scans
from fulfillment.printing.waves import WaveChoice, create_wave, print_wave
from fulfillment.rule_catalogue import load_rule_catalogue
from orders.catalogue.service import add_standard_services
from orders.normalised import NormalisedOrder
from orders.service import record_order
from personalization.inserts import count_stock, save_inserts
from personalization.publishing import publish_ruleset
from tests.factories.core import make_shop, make_warehouse
from tests.factories.orders import make_order, make_products

RunJobs = Callable[..., int]
LEAFLET: dict[str, Any] = {
    "key": "leaflet",
    "name": {"ja": "季節のたより", "en": "Seasonal leaflet"},
    "kind": "leaflet",
    "gtin": "4900000000016",
    "weight_g": 5,
    "thickness_mm": 1,
    "unit_cost": 10,
    "market_value": 0,
    "stocked": True,
    "when_out": "skip",
}
RULES: dict[str, Any] = {
    "format": 1,
    "rules": [
        {
            "key": "letter-and-leaflet",
            "name": {"ja": "お礼状とたより", "en": "Letter and leaflet"},
            "when": {"always": True},
            "then": [
                {"do": "enclose", "insert": "leaflet"},
                {
                    "do": "letter",
                    "template": "thank_you_letter",
                    "slots": {
                        "body": {
                            "ja": "{recipient_name} 様、ありがとうございます。",
                            "en": "Thank you, {recipient_name}.",
                        }
                    },
                },
            ],
        }
    ],
}


@dataclass(frozen=True)
class ShippingShop:
    shop_id: UUID
    warehouse_id: UUID


def make_shipping_shop(*, rules: Mapping[str, Any] | None = RULES, stock: int = 1000) -> ShippingShop:
    """Make a shop with warehouse, services, papers, two products (SKU-1, SKU-2), one insert, and rules."""
    warehouse_id = make_warehouse()
    shop_id = make_shop(warehouse_id=warehouse_id)
    make_products(shop_id, "SKU-1", "SKU-2")
    with session_scope([shop_id]) as session:
        add_standard_services(session, shop_id)
        install_gallery(session, shop_id)
        save_inserts(session, shop_id, [LEAFLET])
        count_stock(session, shop_id, warehouse_id, {"leaflet": stock})
    if rules is not None:
        publish(shop_id, rules)
    return ShippingShop(shop_id, warehouse_id)


def publish(shop_id: UUID, rules: Mapping[str, Any]) -> None:
    """Publish rules against the shop's own templates and services."""
    with session_scope([shop_id]) as session:
        publish_ruleset(
            session, shop_id, dict(rules), load_rule_catalogue(session, shop_id), author="test", note="test"
        )


def take_order(shop: ShippingShop, run_jobs: RunJobs, order: NormalisedOrder | None = None) -> list[UUID]:
    """Record an order, let its jobs run, and return its shipments."""
    with session_scope([shop.shop_id]) as session:
        record_order(session, shop.shop_id, order or make_order())
    run_jobs()
    with session_scope([shop.shop_id]) as session:
        return list(session.scalars(select(Shipment.id).order_by(Shipment.serial)))


def print_all(shop: ShippingShop, run_jobs: RunJobs) -> UUID:
    """Put everything that may go into one wave and print it; return the wave."""
    with session_scope([shop.shop_id]) as session:
        wave_id = create_wave(session, shop.shop_id, WaveChoice()).id
        print_wave(session, shop.shop_id, wave_id)
    run_jobs()
    return wave_id


def get_parcel(shop: ShippingShop, shipment_id: UUID) -> UUID:
    """Return the parcel that bears the shipment's newest papers."""
    with session_scope([shop.shop_id]) as session:
        statement = select(Parcel.id).where(Parcel.shipment_id == shipment_id).order_by(Parcel.revision.desc())
        return session.scalars(statement).first() or new_id()


def list_units(shop: ShippingShop, parcel_id: UUID) -> list[Unit]:
    with session_scope([shop.shop_id]) as session:
        return list(session.scalars(select(Unit).where(Unit.parcel_id == parcel_id).order_by(Unit.position)))


def code_of(shop: ShippingShop, parcel_id: UUID, kind: UnitKind) -> str:
    """Return what the first unit of a kind bears."""
    return next(unit.barcodes[0] for unit in list_units(shop, parcel_id) if unit.kind is kind)


def scan(shop: ShippingShop, parcel_id: UUID | None, *texts: str, **more: Any) -> list[ScanResult]:
    """Scan these texts one after the other in one batch."""
    scans = [ScanIn(id=new_id(), at=clock.now(), text=text, parcel_id=parcel_id, **more) for text in texts]
    return send(shop, scans)


def send(shop: ShippingShop, scans: Iterable[ScanIn]) -> list[ScanResult]:
    with session_scope([shop.shop_id]) as session:
        return judge_scans(session, shop.shop_id, list(scans))


def pack(shop: ShippingShop, parcel_id: UUID) -> list[ScanResult]:
    """Do what a careful packer does: slip, every unit, label."""
    units = list_units(shop, parcel_id)
    slip = next(unit for unit in units if unit.kind is UnitKind.SLIP)
    label = next(unit for unit in units if unit.kind is UnitKind.LABEL)
    things = [unit.barcodes[0] for unit in units if unit not in (slip, label) for _ in range(unit.quantity)]
    return [*scan(shop, None, slip.barcodes[0]), *scan(shop, parcel_id, *things, label.barcodes[0])]
