"""Every route of the program: nobody unknown gets in, no wrong role, no other shop; and nothing breaks on the way."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple
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
from tests.sampling import Ids, Sample, fill_path, sample_routes

APP = create_app()
PERMISSIONS: list[Permission] = sorted(APP.state.permissions.values(), key=lambda permission: permission.path)
GUARDED = [permission for permission in PERMISSIONS if not permission.public_reason]
PUBLIC = [permission for permission in PERMISSIONS if permission.public_reason]


def name(permission: Permission) -> str:
    return f"{'/'.join(sorted(permission.methods)) or 'ANY'} {permission.path}"


def methods(permission: Permission) -> list[str]:
    return sorted(permission.methods - {"HEAD"}) or ["POST"]


@lru_cache(maxsize=4)
def samples(ids: tuple[tuple[str, str], ...]) -> dict[Any, Sample]:
    return sample_routes(APP, dict(ids))


def request(client: TestClient, method: str, permission: Permission, ids: Ids | None = None, **headers: str) -> Any:
    """Send a well-formed request, with these rows' ids wherever one is asked for."""
    sample = samples(tuple(sorted((ids or {}).items())))[permission.endpoint]
    return client.request(method, sample.path, headers=headers, **sample.arguments())


@pytest.fixture(scope="module")
def app(database_url: str) -> FastAPI:
    return APP


class Shops(NamedTuple):
    """An empty shop, a full one, the ids of the full one's rows by the names they have in addresses, and what it holds:
    nothing of it may ever change.
    """

    mine: UUID
    theirs: UUID
    ids: dict[str, str]
    held: dict[str, str | None]


@pytest.fixture(scope="module")
def shops(database_url: str) -> Iterator[Shops]:
    mine, theirs = make_shop(), make_shop()
    engine = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with engine.begin() as connection:
        filled = fill_tables(connection, [theirs])
    ids = {singular(table): str(row) for (table, owner), row in filled.items() if owner == theirs}
    yield Shops(mine, theirs, ids, fingerprint(theirs))
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
        assert request(visit(app), method, permission).status_code == 401
        page = request(visit(app), method, permission, accept="text/html")
        assert page.status_code == (401 if permission.path.startswith("/api/") else 303)
        assert page.headers.get("location", "/sign-in").startswith("/sign-in")


@pytest.mark.parametrize("permission", [p for p in GUARDED if p.roles != frozenset(EVERYBODY)], ids=name)
def test_the_wrong_role_is_refused(app: FastAPI, shops: Shops, permission: Permission) -> None:
    mine = shops.mine
    others = [role for role in Role if role not in permission.roles]
    person, program = browse(app, *others, shop_ids=[mine]), call(app, *others, shop_ids=[mine])
    for method in methods(permission):
        for client in (person, program):
            answer = request(client, method, permission)
            assert (answer.status_code, answer.json()["code"]) == (403, "role_needed")


@cache
def write_fingerprint() -> sa.TextClause:
    return sa.text(
        " UNION ALL ".join(
            f"SELECT '{table.name}', md5(string_agg(t::text, '|' ORDER BY t::text)) "
            f'FROM "{table.name}" t WHERE shop_id = :shop_id'
            for table in shop_tables()
        )
    )


def fingerprint(shop_id: UUID) -> dict[str, str | None]:
    """Return a digest of each table's rows of a shop; the database gives them in any order."""
    with system_scope() as session:
        return {row[0]: row[1] for row in session.execute(write_fingerprint(), {"shop_id": shop_id})}


@pytest.mark.parametrize("permission", GUARDED, ids=name)
def test_another_shops_things_are_not_there(app: FastAPI, shops: Shops, permission: Permission) -> None:
    mine, theirs, ids, held = shops
    caller = browse(app, *permission.roles, shop_ids=[mine])
    for method in methods(permission):
        answer = request(caller, method, permission, ids)
        if "{" in permission.path:
            assert answer.status_code in (403, 404, 409, 422), answer.text
        assert answer.status_code < 500, answer.text
        named = request(caller, method, permission, ids, **{"soegaki-shop": str(theirs)})
        assert named.status_code == (401 if permission.path.endswith("/sign-out") else 404)
        sent = str(answer.request.url) + answer.request.content.decode(errors="replace")
        assert not [row for row in ids.values() if row in answer.text and row not in sent]
    assert fingerprint(theirs) == held


@pytest.mark.parametrize("permission", [p for p in GUARDED if "{" not in p.path], ids=name)
def test_the_right_role_gets_in(app: FastAPI, shops: Shops, permission: Permission) -> None:
    mine = shops.mine
    for method in methods(permission):
        answer = request(browse(app, *permission.roles, shop_ids=[mine]), method, permission)
        assert not re.search("role_needed|sign_in_needed|csrf_failed|http_4", answer.text), answer.text
        assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("permission", PUBLIC, ids=name)
@pytest.mark.usefixtures("shops")  # Beside which no test may empty the database.
def test_a_public_route_breaks_on_nothing(app: FastAPI, permission: Permission) -> None:
    with visit(app) as visitor:
        for method in methods(permission):
            for body in (b"", b"{", b'{"email": 1}'):
                answer = visitor.request(
                    method, fill_path(permission.path, {}), content=body, headers={"content-type": "application/json"}
                )
                assert answer.status_code < 500, answer.text
