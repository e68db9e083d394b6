"""Every route of the program: nobody unknown gets in, no wrong role, no other shop; and nothing breaks on the way."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.main import create_app
from core.auth.permissions import Permission
from core.auth.roles import EVERYBODY, Role
from core.db import system_scope
from tests.browsing import browse, call, visit
from tests.factories.core import make_shop
from tests.filling import fill_tables, shop_tables

APP = create_app()
PERMISSIONS: list[Permission] = sorted(APP.state.permissions.values(), key=lambda permission: permission.path)
GUARDED = [permission for permission in PERMISSIONS if not permission.public_reason]
PUBLIC = [permission for permission in PERMISSIONS if permission.public_reason]
SOME_ID = "01990000-0000-7000-8000-000000000000"


def name(permission: Permission) -> str:
    return f"{'/'.join(sorted(permission.methods)) or 'ANY'} {permission.path}"


def fill_path(path: str, ids: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: ids.get(match[1], SOME_ID), path)


def methods(permission: Permission) -> list[str]:
    return sorted(permission.methods - {"HEAD"}) or ["POST"]


def request(client: TestClient, method: str, path: str, **headers: str) -> Any:
    return client.request(method, path, headers=headers, json={} if method in {"POST", "PUT", "PATCH"} else None)


@pytest.fixture(scope="module")
def app(database_url: str) -> FastAPI:
    return APP


@pytest.fixture(scope="module")
def shops(database_url: str) -> Iterator[tuple[UUID, UUID, dict[str, str]]]:
    """An empty shop, a full one, and the ids of the full one's rows by the names they have in addresses."""
    mine, theirs = make_shop(), make_shop()
    engine = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with engine.begin() as connection:
        filled = fill_tables(connection, [theirs])
    ids = {singular(table): str(row) for (table, owner), row in filled.items() if owner == theirs}
    yield mine, theirs, ids
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT test_clean()"))


def singular(table: str) -> str:
    """Return the name of a parameter for a row of this table: `shipments` → `shipment_id`."""
    for plural, one in (("entries", "entry"), ("copies", "copy"), ("batches", "batch")):
        table = table.replace(plural, one)
    return f"{table.removesuffix('s')}_id"


def test_there_are_routes_and_every_public_one_says_why() -> None:
    assert len(GUARDED) > 20
    assert all(permission.public_reason for permission in PUBLIC)


@pytest.mark.parametrize("permission", GUARDED, ids=name)
def test_nobody_gets_in_without_sign_in(app: FastAPI, permission: Permission) -> None:
    for method in methods(permission):
        path = fill_path(permission.path, {})
        assert request(visit(app), method, path).status_code == 401
        page = request(visit(app), method, path, accept="text/html")
        assert page.status_code == (401 if path.startswith("/api/") else 303)
        assert page.headers.get("location", "/sign-in").startswith("/sign-in")


@pytest.mark.parametrize("permission", [p for p in GUARDED if p.roles != frozenset(EVERYBODY)], ids=name)
def test_the_wrong_role_is_refused(
    app: FastAPI, shops: tuple[UUID, UUID, dict[str, str]], permission: Permission
) -> None:
    mine, _, _ = shops
    others = [role for role in Role if role not in permission.roles]
    person, program = browse(app, *others, shop_ids=[mine]), call(app, *others, shop_ids=[mine])
    for method in methods(permission):
        for client in (person, program):
            answer = request(client, method, fill_path(permission.path, {}))
            assert (answer.status_code, answer.json()["code"]) == (403, "role_needed")


def fingerprint(shop_id: UUID) -> list[tuple[str, str | None]]:
    """Return a digest of each table's rows of a shop."""
    each = " UNION ALL ".join(
        f"SELECT '{table.name}', md5(string_agg(t::text, '|' ORDER BY t::text)) "
        f'FROM "{table.name}" t WHERE shop_id = :shop_id'
        for table in shop_tables()
    )
    with system_scope() as session:
        return [(row[0], row[1]) for row in session.execute(sa.text(each), {"shop_id": shop_id})]


@pytest.mark.parametrize("permission", GUARDED, ids=name)
def test_another_shops_things_are_not_there(
    app: FastAPI, shops: tuple[UUID, UUID, dict[str, str]], permission: Permission
) -> None:
    mine, theirs, ids = shops
    before = fingerprint(theirs)
    caller = browse(app, *permission.roles, shop_ids=[mine])
    path = fill_path(permission.path, ids)
    for method in methods(permission):
        answer = request(caller, method, path)
        if "{" in permission.path:
            assert answer.status_code in (403, 404, 409, 422), answer.text
        assert answer.status_code < 500, answer.text
        named = request(caller, method, path, **{"soegaki-shop": str(theirs)})
        assert named.status_code == (401 if path.endswith("/sign-out") else 404)
        assert not [row for row in ids.values() if row in answer.text and row not in path]
    assert fingerprint(theirs) == before


@pytest.mark.parametrize("permission", [p for p in GUARDED if "{" not in p.path], ids=name)
def test_the_right_role_gets_in(app: FastAPI, shops: tuple[UUID, UUID, dict[str, str]], permission: Permission) -> None:
    mine, _, _ = shops
    for method in methods(permission):
        answer = request(browse(app, *permission.roles, shop_ids=[mine]), method, permission.path)
        assert answer.status_code not in (401, 403, 404, 405), answer.text
        assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("permission", PUBLIC, ids=name)
def test_a_public_route_breaks_on_nothing(app: FastAPI, database: str, permission: Permission) -> None:
    with visit(app) as visitor:
        for method in methods(permission):
            for body in (b"", b"{", b'{"email": 1}'):
                answer = visitor.request(
                    method, fill_path(permission.path, {}), content=body, headers={"content-type": "application/json"}
                )
                assert answer.status_code < 500, answer.text
