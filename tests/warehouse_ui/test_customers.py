"""The customer's page: found as on the telephone, cared for, erased."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from core.auth.roles import Role
from core.db import session_scope
from crm_link.kinds import ConsentState, Purpose
from crm_link.queries import get_profile
from fulfillment.models import Shipment
from tests.factories.crm_link import make_customer
from tests.factories.fulfillment import take_order
from tests.factories.orders import HANAKO, TARO, make_order
from tests.warehouse_ui.conftest import Place, RunJobs
from tests.warehouse_ui.test_shipping import words

pytestmark = pytest.mark.usefixtures("database")


def test_a_customer_is_found_by_name_and_by_telephone(place: Place) -> None:
    customer_id = make_customer(place.shop_id, name="静岡 茶子", phone="090-1234-5678", email="cha@example.jp")
    browser = place.sit(Role.CUSTOMER_SUCCESS)
    for asked in ("静岡", "09012345678", "cha@example.jp"):
        assert str(customer_id) in browser.get("/customers", params={"q": asked}).text, asked
    assert str(customer_id) not in browser.get("/customers", params={"q": "札幌"}).text


def test_looking_is_on_record_but_not_what_was_asked(place: Place) -> None:
    make_customer(place.shop_id, name="静岡 茶子")
    place.sit(Role.CUSTOMER_SUCCESS).get("/customers", params={"q": "静岡"})
    page = place.sit(Role.ADMINISTRATOR).get("/audit").text
    assert "顧客の検索" in page
    assert "静岡" not in page


def test_an_allergy_needs_to_say_against_what(place: Place) -> None:
    customer_id = make_customer(place.shop_id)
    browser = place.sit(Role.CUSTOMER_SUCCESS)
    refused = browser.post(f"/customers/{customer_id}/flags", data={"kind": "allergy"})
    assert refused.status_code == 422
    assert "何に対するアレルギーかを入力してください。" in refused.text
    browser.post(f"/customers/{customer_id}/flags", data={"kind": "allergy", "subject": "そば", "note": "重い"})
    page = browser.get(f"/customers/{customer_id}").text
    assert "そば" in page
    assert "重い" in page
    ended = re.search(r'action="(/customers/[^"]+/flags/[^"]+/end)"', page)
    assert ended
    browser.post(ended[1])
    assert "重い" not in browser.get(f"/customers/{customer_id}").text


def test_a_consent_is_granted_and_withdrawn(place: Place) -> None:
    customer_id = make_customer(place.shop_id)
    browser = place.sit(Role.CUSTOMER_SUCCESS)
    for state in (ConsentState.GRANTED, ConsentState.DENIED):
        browser.post(f"/customers/{customer_id}/consents", data={"purpose": "marketing", "state": state.value})
        with session_scope([place.shop_id]) as session:
            assert get_profile(session, place.shop_id, customer_id).purposes[Purpose.MARKETING] is state


def test_erasing_needs_the_tick_and_leaves_nothing_to_read(place: Place) -> None:
    customer_id = make_customer(place.shop_id, name="静岡 茶子")
    browser = place.sit(Role.CUSTOMER_SUCCESS)
    assert browser.post(f"/customers/{customer_id}/erase").status_code == 422
    assert "静岡 茶子" in browser.get(f"/customers/{customer_id}").text
    browser.post(f"/customers/{customer_id}/erase", data={"confirmed": "yes"})
    page = browser.get(f"/customers/{customer_id}").text
    assert "この顧客の個人データは消去されています。" in page
    assert "静岡 茶子" not in page


def test_operators_look_but_do_not_erase(place: Place) -> None:
    customer_id = make_customer(place.shop_id)
    browser = place.sit(Role.OPERATOR)
    assert "個人データを消去する" not in browser.get(f"/customers/{customer_id}").text
    assert browser.post(f"/customers/{customer_id}/erase", data={"confirmed": "yes"}).status_code == 403


def test_an_order_number_leads_to_its_people(place: Place, run_jobs: RunJobs) -> None:
    take_order(place.shop, run_jobs, make_order(number="#8123", recipient=TARO))
    care = place.sit(Role.CUSTOMER_SUCCESS)
    with session_scope([place.shop_id]) as session:
        shipment = session.scalars(select(Shipment)).one()
        people = {str(shipment.customer_id), str(shipment.recipient_customer_id)}
        number = shipment.number
    for typed in ("#8123", "8123", "８１２３", number):
        assert set(re.findall(r'data-customer="([^"]+)"', care.get("/customers", params={"q": typed}).text)) == people
    assert not re.findall(r"data-customer=", care.get("/customers", params={"q": "#8124"}).text)


def test_a_customers_page_speaks_in_words(place: Place, run_jobs: RunJobs) -> None:
    take_order(place.shop, run_jobs)
    # The same person from another system, which knows less.
    take_order(place.shop, run_jobs, make_order(source="rakuten", buyer=replace(HANAKO, external_id="r-1", phone=None)))
    care = place.sit(Role.CUSTOMER_SUCCESS)
    with session_scope([place.shop_id]) as session:
        customer_id = session.scalars(select(Shipment.customer_id).limit(1)).one()
    address = f"/customers/{customer_id}"
    page = words(care.get(address).text)
    assert page.count("hanako@example.jp") == 1
    assert "商品 SKU-1" in page
    assert "楽天市場" in page
    assert care.post(f"{address}/complaints", data={"title": " "}).status_code == 422
    assert care.post(f"{address}/complaints", data={"title": "箱がつぶれていた"}).status_code == 303
    page = care.get(address).text
    assert "お申し出（苦情）" in words(page)
    close = re.search(rf"{address}/tickets/[0-9a-f-]+/close", page)
    assert close
    care.post(close[0])
    assert "解決済み" in words(care.get(address).text)
    assert not re.search(r"/tickets/", care.get(address).text)
    run_jobs()
