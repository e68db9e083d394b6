"""Why something is in a parcel or not, on the screen; asked by customer success, erased, and for strangers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.auth.roles import Role
from core.db import session_scope
from crm_link.service import erase_customer
from fulfillment.models import Shipment
from personalization.inserts import save_inserts
from tests.browsing import browse
from tests.factories.fulfillment import LEAFLET, RULES, ShippingShop, make_shipping_shop, publish, take_order
from tests.warehouse_ui.conftest import Place

RunJobs = Callable[..., int]
OFTEN = {"fact": "history.purchase_count", "with": {"skus": ["SKU-1"]}, "op": "at_least", "value": 3}
SAMPLE: dict[str, Any] = {
    **LEAFLET,
    "key": "tea-sample",
    "name": {"ja": "緑茶のお試し", "en": "Tea tester"},
    "kind": "sample",
    "gtin": "4900000000023",
}
ALONE: dict[str, Any] = {
    **SAMPLE,
    "key": "unused",
    "name": {"ja": "余りもの", "en": "Leftover"},
    "gtin": "4900000000030",
}
SAMPLE_RULE: dict[str, Any] = {
    "key": "sample-for-fans",
    "name": {"ja": "常連のお客様へ", "en": "For regulars"},
    "when": OFTEN,
    "then": [{"do": "enclose", "insert": "tea-sample"}],
}


@pytest.fixture
def shipment_id(place: Place, run_jobs: RunJobs) -> UUID:
    with session_scope([place.shop_id]) as session:
        save_inserts(session, place.shop_id, [LEAFLET, SAMPLE, ALONE])
    publish(place.shop_id, {**RULES, "rules": [*RULES["rules"], SAMPLE_RULE]})
    [made] = take_order(place.shop, run_jobs)
    return made


def test_the_parcel_says_at_once_why_something_is_not_in_it(place: Place, shipment_id: UUID) -> None:
    page = place.sit(Role.CUSTOMER_SUCCESS).get(f"/shipments/{shipment_id}").text
    assert "常連のお客様へ" in page
    assert "3回以上」ですが、実際は 0回" in page
    assert "お手紙" in page
    assert "thank_you_letter" not in page


@pytest.mark.parametrize("question", ["試供品", "サンプル", "ｻﾝﾌﾟﾙ", "緑茶", "sample-for-fans", "常連"])
def test_a_question_is_answered_however_it_is_asked(place: Place, shipment_id: UUID, question: str) -> None:
    page = place.sit(Role.CUSTOMER_SUCCESS).get(f"/shipments/{shipment_id}/why", params={"q": question}).text
    assert 'data-rule="sample-for-fans" data-outcome="not_matched"' in page
    assert "緑茶のお試し" in page
    assert 'data-rule="letter-and-leaflet"' not in page


def test_what_is_in_it_and_what_no_rule_gives_is_said(place: Place, shipment_id: UUID) -> None:
    browser = place.sit(Role.CUSTOMER_SUCCESS)
    assert "適用されています" in browser.get(f"/shipments/{shipment_id}/why", params={"q": "たより"}).text
    assert (
        "「余りもの」を入れるルールはありません"
        in browser.get(f"/shipments/{shipment_id}/why", params={"q": "余り"}).text
    )
    assert "見つかりません" in browser.get(f"/shipments/{shipment_id}/why", params={"q": "自転車"}).text


def test_the_answer_comes_as_a_fragment_and_in_english(place: Place, shipment_id: UUID) -> None:
    browser = place.sit(Role.OPERATOR, language="en")
    answer = browser.get(f"/shipments/{shipment_id}/why", params={"q": "tester"}, headers={"hx-request": "true"}).text
    assert "<html" not in answer
    assert "it needs “purchases (SKUs: " in answer
    assert "but it was 0 times" in answer


def test_the_customer_page_leads_there(place: Place, shipment_id: UUID) -> None:
    with session_scope([place.shop_id]) as session:
        customer_id = session.scalar(select(Shipment.customer_id))
    page = place.sit(Role.CUSTOMER_SUCCESS).get(f"/customers/{customer_id}").text
    assert f'href="/shipments/{shipment_id}/why"' in page
    assert f'href="/what-if?customer={customer_id}"' in page


def test_an_erased_decision_says_so(place: Place, shipment_id: UUID) -> None:
    with session_scope([place.shop_id]) as session:
        erase_customer(session, place.shop_id, session.scalars(select(Shipment.customer_id)).one() or shipment_id)
    page = place.sit(Role.CUSTOMER_SUCCESS).get(f"/shipments/{shipment_id}/why")
    assert page.status_code == 200
    assert "消去されました" in page.text


def test_reading_is_on_record(place: Place, shipment_id: UUID) -> None:
    place.sit(Role.CUSTOMER_SUCCESS).get(f"/shipments/{shipment_id}/why")
    page = place.sit(Role.OPERATOR).get(f"/shipments/{shipment_id}").text
    assert "入ったわけの閲覧" in page


def test_others_see_nothing(place: Place, shipment_id: UUID) -> None:
    path = f"/shipments/{shipment_id}/why"
    assert place.sit(Role.PACKER).get(path).status_code == 403
    elsewhere: ShippingShop = make_shipping_shop()
    assert browse(place.app, Role.OPERATOR, shop_ids=[elsewhere.shop_id]).get(path).status_code == 404
