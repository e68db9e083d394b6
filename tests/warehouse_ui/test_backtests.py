"""The screens of the backtest: start, watch, stop, read down to one shipment, download; who may."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from core import clock
from core.auth.roles import Role
from core.db import session_scope
from crm_link.service import erase_customer
from fulfillment.backtest.queries import list_backtests, list_changes
from fulfillment.models import Shipment
from personalization.publishing import save_draft
from tests.browsing import Browser, browse
from tests.factories.fulfillment import RULES, make_shipping_shop, take_order
from tests.factories.orders import make_order
from tests.warehouse_ui.conftest import Place
from warehouse_ui.rules.draft import load_draft

RunJobs = Callable[..., int]
FORM = {"first": "2020-01-01", "last": "2100-01-01", "sample": "100", "note": "たよりをやめる"}


def draft(place: Place, rules: list[dict[str, Any]]) -> None:
    with session_scope([place.shop_id]) as session:
        seen = load_draft(session, place.shop_id).version
        save_draft(session, place.shop_id, {**RULES, "rules": rules}, seen_version=seen, author="Hana")


@pytest.fixture
def shipment_id(place: Place, run_jobs: RunJobs) -> UUID:
    take_order(place.shop, run_jobs)
    [first, _] = take_order(place.shop, run_jobs, make_order(external_id="1002", number="#1002"))
    rule = RULES["rules"][0]
    draft(place, [{**rule, "then": [action for action in rule["then"] if action["do"] == "letter"]}])
    return first


def start(browser: Browser, **changes: str) -> str:
    answer = browser.post("/rules/backtests", data={**FORM, **changes})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[0]


def test_a_draft_is_tried_from_the_form_to_one_shipment(
    place: Place, operator: Browser, shipment_id: UUID, run_jobs: RunJobs
) -> None:
    assert "第1版と比べます" in operator.get("/rules/backtests/new").text
    path = start(operator)
    waiting = operator.get(path).text
    assert 'data-state="queued"' in waiting
    run_jobs()
    moved = operator.get(path, headers={"hx-request": "true", "hx-target": "backtest-progress"})
    assert moved.headers["hx-redirect"] == path
    page = operator.get(path).text
    assert 'data-change="lost"><span class="figure-number">2<' in page
    assert 'data-insert="leaflet"' in page
    assert "季節のたより" in page
    assert "在庫の減り方: 季節のたより" in page
    assert "<polyline" in page
    assert f"{path}/shipments/{shipment_id}" in page
    traces = operator.get(f"{path}/shipments/{shipment_id}").text
    assert 'id="side-live"' in traces
    assert "「季節のたより」を1点同梱" in traces.partition('id="side-draft"')[0]
    assert "「季節のたより」を1点同梱" not in traces.partition('id="side-draft"')[2]
    listed = operator.get("/rules/backtests").text
    assert path in listed
    assert "たよりをやめる" in listed


def test_shipments_are_narrowed_and_downloaded(
    place: Place, operator: Browser, shipment_id: UUID, run_jobs: RunJobs
) -> None:
    path = start(operator)
    run_jobs()
    fragment = {"hx-request": "true", "hx-target": "changes"}
    assert operator.get(path, params={"change": "lost", "insert": "leaflet"}, headers=fragment).text.count("<tr ") == 2
    assert "変わる出荷はありません" in operator.get(path, params={"change": "gained"}, headers=fragment).text
    answer = operator.get(f"{path}/changes.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.text.splitlines()) == 3


def test_a_trial_that_waits_can_be_stopped(place: Place, operator: Browser, shipment_id: UUID) -> None:
    path = start(operator)
    assert operator.post(f"{path}/cancel").status_code == 303
    assert "結果はありません" in operator.get(path).text
    assert operator.post(f"{path}/cancel").status_code == 409


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"first": ""}, "日付を入力してください"),
        ({"first": "2026-02-01", "last": "2026-01-01"}, "始めの日より前"),
        ({"sample": "3"}, "割合を選んでください"),
    ],
)
def test_a_wrong_period_is_told_at_its_field(
    place: Place, operator: Browser, changes: dict[str, str], words: str
) -> None:
    answer = operator.post("/rules/backtests", data={**FORM, **changes})
    assert (answer.status_code, words in answer.text) == (422, True)


def test_a_broken_draft_is_not_tried(place: Place, operator: Browser) -> None:
    draft(place, [{**RULES["rules"][0], "then": [{"do": "enclose", "insert": "nothing-like-it"}]}])
    answer = operator.post("/rules/backtests", data=FORM)
    assert (answer.status_code, "まだ試せません" in answer.text) == (422, True)
    with session_scope([place.shop_id]) as session:
        assert list_backtests(session, place.shop_id) == []


def test_an_erased_customer_is_a_number_only(
    place: Place, operator: Browser, shipment_id: UUID, run_jobs: RunJobs
) -> None:
    path = start(operator)
    run_jobs()
    with session_scope([place.shop_id]) as session:
        erase_customer(session, place.shop_id, session.get_one(Shipment, shipment_id).customer_id or shipment_id)
    assert operator.get(path).status_code == 200
    assert operator.get(f"{path}/shipments/{shipment_id}").status_code == 404
    with session_scope([place.shop_id]) as session:
        changes = list_changes(session, place.shop_id, UUID(path.rpartition("/")[2]))
    assert all(change.gained == change.lost == () for change in changes if change.shipment_id == shipment_id)


def test_only_operators_of_the_shop_try_drafts(
    place: Place, operator: Browser, shipment_id: UUID, run_jobs: RunJobs
) -> None:
    path = start(operator)
    run_jobs()
    reader = place.sit(Role.CUSTOMER_SUCCESS)
    stranger = browse(place.app, Role.OPERATOR, shop_ids=[make_shipping_shop().shop_id])
    for each in ("/rules/backtests", "/rules/backtests/new", path, f"{path}/changes.csv"):
        assert reader.get(each).status_code == 403
    for each in (path, f"{path}/changes.csv", f"{path}/shipments/{shipment_id}"):
        assert stranger.get(each).status_code == 404
    assert reader.post("/rules/backtests", data=FORM).status_code == 403
    assert stranger.post(f"{path}/cancel").status_code == 404


def test_the_form_begins_with_the_last_days(place: Place, operator: Browser) -> None:
    page = operator.get("/rules/backtests/new").text
    assert "変わる出荷はありません" in page
    assert str(clock.now().year) in page
