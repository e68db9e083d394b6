"""Administration: how far an administrator's word reaches, through the endpoints."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.main import create_app
from core.auth.authority import Place
from core.auth.roles import Role
from core.ids import new_id
from tests.browsing import Browser, browse, call, visit
from tests.conftest import FixedClock
from tests.factories.core import PASSWORD, make_key, make_shop, make_user, make_warehouse


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app()


@pytest.fixture
def shop(database: str) -> UUID:
    return make_shop("mine")


@pytest.fixture
def chief(app: FastAPI, shop: UUID) -> Iterator[Browser]:
    """The administrator of the installation."""
    with Browser(app, make_user((Role.ADMINISTRATOR, Place()), name="長")) as browser:
        yield browser


@pytest.fixture
def head(app: FastAPI, shop: UUID) -> Browser:
    """The administrator of the shop."""
    return browse(app, Role.ADMINISTRATOR, shop_ids=[shop])


def sign_in(app: FastAPI, email: str, password: str) -> TestClient:
    client = visit(app)
    answer = client.post("/api/auth/sign-in", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    client.headers["x-csrf-token"] = answer.json()["csrf_token"]
    return client


def test_a_new_user_signs_in_changes_the_password_and_signs_out(app: FastAPI, head: Browser, shop: UUID) -> None:
    given = {"email": "new@example.com", "name": "新人", "grants": [{"role": "packer", "shop_id": str(shop)}]}
    made = head.post("/api/users", json=given).json()
    person = sign_in(app, "new@example.com", made["password"])
    me = person.get("/api/auth/me").json()
    assert (me["must_change_password"], me["shops"]) == (True, [{"shop_id": str(shop), "roles": ["packer"]}])

    changed = person.post("/api/auth/password", json={"old": made["password"], "new": "something long and new"})
    assert changed.status_code == 204
    assert person.get("/api/auth/me").json()["must_change_password"] is False
    assert person.post("/api/auth/sign-out").status_code == 204
    assert person.get("/api/auth/me").status_code == 401
    sign_in(app, "new@example.com", "something long and new")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "password1234", "HANAKO@example.com"])
def test_a_password_that_everybody_guesses_is_refused(app: FastAPI, shop: UUID, password: str) -> None:
    person = Browser(app, make_user((Role.PACKER, Place(shop)), email="hanako@example.com"))
    answer = person.post("/api/auth/password", json={"old": PASSWORD, "new": password})
    assert (answer.status_code, answer.json()["code"]) == (422, "weak_password")


def test_an_administrator_of_a_shop_reaches_that_shop_only(app: FastAPI, head: Browser, shop: UUID) -> None:
    other = make_shop("other")
    stranger = make_user((Role.OPERATOR, Place(other)), email="stranger@example.com")
    both = make_user((Role.OPERATOR, Place(shop)), (Role.OPERATOR, Place(other)))
    own = make_user((Role.OPERATOR, Place(shop)))

    listed = {user["id"]: user["grants"] for user in head.get("/api/users").json()}
    assert set(listed) == {str(head.user.id), str(both.id), str(own.id)}
    assert {grant["shop_id"] for grants in listed.values() for grant in grants} == {str(shop)}

    for place in ({"shop_id": str(other)}, {"warehouse_id": str(make_warehouse())}, {"shop_id": str(new_id())}):
        grant = {"role": "packer"} | place
        assert head.post(f"/api/users/{own.id}/grants", json=grant).json()["code"] == "shop_not_found"
    assert head.post(f"/api/users/{own.id}/grants", json={"role": "administrator"}).json()["code"] == "shop_not_found"
    for user_id in (stranger.id, both.id, new_id()):
        for act in ("disable", "enable", "password"):
            assert head.post(f"/api/users/{user_id}/{act}").json()["code"] == "user_not_found"
    assert head.post(f"/api/users/{own.id}/disable").status_code == 204


def test_nobody_gives_away_what_is_not_theirs_by_creating_a_user(head: Browser) -> None:
    other = make_shop("other")
    given = {"email": "new@example.com", "name": "新人", "grants": [{"role": "operator", "shop_id": str(other)}]}
    assert head.post("/api/users", json=given).json()["code"] == "shop_not_found"
    assert len(head.get("/api/users").json()) == 1


@pytest.mark.parametrize(
    "grant",
    [
        {"role": "operator"},
        {"role": "operator", "warehouse_id": "W"},
        {"role": "packer", "warehouse_id": "W", "shop_id": "S"},
    ],
)
def test_a_role_that_cannot_be_held_there_is_refused(chief: Browser, shop: UUID, grant: dict[str, str]) -> None:
    real = {"W": str(make_warehouse()), "S": str(shop)}
    answer = chief.post(f"/api/users/{chief.user.id}/grants", json={k: real.get(v, v) for k, v in grant.items()})
    assert (answer.status_code, answer.json()["code"]) == (422, "grant_refused")


def test_the_last_administrator_stays(app: FastAPI, chief: Browser) -> None:
    grant = {"role": "administrator"}
    for act, body in (("disable", None), ("grants/revoke", grant)):
        assert chief.post(f"/api/users/{chief.user.id}/{act}", json=body).json()["code"] == "last_administrator"
    second = make_user((Role.ADMINISTRATOR, Place()))
    assert chief.post(f"/api/users/{chief.user.id}/grants/revoke", json=grant).status_code == 204
    assert chief.get("/api/users").status_code == 403
    assert Browser(app, second).get("/api/users").status_code == 200


def test_a_revoked_role_is_gone_at_the_next_request(app: FastAPI, head: Browser, shop: UUID) -> None:
    operator = browse(app, Role.OPERATOR, shop_ids=[shop])
    assert operator.get("/api/shipments").status_code == 200
    grant = {"role": "operator", "shop_id": str(shop)}
    assert head.post(f"/api/users/{operator.user.id}/grants/revoke", json=grant).status_code == 204
    assert operator.get("/api/shipments").status_code == 403


def test_an_email_address_is_taken_once(head: Browser, shop: UUID) -> None:
    given = {"email": "New@Example.com", "name": "新人", "grants": [{"role": "packer", "shop_id": str(shop)}]}
    assert head.post("/api/users", json=given).status_code == 201
    again = head.post("/api/users", json=given | {"email": " new@example.com"})
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")


def test_a_key_is_made_used_rotated_and_revoked(app: FastAPI, head: Browser, shop: UUID, clock: FixedClock) -> None:
    made = head.post("/api/keys", json={"name": "shop", "roles": ["operator"], "shop_ids": [str(shop)]}).json()
    old = visit(app)
    old.headers["authorization"] = f"Bearer {made['key']}"
    assert old.get("/api/shipments").status_code == 200

    rotated = head.post(f"/api/keys/{made['id']}/rotate", json={"overlap_hours": 1}).json()
    new = visit(app)
    new.headers["authorization"] = f"Bearer {rotated['key']}"
    assert (old.get("/api/shipments").status_code, new.get("/api/shipments").status_code) == (200, 200)
    clock.advance(hours=2)
    assert (old.get("/api/shipments").status_code, new.get("/api/shipments").status_code) == (401, 200)

    listed = head.get("/api/keys").json()
    assert [key["id"] for key in listed] == [rotated["id"]]
    assert made["key"] not in str(listed)
    assert head.post(f"/api/keys/{rotated['id']}/revoke").status_code == 204
    assert new.get("/api/shipments").status_code == 401


def test_another_shops_key_is_not_there(head: Browser, shop: UUID) -> None:
    other = make_shop("other")
    theirs, _ = make_key([Role.OPERATOR], shop_ids=[other])
    shared, _ = make_key([Role.OPERATOR], shop_ids=[shop, other])
    assert head.get("/api/keys").json() == []
    for key_id in (theirs, shared, new_id()):
        assert head.post(f"/api/keys/{key_id}/revoke").json()["code"] == "api_key_not_found"
        assert head.post(f"/api/keys/{key_id}/rotate", json={}).json()["code"] == "api_key_not_found"
    wide = {"name": "x", "roles": ["operator"], "shop_ids": [str(shop), str(other)]}
    assert head.post("/api/keys", json=wide).json()["code"] == "shop_not_found"


def test_a_key_cannot_act_as_a_person(app: FastAPI, shop: UUID) -> None:
    program = call(app, Role.OPERATOR, shop_ids=[shop])
    for path, body in (("sign-out", None), ("shop", {"shop_id": None}), ("password", {"old": "x", "new": "y" * 12})):
        assert program.post(f"/api/auth/{path}", json=body).json()["code"] == "not_for_keys"


def test_signing_in_is_refused_to_other_sites_and_after_too_many_tries(app: FastAPI, shop: UUID) -> None:
    user = make_user((Role.PACKER, Place(shop)))
    good = {"email": user.email, "password": PASSWORD}
    for headers in ({"origin": "https://evil.example.com"}, {"sec-fetch-site": "cross-site"}):
        answer = visit(app).post("/api/auth/sign-in", json=good, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    for _ in range(5):
        assert visit(app).post("/api/auth/sign-in", json=good | {"password": "x"}).status_code == 401
    slow = visit(app).post("/api/auth/sign-in", json=good)
    assert (slow.status_code, slow.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(slow.headers["retry-after"]) <= 30


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: FastAPI, shop: UUID) -> None:
    user = make_user((Role.PACKER, Place(shop)))
    answer = visit(app).post("/api/auth/sign-in", json={"email": user.email, "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_who_holds_no_role_can_only_look_at_themselves_and_leave(app: FastAPI, shop: UUID) -> None:
    nobody = Browser(app, make_user())
    assert nobody.get("/api/auth/me").json()["shops"] == []
    assert nobody.get("/api/shipments").status_code == 403
    assert nobody.post("/api/auth/sign-out").status_code == 204
