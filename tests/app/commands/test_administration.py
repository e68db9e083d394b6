"""`soegaki user`, `key` and `audit`: what the person at the terminal can do, and is told."""

from collections.abc import Iterator

import psycopg
import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from app.commands import audit, keys, users
from app.first_administrator import add_first_administrator
from core import db
from core.audit.sealer import seal_entries
from core.auth.errors import GrantRefusedError, UserNotFoundError
from core.auth.principals import find_key_principal, find_user_principal
from core.auth.roles import Role
from core.auth.signing_in import sign_in
from core.db import system_scope
from core.settings import get_settings
from tests.factories.core import make_shop, make_warehouse


@pytest.fixture(autouse=True)
def program(database: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let commands find the services of the tests."""
    monkeypatch.setenv("SOEGAKI_DATABASE_URL", database)
    monkeypatch.setenv("SOEGAKI_REDIS_URL", redis_url)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()
    db.dispose()


def run(*words: str) -> Result:
    cli = Typer()
    for module in (users, keys, audit):
        module.register(cli)
    return CliRunner().invoke(cli, list(words))


def test_a_user_is_added_with_grants_and_the_printed_password_works() -> None:
    shop, warehouse = make_shop("tea"), make_warehouse("tokyo")
    grants = ("--grant", "operator@tea", "--grant", "packer@warehouse:tokyo")
    shown = run("user", "add", "hanako@example.com", "--name", "架空 花子", *grants).stdout
    email, password = shown.strip().split("\t")
    with system_scope() as session:
        principal = find_user_principal(session, sign_in(email, password, address="here").token)
    assert principal is not None
    assert principal.roles == {shop: frozenset({Role.OPERATOR})}
    assert principal.warehouse_ids == {warehouse}
    assert principal.must_change_password


def test_grants_are_added_and_taken_away() -> None:
    make_shop("tea")
    run("user", "add", "hanako@example.com", "--name", "架空 花子", "--grant", "operator@tea")
    run("user", "grant", "hanako@example.com", "--grant", "packer@tea")
    run("user", "revoke", "hanako@example.com", "--grant", "operator@tea")
    password = run("user", "password", "hanako@example.com").stdout.strip().split("\t")[1]
    with system_scope() as session:
        principal = find_user_principal(session, sign_in("hanako@example.com", password, address="here").token)
    assert principal is not None
    assert list(principal.roles.values()) == [frozenset({Role.PACKER})]


@pytest.mark.parametrize("grant", ["chef@tea", "operator@nowhere", "operator", "operator@warehouse:tokyo"])
def test_a_grant_that_cannot_be_is_refused_and_nothing_is_added(grant: str) -> None:
    make_shop("tea")
    make_warehouse("tokyo")
    result = run("user", "add", "hanako@example.com", "--name", "架空 花子", "--grant", grant)
    assert isinstance(result.exception, GrantRefusedError)
    assert isinstance(run("user", "password", "hanako@example.com").exception, UserNotFoundError)


def test_a_key_is_made_listed_rotated_and_revoked() -> None:
    make_shop("tea")
    key_id, text = run("key", "add", "shop system", "--role", "operator", "--at", "tea").stdout.strip().split("\t")
    assert key_id in run("key", "list").stdout
    successor, _ = run("key", "rotate", key_id, "--overlap-hours", "1").stdout.strip().split("\t")
    run("key", "revoke", key_id)
    assert key_id not in (listed := run("key", "list").stdout)
    assert successor in listed
    with system_scope() as session:
        assert find_key_principal(session, text) is None


def test_the_audit_chain_is_verified_and_its_first_broken_link_named(database: str) -> None:
    for slug in ("one", "two"):
        make_shop(slug)
        run("user", "add", f"{slug}@example.com", "--name", slug, "--grant", f"operator@{slug}")
        seal_entries()
    head = run("audit", "verify").stdout.strip()
    assert run("audit", "verify", "--expect", head).exit_code == 0

    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("UPDATE audit_entries SET tag = 'x' WHERE seal_number = 2 AND tag = 'auth:user:added'")
    result = run("audit", "verify")
    assert (result.exit_code, result.stdout.split(" ")[0]) == (1, "seal=2")
    assert "entry_changed" in result.stdout


def test_an_empty_installation_gets_one_administrator_once(capsys: pytest.CaptureFixture[str]) -> None:
    add_first_administrator()
    email, password = capsys.readouterr().out.strip().split("\t")
    add_first_administrator()
    assert capsys.readouterr().out == ""
    with system_scope() as session:
        principal = find_user_principal(session, sign_in(email, password, address="here").token)
    assert principal is not None
    assert principal.is_installation_administrator
