"""Versions of rules for programs: history, changes, a moment, back; approving stays with people."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from app.main import create_app
from core import clock
from core.auth.roles import Role
from core.db import session_scope
from personalization.publishing import find_ruleset, save_draft
from personalization.versions import service
from tests.browsing import call
from tests.factories.fulfillment import RULES, ShippingShop, make_shipping_shop


@pytest.fixture(scope="module")
def app(database_url: str) -> FastAPI:
    return create_app()


@pytest.fixture
def shop(database: str) -> ShippingShop:
    return make_shipping_shop()


def edit(shop: ShippingShop, **changes: Any) -> int:
    with session_scope([shop.shop_id]) as session:
        kept = find_ruleset(session, shop.shop_id)
        seen = kept.draft_version if kept else 0
        document = {**RULES, "rules": [{**RULES["rules"][0], **changes}]}
        return save_draft(session, shop.shop_id, document, seen_version=seen, author="Hana")


def test_only_operators_of_the_shop_may_ask(app: FastAPI, shop: ShippingShop) -> None:
    other = make_shipping_shop()
    assert call(app, Role.PACKER, shop_ids=[shop.shop_id]).get("/api/rules/versions").status_code == 403
    assert call(app, Role.OPERATOR, shop_ids=[other.shop_id]).get("/api/rules/versions/7").status_code == 404


def test_a_program_submits_for_a_moment_reads_and_withdraws(app: FastAPI, shop: ShippingShop) -> None:
    client = call(app, Role.OPERATOR, shop_ids=[shop.shop_id])
    seen = edit(shop, enabled=False)
    moment = (clock.now() + timedelta(days=1)).isoformat()
    assert client.post("/api/rules/releases", json={"seen_draft": seen}).status_code == 422  # no moment
    made = client.post("/api/rules/releases", json={"seen_draft": seen, "note": "n", "publish_at": moment})
    assert made.status_code == 201, made.text
    release = made.json()
    assert (release["state"], len(release["digest"])) == ("scheduled", 64)
    assert client.get(f"/api/rules/releases/{release['id']}").json()["note"] == "n"
    assert client.post(f"/api/rules/releases/{release['id']}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/api/rules/releases/{release['id']}/cancel").status_code == 409
    assert [each["state"] for each in client.get("/api/rules/releases").json()] == ["cancelled"]


def test_history_is_read_and_rolled_back(app: FastAPI, shop: ShippingShop) -> None:
    client = call(app, Role.OPERATOR, shop_ids=[shop.shop_id])
    from_table = edit(shop, enabled=False)
    with session_scope([shop.shop_id]) as session:
        service.set_approval(session, shop.shop_id, True)
    made = client.post("/api/rules/releases", json={"seen_draft": from_table, "note": "n"}).json()
    body = {"digest": made["digest"], "seen_live": 1}
    refused = client.post(f"/api/rules/releases/{made['id']}/approve", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "own_release")
    assert client.post(f"/api/rules/releases/{made['id']}/send-back", json={"note": "短く"}).json()["answer"] == "短く"
    assert [each["number"] for each in client.get("/api/rules/versions").json()] == [1]
    assert client.get("/api/rules/versions/1").json() == RULES
    (change,) = client.get("/api/rules/versions/1/changes").json()
    assert (change["kind"], change["rule_key"]) == ("added", "letter-and-leaflet")
    again = client.post("/api/rules/versions/1/roll-back", json={"seen_live": 1})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_publish")
