"""Screens and endpoints of the tables of law and of coupons: who may, what is refused, and what it changes."""

import pytest

from core.auth.roles import Role
from core.db import session_scope
from orders.catalogue.terms import load_services
from personalization.coupons.queries import list_series
from personalization.law import GIFT_LIMITS
from personalization.legal.service import list_gift_limits, load_law
from tests.browsing import Browser
from tests.warehouse_ui.conftest import Place

GIFTS = {"valid_from": "2027-04-01", "threshold": "1000", "flat": "300", "percent": "20", "source": "告示改正"}
SERIES = {
    "key": "winter",
    "source": "pool",
    "title-ja": "次回のお買い物で",
    "title-en": "On your next order",
    "value-ja": "500円引き",
    "value-en": "¥500 off",
    "valid_days": "60",
    "active": "1",
}


@pytest.mark.parametrize("address", ["/law", "/coupons", "/api/law/services", "/api/coupons"])
def test_who_may_not_is_told_so(place: Place, address: str) -> None:
    assert place.sit(Role.PACKER).get(address).status_code == 403
    assert place.sit(Role.CUSTOMER_SUCCESS).get(address).status_code == 403


def test_an_administrator_enters_a_limit_that_holds_from_its_day_on(place: Place) -> None:
    keeper = place.sit(Role.ADMINISTRATOR)
    assert keeper.post("/law/gifts", data={**GIFTS, "source": " "}).status_code == 422
    assert keeper.post("/law/gifts", data={**GIFTS, "valid_from": "2027-02-30"}).status_code == 422
    refused = keeper.post("/law/gifts", data={**GIFTS, "percent": "120"})
    assert "境以上のときの割合（パーセント）: 0〜100の数が必要です(入力: 120)" in refused.text
    assert keeper.post("/law/gifts", data=GIFTS).headers["location"] == "/law?done=law_saved"
    assert "告示改正" in keeper.get("/law").text
    with session_scope([place.shop_id]) as session:
        [entry] = list_gift_limits(session, place.shop_id)
        law = load_law(session, place.shop_id)
        assert law.find_gift_limit(entry.valid_from).for_transaction(500) == 300
        assert law.find_gift_limit(GIFT_LIMITS[0].valid_from).for_transaction(500) == 200
    assert keeper.post("/law/gifts/remove", data={"valid_from": GIFTS["valid_from"]}).status_code == 303
    assert keeper.post("/law/gifts/remove", data={"valid_from": GIFTS["valid_from"]}).status_code == 404


def test_an_operator_enters_what_a_service_carries(place: Place, operator: Browser) -> None:
    page = operator.get("/law/services/yamato_nekopos")
    assert "ネコポス" in page.text
    given = {"valid_from": "2027-04-01", "letter_class": "none", "max_thickness_mm": "25", "source": "約款改定"}
    assert operator.post("/law/services/yamato_nekopos", data={**given, "max_thickness_mm": "0"}).status_code == 422
    assert operator.post("/law/services/yamato_nekopos", data=given).status_code == 303
    assert "変わる予定" in operator.get("/law").text
    with session_scope([place.shop_id]) as session:
        assert load_services(session, place.shop_id)["yamato_nekopos"].terms[-1].max_thickness_mm == 25
    assert operator.get("/law/services/pigeon").status_code == 404


def test_the_tables_have_endpoints_too(operator: Browser) -> None:
    headers = {"accept": "application/json"}
    body = {"valid_from": "2027-04-01", "threshold": 1000, "flat": 250, "percent": 20, "source": "告示"}
    assert operator.put("/api/law/gift-limits", json=body, headers=headers).status_code == 200
    listed = operator.get("/api/law/gift-limits", headers=headers).json()
    assert [limit["flat"] for limit in listed] == [200, 250]
    terms = operator.get("/api/law/services", headers=headers).json()["japanpost_clickpost"][0]
    changed = {**terms, "valid_from": "2027-04-01", "max_weight_g": 900, "source": "約款"}
    assert operator.put("/api/law/services/japanpost_clickpost", json=changed, headers=headers).status_code == 200
    address = "/api/law/services/japanpost_clickpost/2027-04-01"
    assert operator.delete(address, headers=headers).status_code == 200
    assert operator.delete(address, headers=headers).status_code == 404


def test_a_series_is_made_filled_and_listed(place: Place, operator: Browser) -> None:
    page = operator.post("/coupons/save", data={**SERIES, "value-ja": "", "valid_days": "二週間"})
    assert page.status_code == 422
    assert "値引きの言い方（日本語）: 値が空です" in page.text
    assert "注文から何日間: 1〜3,650の整数が必要です(入力: 二週間)" in page.text
    assert operator.post("/coupons/save", data=SERIES).headers["location"] == "/coupons/winter?done=coupon_saved"
    assert "500円引き" in operator.get("/coupons/winter").text
    page = operator.post("/coupons/winter/codes", data={"codes": "A-1\nA-2\na-1\ntwo words\n"})
    assert "2件を加えました。重複 1件、使えない行 1件。" in page.text
    with session_scope([place.shop_id]) as session:
        [figures] = list_series(session, place.shop_id)
    assert (figures.free, figures.series.valid_days) == (2, 60)
    assert "次回のお買い物で" in operator.get("/coupons").text
    assert operator.get("/coupons/new").status_code == 200
    assert operator.get("/coupons/summer").status_code == 404
    headers = {"accept": "application/json"}
    added = operator.post("/api/coupons/winter/codes", json={"codes": ["A-3", "A-1"]}, headers=headers).json()
    assert added == {"added": 1, "repeated": 1, "refused": []}
    assert operator.get("/api/coupons/winter/redemptions", headers=headers).json() == []
