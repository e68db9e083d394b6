"""Orders over HTTP: the same normaliser as every door, repeating is harmless, reading is on record."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.main import create_app
from core.audit.models import AuditEntry
from core.auth.roles import Role
from core.db import session_scope
from orders.intake.models import RawEvent
from orders.models import Order
from tests.browsing import call
from tests.factories.orders import make_plain_order, make_selling_shop

pytestmark = pytest.mark.usefixtures("database", "clock")


@pytest.fixture
def shop_id(database: str) -> UUID:
    del database
    return make_selling_shop("SKU-1", "SKU-2")


@pytest.fixture
def client(shop_id: UUID) -> TestClient:
    return call(create_app(), Role.OPERATOR, Role.ADMINISTRATOR, shop_ids=[shop_id])


def post(client: TestClient, document: dict[str, Any], key: str = "k-1") -> Any:
    return client.post("/api/orders", json=document, headers={"idempotency-key": key})


def test_an_order_is_recorded_and_can_be_read(client: TestClient) -> None:
    answer = post(client, make_plain_order(number="1001", note="置き配希望"))

    assert (answer.status_code, answer.json()["repeated"]) == (201, False)
    order = client.get(f"/api/orders/{answer.json()['order_id']}").json()
    assert (order["number"], order["note"], order["problems"]) == ("1001", "置き配希望", [])
    assert [(line["sku"], line["open_quantity"]) for line in order["lines"]] == [("SKU-1", 2), ("SKU-2", 1)]
    assert {contact["role"] for contact in order["contacts"]} == {"buyer", "recipient"}


def test_repeating_a_request_changes_nothing(client: TestClient, shop_id: UUID) -> None:
    document = make_plain_order()
    first, second = post(client, document), post(client, document)

    assert (second.status_code, second.json()) == (200, {"order_id": first.json()["order_id"], "repeated": True})
    with session_scope([shop_id]) as session:
        assert len(session.scalars(select(RawEvent)).all()) == 1
        assert session.scalars(select(Order)).one().version == 1


def test_a_key_that_came_with_another_order_is_refused(client: TestClient) -> None:
    post(client, make_plain_order())

    answer = post(client, make_plain_order())

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_a_faulty_order_is_refused_with_every_field_and_reason(client: TestClient, shop_id: UUID) -> None:
    document = make_plain_order(currency="yen", total=None)
    document["lines"][1]["quantity"] = "two"

    answer = post(client, document)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_order")
    faults = {(fault["field"], fault["code"]) for fault in answer.json()["details"]["faults"]}
    assert faults == {("total", "missing"), ("lines[1].quantity", "not_a_number")}
    with session_scope([shop_id]) as session:
        assert session.scalars(select(RawEvent)).all() == []


def test_the_idempotency_key_is_required(client: TestClient) -> None:
    assert client.post("/api/orders", json=make_plain_order()).status_code == 422


def test_reading_an_order_is_on_record(client: TestClient, shop_id: UUID) -> None:
    order_id = post(client, make_plain_order()).json()["order_id"]

    client.get(f"/api/orders/{order_id}")

    with session_scope([shop_id]) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.tag == "orders:order:read")).one()
    assert (str(entry.subject_id), entry.actor_kind) == (order_id, "api_key")


def test_orders_are_listed_by_page_number_and_customer(client: TestClient) -> None:
    for number in range(3):
        post(client, make_plain_order(number=f"N-{number}"), f"k-{number}")

    rows = client.get("/api/orders").json()["orders"]
    assert sorted(row["number"] for row in rows) == ["N-0", "N-1", "N-2"]
    assert [row["number"] for row in client.get("/api/orders", params={"number": "N-1"}).json()["orders"]] == ["N-1"]
    by_customer = client.get("/api/orders", params={"customer_id": rows[0]["buyer_customer_id"]}).json()["orders"]
    assert len(by_customer) == 3


def test_an_order_of_another_shop_is_not_there(client: TestClient) -> None:
    other = call(create_app(), Role.OPERATOR, shop_ids=[make_selling_shop()])
    order_id = post(client, make_plain_order()).json()["order_id"]

    assert other.get(f"/api/orders/{order_id}").status_code == 404


def test_products_are_put_and_found_by_their_barcode(client: TestClient) -> None:
    product = {"sku": "T-1", "name": "煎茶", "gtin": "4901234567894", "weight_g": 112}
    kit = {"sku": "SET-1", "name": "ギフト", "components": [{"sku": "T-1", "quantity": 2}, {"sku": "SKU-1"}]}

    assert client.put("/api/products", json={"products": [product, kit]}).json() == {"new": 2, "changed": 0, "same": 0}
    assert client.put("/api/products", json={"products": [product, kit]}).json() == {"new": 0, "changed": 0, "same": 2}
    found = client.get("/api/products/by-code/4901234567894").json()
    assert (found["sku"], found["gtin"]) == ("T-1", "04901234567894")


def test_a_faulty_product_is_refused_by_sku_and_reason(client: TestClient) -> None:
    wrong = {"sku": "T-1", "name": "煎茶", "gtin": "4901234567890"}

    answer = client.put("/api/products", json={"products": [wrong]})

    assert (answer.status_code, answer.json()["details"]["faults"]) == (
        422,
        [{"field": "T-1.gtin", "code": "bad_check_digit", "detail": ""}],
    )


def test_a_door_is_opened_shown_and_closed(client: TestClient) -> None:
    made = client.post("/api/channels", json={"kind": "standard", "name": "own-shop"}).json()
    assert made["secret"].startswith("whsec_")

    (channel,) = client.get("/api/channels").json()
    assert (channel["path"], channel["enabled"]) == (made["path"], True)
    assert "secret" not in channel
    assert client.patch(f"/api/channels/{made['channel_id']}", json={"enabled": False}).status_code == 204
    assert client.get("/api/channels").json()[0]["enabled"] is False
    again = client.post(f"/api/channels/{made['channel_id']}/secret", json={}).json()
    assert again["secret"] != made["secret"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"kind": "nothing"}, 422),
        ({"kind": "shopify"}, 422),
        ({"kind": "standard", "secret": "whsec_short"}, 422),
        ({"kind": "standard", "name": "Not A Name"}, 422),
        ({"kind": "standard", "name": "api"}, 409),
    ],
)
def test_a_door_that_could_not_work_is_not_opened(client: TestClient, sent: dict[str, str], status: int) -> None:
    assert client.post("/api/channels", json=sent).status_code == status
