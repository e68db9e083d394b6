"""Customers over HTTP. That nobody unknown and no wrong role gets in, tests/flows/test_routes.py asks of every
route."""

from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.main import create_app
from core.audit.models import AuditEntry
from core.auth.roles import Role
from core.db import session_scope
from crm_link.service import record_touchpoints
from tests.browsing import browse
from tests.factories.core import make_shop
from tests.factories.crm_link import make_customer, make_touchpoint

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app()


@pytest.fixture
def shop_id() -> UUID:
    return make_shop()


def read_tags(shop_id: UUID) -> list[str]:
    with session_scope([shop_id]) as session:
        rows = session.execute(
            select(AuditEntry.tag).where(AuditEntry.tag.like("crm_link:%")).order_by(AuditEntry.serial)
        )
        return list(rows.scalars())


def test_a_customer_is_found_and_shown_and_the_reading_is_on_record(app: FastAPI, shop_id: UUID) -> None:
    customer_id = make_customer(shop_id, name="架空 花子", email="hanako@example.jp")
    with session_scope([shop_id]) as session:
        record_touchpoints(session, shop_id, [make_touchpoint(customer_id)])
    client = browse(app, Role.OPERATOR, shop_ids=[shop_id])

    found = client.get("/api/customers", params={"q": "架空"}).json()
    shown = client.get(f"/api/customers/{customer_id}").json()
    history = client.get(f"/api/customers/{customer_id}/touchpoints").json()

    assert [row["customer_id"] for row in found["customers"]] == [str(customer_id)]
    assert shown["cards"][0]["email"] == "hanako@example.jp"
    assert [touchpoint["amount"] for touchpoint in history] == [3000]
    assert read_tags(shop_id) == ["crm_link:customers:search", "crm_link:customer:read", "crm_link:timeline:read"]


def test_consents_and_care_flags_are_set_and_ended(app: FastAPI, shop_id: UUID) -> None:
    customer_id = make_customer(shop_id)
    client = browse(app, Role.CUSTOMER_SUCCESS, shop_ids=[shop_id])

    consent = client.post(
        f"/api/customers/{customer_id}/consents", json={"purpose": "marketing", "state": "denied", "evidence": "電話"}
    )
    flag = client.post(f"/api/customers/{customer_id}/care-flags", json={"kind": "allergy", "subject": "そば"})
    shown = client.get(f"/api/customers/{customer_id}").json()
    ended = client.post(f"/api/care-flags/{flag.json()['id']}/end")

    assert (consent.status_code, flag.status_code, ended.status_code) == (204, 201, 204)
    assert shown["purposes"]["marketing"] == "denied"
    assert [each["subject"] for each in shown["care_flags"]] == ["そば"]
    assert client.get(f"/api/customers/{customer_id}").json()["care_flags"] == []
    assert client.post(f"/api/care-flags/{flag.json()['id']}/end").status_code == 404


def test_two_customers_are_joined_and_parted_again(app: FastAPI, shop_id: UUID) -> None:
    one, two = make_customer(shop_id), make_customer(shop_id)
    client = browse(app, Role.CUSTOMER_SUCCESS, shop_ids=[shop_id])

    joined = client.post(f"/api/customers/{one}/join", json={"into_customer_id": str(two), "reason": "同じ人"}).json()
    shown = client.get(f"/api/customers/{one}").json()
    undone = client.post(f"/api/customer-joins/{joined['join_id']}/undo")

    assert (shown["id"], len(shown["identities"])) == (str(two), 2)
    assert undone.status_code == 204
    assert client.get(f"/api/customers/{one}").json()["id"] == str(one)


def test_an_erased_customer_answers_that_it_was_erased(app: FastAPI, shop_id: UUID) -> None:
    customer_id = make_customer(shop_id)
    client = browse(app, Role.CUSTOMER_SUCCESS, shop_ids=[shop_id])

    assert client.post(f"/api/customers/{customer_id}/erase").status_code == 204
    assert client.post(f"/api/customers/{customer_id}/erase").status_code == 204
    shown = client.get(f"/api/customers/{customer_id}").json()
    refused = client.post(f"/api/customers/{customer_id}/care-flags", json={"kind": "no_samples"})

    assert shown["erased_at"] is not None
    assert (shown["cards"], refused.status_code, refused.json()["code"]) == ([], 409, "customer_erased")


def test_a_customer_of_another_shop_is_not_there(app: FastAPI, shop_id: UUID) -> None:
    theirs = make_customer(make_shop())
    client = browse(app, Role.CUSTOMER_SUCCESS, Role.OPERATOR, shop_ids=[shop_id])

    assert client.get(f"/api/customers/{theirs}").status_code == 404
    assert client.post(f"/api/customers/{theirs}/erase").status_code == 404
    assert client.get(f"/api/customers/{uuid4()}").status_code == 404
