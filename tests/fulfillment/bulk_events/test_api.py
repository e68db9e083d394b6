"""The whole way of an event for programs: over HTTP, with an organiser's key."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from core.auth.roles import Role
from tests.browsing import call
from tests.factories.bulk_events import MEMBER, make_attendee, write_list
from tests.factories.core import make_shop
from tests.factories.fulfillment import RunJobs, ShippingShop, make_shipping_shop

pytestmark = pytest.mark.usefixtures("database")
NIGHTS = [
    {"key": "N1", "venue": "架空ホール", "held_on": "2026-10-03", "sku": "SKU-1"},
    {"key": "N2", "venue": "海辺ホール", "held_on": "2026-10-10", "sku": "SKU-9"},
]


@pytest.fixture
def shop() -> ShippingShop:
    return make_shipping_shop(rules=None)


@pytest.fixture
def organiser(shop: ShippingShop) -> TestClient:
    return call(create_app(), Role.ORGANISER, shop_ids=[shop.shop_id])


def hand_in(organiser: TestClient, run_jobs: RunJobs, *rows: dict[str, str]) -> str:
    data, file = {"importer": "fulfillment.attendees"}, {"file": ("advance.csv", write_list(*rows))}
    upload_id: str = organiser.post("/api/uploads", data=data, files=file).json()["upload"]["id"]
    started = organiser.post(f"/api/uploads/{upload_id}/start", json={"options": {"event": "tour", "list": "advance"}})
    assert started.status_code == 202, started.text
    run_jobs()
    return upload_id


def show(organiser: TestClient) -> Any:
    return organiser.get("/api/events/tour").json()


def test_an_event_goes_all_its_way_over_http(organiser: TestClient, run_jobs: RunJobs) -> None:
    assert organiser.post("/api/events", json={"key": "tour", "name": "架空ツアー"}).status_code == 201
    assert organiser.post("/api/events", json={"key": "tour", "name": "架空ツアー"}).json()["code"] == "event_exists"
    changes = organiser.put("/api/events/tour/sessions", json=NIGHTS).json()
    assert [(each["state"], each["reason"]) for each in changes] == [("new", None), ("rejected", "sku_unknown")]

    sister = {"公演回": "N1", **MEMBER, "会員番号": "", "氏名": "架空 月子"}
    upload_id = hand_in(organiser, run_jobs, {"公演回": "N1", **MEMBER}, sister, make_attendee(公演回="N7"))
    [told], [night] = show(organiser)["lists"], show(organiser)["sessions"]
    assert (told["rows"], told["is_open"], sum(told["counts"].values())) == (3, True, 3)
    by_session = organiser.get(f"/api/events/tour/lists/{upload_id}").json()
    assert {(each["session_key"], each["state"]): each["rows"] for each in by_session} == {
        ("N1", "new"): 1,
        ("N1", "waiting"): 1,
        (None, "rejected"): 1,
    }
    refused = organiser.post(f"/api/bulk-sessions/{night['id']}/release")
    assert (refused.status_code, refused.json()["code"]) == (409, "session_not_clear")

    [question] = organiser.get("/api/events/tour/questions").json()
    assert (question["doubt"], question["candidates"][0]["is_attendee"]) == ("other_name", True)
    place = f"/api/events/tour/questions/{question['upload_id']}/{question['number']}"
    assert organiser.post(place, json={"answer": "another_person"}).json() == {"state": "new"}
    assert organiser.post(place, json={"answer": "another_person"}).status_code == 409
    settled = organiser.post(f"/api/events/tour/lists/{upload_id}/settle", json={"reason": "取り消された公演"})
    assert settled.status_code == 204
    check_release(organiser, run_jobs, night["id"])


def check_release(organiser: TestClient, run_jobs: RunJobs, night_id: str) -> None:
    """Release both, take one out, gather the other."""
    assert organiser.post(f"/api/bulk-sessions/{night_id}/release").json() == {"attendees": 2}
    run_jobs()
    first, second = organiser.get(f"/api/bulk-sessions/{night_id}/attendees").json()
    assert [each["stage"] for each in (first, second)] == ["planned", "planned"]
    assert organiser.post(f"/api/attendees/{second['id']}/withdraw", json={"reason": "返金"}).status_code == 204
    run_jobs()
    assert organiser.post(f"/api/bulk-sessions/{night_id}/waves").json()["shipments"] == 1
    waved = organiser.get(f"/api/bulk-sessions/{night_id}/attendees", params={"stage": "waved"}).json()
    assert [each["name"] for each in waved] == [first["name"]]


def test_another_shops_event_is_not_there(organiser: TestClient) -> None:
    organiser.post("/api/events", json={"key": "tour", "name": "架空ツアー"})
    other: UUID = make_shop()
    stranger = call(create_app(), Role.ORGANISER, shop_ids=[other])
    assert stranger.get("/api/events").json() == []
    assert stranger.get("/api/events/tour").status_code == 404
