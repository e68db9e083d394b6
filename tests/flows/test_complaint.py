"""A complaint arrives while a parcel is under way: what has not been printed changes, what has been stops."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.main import create_app
from core import clock
from core.auth.roles import Role
from core.db import session_scope
from fulfillment.models import Shipment
from fulfillment.packing.models import UnitKind
from fulfillment.states import ShipmentState
from personalization.queries import get_decision
from tests.browsing import browse, call
from tests.factories.fulfillment import (
    ShippingShop,
    code_of,
    get_parcel,
    make_shipping_shop,
    pack,
    print_all,
    take_order,
)
from tests.fulfillment.test_interrupting import WITH_APOLOGY, letter_of

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop() -> ShippingShop:
    return make_shipping_shop(rules=WITH_APOLOGY)


@pytest.fixture
def desk(shop: ShippingShop) -> TestClient:
    """The support system, with a key."""
    return call(create_app(), Role.CUSTOMER_SUCCESS, shop_ids=[shop.shop_id])


def complain(desk: TestClient, **changes: Any) -> dict[str, Any]:
    """Hand in a ticket of Hanako, whom the desk knows by her e-mail address."""
    ticket = {
        "kind": "support_ticket",
        "source": "desk",
        "external_id": "T-1",
        "occurred_at": clock.now().isoformat(),
        "categories": ["complaint"],
        "title": "箱がつぶれていました",
        "person": {"email": "hanako@example.jp"},
    }
    answer = desk.post("/api/touchpoints", json={"touchpoints": [ticket | changes]})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def fired(shop: ShippingShop, shipment_id: UUID) -> list[tuple[str, str | None]]:
    with session_scope([shop.shop_id]) as session:
        decision = get_decision(session, shop.shop_id, shipment_id)
        return [(each["kind"], each.get("template") or each.get("insert_key")) for each in decision.fired or []]


def test_what_is_not_printed_is_decided_again(shop: ShippingShop, desk: TestClient, run_jobs: RunJobs) -> None:
    [shipment_id] = take_order(shop, run_jobs)
    assert fired(shop, shipment_id) == [("enclose", "leaflet"), ("letter", "thank_you_letter")]
    assert complain(desk) == {"new": 1, "changed": 0, "same": 0, "erased": 0}
    run_jobs()
    assert fired(shop, shipment_id) == [("letter", "apology_letter")]
    assert complain(desk, status="closed") == {"new": 0, "changed": 1, "same": 0, "erased": 0}
    run_jobs()
    assert fired(shop, shipment_id) == [("enclose", "leaflet"), ("letter", "thank_you_letter")]


def test_what_is_printed_stops_until_customer_success_says_how_it_goes_on(
    shop: ShippingShop, desk: TestClient, run_jobs: RunJobs
) -> None:
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    slip = code_of(shop, parcel_id, UnitKind.SLIP)
    pack(shop, parcel_id)
    complain(desk)
    run_jobs()
    packer = browse(create_app(), Role.PACKER, shop_ids=[shop.shop_id])
    refused = packer.post("/api/hand-overs", json={"parcel_ids": [str(parcel_id)]}).json()
    assert [each["reason"] for each in refused["refused"]] == ["held"]
    scan = {"scans": [{"id": str(parcel_id), "at": clock.now().isoformat(), "text": slip}]}
    assert packer.post("/api/bench/scans", json=scan).json()["results"][0]["outcome"] == "held"
    assert desk.post(f"/api/shipments/{shipment_id}/print-anew", json={"reason": "自動"}).status_code == 403
    care = browse(create_app(), Role.CUSTOMER_SUCCESS, shop_ids=[shop.shop_id])
    assert care.post(f"/api/shipments/{shipment_id}/print-anew", json={"reason": "お詫び状に"}).status_code == 204
    print_all(shop, run_jobs)
    assert letter_of(shop, shipment_id) == ["お詫び状"]
    new = get_parcel(shop, shipment_id)
    pack(shop, new)
    assert packer.post("/api/hand-overs", json={"parcel_ids": [str(new)]}).json()["handed_over"] == [str(new)]
    with session_scope([shop.shop_id]) as session:
        assert session.scalars(select(Shipment.state)).all() == [ShipmentState.HANDED_OVER]


@pytest.mark.parametrize(
    "wrong",
    [{"person": {}}, {"person": None}, {"kind": "parcel"}, {"occurred_at": "2026-11-19T10:00:00"}, {"source": ""}],
)
def test_a_touchpoint_that_says_too_little_is_refused_with_its_place(desk: TestClient, wrong: dict[str, Any]) -> None:
    ticket = {"kind": "web", "source": "w", "external_id": "1", "occurred_at": "2026-11-19T10:00:00+09:00"}
    body = {"touchpoints": [{**ticket, "person": {"email": "a@example.jp"}, **wrong}]}
    answer = desk.post("/api/touchpoints", json=body)
    assert answer.status_code == 422
    assert "touchpoints" in answer.text
