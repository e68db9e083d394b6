"""Signing in and out, and the switches."""

import pytest
from fastapi import FastAPI

from core.auth.authority import Place as Where
from core.auth.roles import Role
from tests.browsing import browse, visit
from tests.factories.core import PASSWORD, make_shop, make_user
from tests.warehouse_ui.conftest import HTML, Place
from warehouse_ui.routes.session import safe_path

pytestmark = pytest.mark.usefixtures("database")


def sign_in(app: FastAPI, password: str = PASSWORD, next_path: str = "/") -> tuple[int, str, str]:
    shop_id = make_shop()
    user = make_user((Role.OPERATOR, Where(shop_id)), email="ec@example.com")
    answer = visit(app).post(
        "/sign-in", data={"email": user.email, "password": password, "next": next_path}, headers=HTML
    )
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_a_visitor_is_sent_to_sign_in_and_comes_back_afterwards(app: FastAPI) -> None:
    answer = visit(app).get("/shipments?state=held", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?reason=ended&next=%2Fshipments%3Fstate%3Dheld"


def test_the_right_password_opens_the_page_one_wanted(app: FastAPI) -> None:
    assert sign_in(app, next_path="/rules")[:2] == (303, "/rules")


def test_the_wrong_password_says_so_without_saying_which_part(app: FastAPI) -> None:
    status, _, text = sign_in(app, "not the password")
    assert status == 401
    assert "メールアドレスとパスワードの組み合わせが違います。" in text


@pytest.mark.parametrize("path", ["https://example.com/", "//example.com/", "/\\example.com", "shipments", ""])
def test_nobody_is_sent_to_another_site(path: str) -> None:
    assert safe_path(path) == "/"


def test_a_form_from_another_site_signs_nobody_in(app: FastAPI) -> None:
    headers = {**HTML, "origin": "https://example.com"}
    answer = visit(app).post("/sign-in", data={"email": "a@example.com", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403


def test_signing_out_ends_it(place: Place) -> None:
    browser = place.sit(Role.OPERATOR)
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert browser.get("/shipments").status_code == 303


def test_the_language_switch_is_remembered(place: Place) -> None:
    browser = place.sit(Role.OPERATOR)
    assert "出荷番号" in browser.get("/shipments").text or "該当する出荷" in browser.get("/shipments").text
    answer = browser.post("/preferences/language", data={"language": "en", "next": "/shipments"})
    assert answer.headers["location"] == "/shipments"
    page = browser.get("/shipments").text
    assert '<html lang="en"' in page
    assert "No shipment matches" in page


def test_the_browser_chooses_the_language_of_a_visitor(app: FastAPI) -> None:
    assert 'lang="en"' in visit(app).get("/sign-in", headers={**HTML, "accept-language": "en-GB,ja;q=0.5"}).text
    assert 'lang="ja"' in visit(app).get("/sign-in", headers={**HTML, "accept-language": "fr"}).text


def test_whoever_has_several_shops_is_asked_for_one(app: FastAPI) -> None:
    shops = [make_shop(), make_shop()]
    browser = browse(app, Role.OPERATOR, shop_ids=shops)
    browser.headers.update(HTML)
    assert browser.get("/shipments").headers["location"] == "/choose-shop?next=%2Fshipments"
    browser.post("/preferences/shop", data={"shop": str(shops[1]), "next": "/shipments"})
    assert browser.get("/shipments").status_code == 200


def test_a_packer_starts_at_the_bench_and_sees_no_customers(place: Place) -> None:
    browser = place.sit(Role.PACKER)
    assert browser.get("/").headers["location"] == "/bench"
    page = browser.get("/bench").text
    assert 'href="/bench"' in page
    assert 'href="/customers"' not in page
    assert browser.get("/customers").status_code == 403


def test_the_password_is_changed_only_with_the_current_one(place: Place) -> None:
    browser = place.sit(Role.OPERATOR)
    form = {"current": "wrong", "wanted": "a sentence of my own", "repeated": "a sentence of my own"}
    assert "今のパスワードが違います。" in browser.post("/account/password", data=form).text
    done = browser.post("/account/password", data={**form, "current": PASSWORD})
    assert done.headers["location"] == "/account?done=password_changed"
