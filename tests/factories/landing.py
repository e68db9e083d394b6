"""Builders of a shop whose parcel has left, and of the phones that open its codes."""

from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from core.db import session_scope
from crm_link.models import Touchpoint
from fulfillment.dispatch.hand_over import hand_over
from fulfillment.landing.models import VisitCount
from fulfillment.landing.service import Choice, load_choice, save_choice
from fulfillment.packing.models import UnitKind
from orders.normalised import NormalisedOrder
from tests.browsing import visit
from tests.factories.fulfillment import (
    RunJobs,
    ShippingShop,
    code_of,
    get_parcel,
    make_shipping_shop,
    pack,
    print_all,
    take_order,
)

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"


def make_open_shop(**changes: object) -> ShippingShop:
    """Make a shop that can ship and whose codes lead to https://shop.example.jp/welcome."""
    shop = make_shipping_shop()
    choose(shop, **({"address": "https://shop.example.jp/welcome"} | changes))
    return shop


def choose(shop: ShippingShop, **values: object) -> None:
    with session_scope([shop.shop_id]) as session:
        seen = load_choice(session, shop.shop_id).version
        save_choice(session, shop.shop_id, Choice(**values), seen_version=seen)  # type: ignore[arg-type]


def send_parcel(shop: ShippingShop, run_jobs: RunJobs, order: NormalisedOrder | None = None) -> UUID:
    """Print, pack and hand over an order's parcel; return the parcel."""
    shipment_id = take_order(shop, run_jobs, order)[-1]
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    pack(shop, parcel_id)
    with session_scope([shop.shop_id]) as session:
        assert hand_over(session, shop.shop_id, [parcel_id]).handed_over
    run_jobs()
    return parcel_id


def slip_code(shop: ShippingShop, parcel_id: UUID) -> str:
    return code_of(shop, parcel_id, UnitKind.SLIP)


def take_phone(app: FastAPI, language: str = "ja-JP") -> TestClient:
    phone = visit(app)
    phone.headers.update({"user-agent": PHONE, "accept-language": language})
    return phone


def find_onward(phone: TestClient, code: str) -> str:
    """Open the page of a code and return where it sends the browser on."""
    page = phone.get(f"/c/{code}")
    assert page.status_code == 200
    return page.text.split('content="0; url=')[1].split('"')[0]


def follow(phone: TestClient, code: str) -> str:
    """Open a code as a phone does; return the address it ends at."""
    answer = phone.get(find_onward(phone, code))
    assert answer.status_code == 303
    return answer.headers["location"]


def list_visits(shop: ShippingShop) -> list[Touchpoint]:
    with session_scope([shop.shop_id]) as session:
        return list(session.scalars(select(Touchpoint).where(Touchpoint.kind == "qr_visit").order_by(Touchpoint.id)))


def count_visits(shop: ShippingShop) -> tuple[int, int]:
    """Return all visits that were counted, and those that are in a customer's history."""
    with session_scope([shop.shop_id]) as session:
        rows = session.scalars(select(VisitCount)).all()
    return sum(row.visits for row in rows), sum(row.known for row in rows)
