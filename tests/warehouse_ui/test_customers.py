"""The customer's page: found as on the telephone, cared for, erased."""

import re

import pytest

from core.auth.roles import Role
from core.db import session_scope
from crm_link.kinds import ConsentState, Purpose
from crm_link.queries import get_profile
from tests.factories.crm_link import make_customer
from tests.warehouse_ui.conftest import Place

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
