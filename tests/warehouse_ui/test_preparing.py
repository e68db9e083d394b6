"""Inserts, imports, users, attention: what is prepared at the desk."""

import re

import pytest

from core.auth.roles import Role
from core.db import session_scope
from personalization.inserts import list_inserts, list_stock
from tests.browsing import Browser
from tests.warehouse_ui.conftest import Place, RunJobs

pytestmark = pytest.mark.usefixtures("database")

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)
CARD = {"key": "card", "name-ja": "カード", "name-en": "Card", "kind": "leaflet", "letter_class": "none"}
FORM = {**CARD, "when_out": "skip", "stocked": "1", "active": "1", "weight_g": "5", "thickness_mm": "0.5"}


def test_an_insert_is_added_with_its_picture(place: Place, operator: Browser) -> None:
    answer = operator.post("/inserts/save", data=FORM, files={"picture_file": ("card.png", PNG, "image/png")})
    assert answer.headers["location"] == "/inserts?done=insert_saved"
    picture = re.search(r'src="(/files/pictures/[^"]+)"', operator.get("/inserts").text)
    assert picture
    shown = operator.get(picture[1])
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")


def test_a_broken_insert_is_refused_with_its_reason(place: Place, operator: Browser) -> None:
    answer = operator.post("/inserts/save", data={**FORM, "gtin": "4900000000017"})
    assert answer.status_code == 422
    answer = operator.post("/inserts/save", data={**FORM, "unit_cost": "12.5", "weight_g": "1e23"})
    assert "費用（円）: 0〜1,000,000の整数が必要です(入力: 12.5)" in answer.text
    assert "重さ（g）: 0〜1,000,000の数値が必要です(入力: 1e23)" in answer.text
    answer = operator.post("/inserts/save", data={**FORM, "unit_cost": "1,2", "weight_g": "１，０００"})
    assert "費用（円）: 0〜1,000,000の整数が必要です(入力: 1,2)" in answer.text
    assert "重さ（g）:" not in answer.text
    with session_scope([place.shop_id]) as session:
        assert [insert.key for insert in list_inserts(session, place.shop_id)] == ["leaflet"]


def test_saving_an_insert_as_it_is_shown_changes_nothing(place: Place, operator: Browser) -> None:
    page = operator.get("/inserts/leaflet/edit").text
    assert 'value="4900000000016"' in page or 'value="04900000000016"' in page


def test_stock_is_counted_only_where_a_number_was_given(place: Place, operator: Browser) -> None:
    operator.post("/inserts/save", data=FORM)
    form = {"warehouse": str(place.shop.warehouse_id), "count:leaflet": "7", "count:card": ""}
    operator.post("/inserts/stock", data=form)
    with session_scope([place.shop_id]) as session:
        assert {level.insert_key: level.counted for level in list_stock(session, place.shop_id)} == {"leaflet": 7}


def test_a_file_is_imported_and_what_was_rejected_comes_back_to_be_mended(
    place: Place, operator: Browser, run_jobs: RunJobs
) -> None:
    data = "会員ID,氏名,メールアドレス\nC1,静岡 茶子,cha@example.jp\nC2,浜松 次郎,not-an-address\n".encode("cp932")
    answer = operator.post(
        "/imports", data={"importer": "crm_link.customers"}, files={"file": ("people.csv", data, "text/csv")}
    )
    address = answer.headers["location"]
    page = operator.get(address).text
    assert 'id="start-import"' in page
    chosen = dict(re.findall(r'<select id="(field-[^"]+)".*?<option value="([^"]*)" selected', page))
    operator.post(f"{address}/start", data=chosen)
    run_jobs()
    done = operator.get(address).text
    assert 'data-state="done"' in done
    assert re.search(r'data-count="new"><span class="figure-number">[12]<', done)


def test_a_file_that_is_no_table_is_refused_in_words(operator: Browser) -> None:
    files = {"file": ("x.csv", b"\x00\x01\x02\xff\xfe", "text/csv")}
    answer = operator.post("/imports", data={"importer": "crm_link.customers"}, files=files)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_an_administrator_adds_a_user_who_gets_a_password_once(place: Place) -> None:
    browser = place.sit(Role.ADMINISTRATOR)
    form = {"email": "new@example.com", "name": "新人 はなこ", "role": "packer", "place": f"shop:{place.shop_id}"}
    page = browser.post("/users", data=form).text
    assert re.search(r"data-password>[^<]{10,}<", page)
    again = browser.get("/users").text
    assert "新人 はなこ" in again
    assert "data-password" not in again
    assert browser.post("/users", data=form).status_code == 409


def test_nothing_waits_for_attention_at_first(operator: Browser) -> None:
    assert "確認が必要な注文データはありません" in operator.get("/attention").text
