"""Signing in and out, and the switches."""

import pytest
from fastapi import FastAPI

from core.auth.authority import Place as Where
from core.auth.models import User
from core.auth.roles import Role
from core.db import system_scope
from core.web import cookie_name
from tests.browsing import Browser, browse, visit
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
    assert answer.headers["location"] == "/sign-in?next=%2Fshipments%3Fstate%3Dheld"


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


def test_who_has_a_drawn_password_chooses_one_first(app: FastAPI) -> None:
    shop_id = make_shop()
    user = make_user((Role.OPERATOR, Where(shop_id)), email="new@example.com")
    with system_scope() as session:
        session.get_one(User, user.id).must_change_password = True
    browser = Browser(app, user)
    assert browser.get("/shipments", headers=HTML).headers["location"] == "/account"
    assert browser.get("/api/shipments").json()["code"] == "password_change_needed"
    assert browser.post("/waves", headers=HTML).headers["location"] == "/account"
    assert browser.get("/account", headers=HTML).status_code == 200
    fresh = "すこし長い ことば 42"
    changed = {"current": PASSWORD, "wanted": fresh, "repeated": fresh}
    assert browser.post("/account/password", data=changed).status_code == 303
    assert browser.get("/shipments", headers=HTML).status_code == 200


def test_who_was_never_signed_in_is_not_told_to_do_it_again(app: FastAPI) -> None:
    again = "もう一度サインイン"
    stranger = visit(app)
    assert again not in stranger.get(stranger.get("/shipments", headers=HTML).headers["location"]).text
    stranger.cookies.set(cookie_name(), "a sign-in of last week")
    assert again in stranger.get(stranger.get("/shipments", headers=HTML).headers["location"]).text


def test_a_broken_id_in_an_address_is_a_page_that_is_not_there(app: FastAPI) -> None:
    shop_id = make_shop()
    browser = browse(app, Role.OPERATOR, shop_ids=[shop_id])
    answer = browser.get("/shipments/not-an-id", headers=HTML)
    assert answer.status_code == 404
    assert "このアドレスのページはありません。" in answer.text
    assert browser.get("/api/shipments/not-an-id").status_code == 422
