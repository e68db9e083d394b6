"""Migrations: from empty to now, nothing the models say is left out, and no shop-owned table without its policy."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DatabaseError, ProgrammingError

from app.metadata import load_metadata
from app.migrations.security import APPEND_ONLY, SHOP_POLICY, SYSTEM_POLICY
from app.migrations.service import check_models, find_head, find_revision, migrate
from core.db import APP_ROLE, SYSTEM_ROLE, session_scope, system_scope
from core.embedded.lease import Addresses
from core.ids import new_id
from core.tenancy import Shop
from tests.architecture.sources import list_python, read


@pytest.fixture
def empty_database(services: tuple[Path, Addresses], worker_name: str) -> Iterator[Engine]:
    """A new database with nothing in it."""
    admin = make_url(services[1].database_url)
    name = f"empty_{worker_name}"
    with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        url = admin.set(database=name, drivername="postgresql+psycopg")
        yield create_engine(url, poolclass=NullPool)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute("DROP ROLE IF EXISTS plain_owner")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=NullPool).connect() as opened:
        yield opened


def test_an_empty_database_comes_up_to_date_and_a_second_time_changes_nothing(empty_database: Engine) -> None:
    assert find_revision(empty_database.url) is None
    migrate(empty_database.url)
    assert find_revision(empty_database.url) == find_head()
    migrate(empty_database.url)
    check_models(empty_database.url)


def test_a_login_without_special_rights_can_migrate_and_work(empty_database: Engine) -> None:
    """Your own PostgreSQL: the login owns the database and may create roles, as docs/settings.md asks for, no more."""
    name = empty_database.url.database
    with empty_database.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text("DROP ROLE IF EXISTS plain_owner"))
        admin.execute(text("CREATE ROLE plain_owner LOGIN CREATEROLE"))
        admin.execute(text(f"ALTER DATABASE {name} OWNER TO plain_owner"))
        # The roles of the other databases of this server are there already: an administrator's word is needed once.
        admin.execute(text(f"GRANT {APP_ROLE}, {SYSTEM_ROLE} TO plain_owner"))
    url = empty_database.url.set(username="plain_owner")
    migrate(url)
    migrate(url)
    for role in (APP_ROLE, SYSTEM_ROLE):
        engine = create_engine(url, poolclass=NullPool, connect_args={"options": f"-c role={role}"})
        with engine.connect() as opened:
            assert opened.execute(text("SELECT count(*) FROM shops")).scalar_one() == 0


def test_every_file_with_tables_is_known_to_the_migrations() -> None:
    known = {mapper.__module__ for mapper in _list_classes()}
    written = {
        ".".join(path.with_suffix("").parts)
        for path in list_python("core", "crm_link", "orders", "personalization", "documents", "fulfillment")
        if "__tablename__ =" in read(path)
    }
    assert written == known


def _list_classes() -> list[type]:
    load_metadata()
    return [mapper.class_ for mapper in Shop.registry.mappers]


def test_every_table_of_a_shop_has_its_policies(connection: Connection) -> None:
    owned = {name for name, table in load_metadata().tables.items() if "shop_id" in table.columns} | {"shops"}
    rows = connection.execute(
        text(
            "SELECT tablename, policyname, roles::text[] AS roles, qual, with_check FROM pg_policies "
            "WHERE schemaname = 'public'"
        )
    ).all()
    secured = connection.execute(text("SELECT relname FROM pg_class WHERE relrowsecurity")).scalars().all()
    assert owned <= set(secured)
    for table in owned:
        policies = {row.policyname: row for row in rows if row.tablename == table}
        assert set(policies) == {SHOP_POLICY, SYSTEM_POLICY}, table
        mine = policies[SHOP_POLICY]
        assert mine.roles == [APP_ROLE]
        assert "app.shop_ids" in mine.qual
        assert mine.qual == mine.with_check
        assert policies[SYSTEM_POLICY].roles == [SYSTEM_ROLE]


def test_the_roles_of_the_program_cannot_pass_the_policies(connection: Connection) -> None:
    rows = connection.execute(
        text("SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = ANY (:names)"),
        {"names": [APP_ROLE, SYSTEM_ROLE]},
    ).all()
    assert sorted(tuple(row) for row in rows) == [(APP_ROLE, False, False, False), (SYSTEM_ROLE, False, False, False)]
    owners = connection.execute(text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")).scalars()
    assert not {APP_ROLE, SYSTEM_ROLE} & set(owners)


@pytest.fixture
def two_shops(database: str) -> tuple[UUID, UUID]:
    mine, other = new_id(), new_id()
    with system_scope() as session:
        for shop_id in (mine, other):
            session.add(Shop(id=shop_id, slug=f"shop-{shop_id}", name="店", name_en="Shop"))
    return mine, other


def test_no_statement_reaches_the_rows_of_a_shop_that_was_not_named(two_shops: tuple[UUID, UUID]) -> None:
    mine, other = two_shops
    with session_scope([mine]) as session:
        assert session.execute(text("SELECT count(*) FROM shops")).scalar_one() == 1
        changed = session.execute(text("UPDATE shops SET name = 'taken' RETURNING id")).scalars().all()
        assert changed == [mine]
        assert session.execute(text("DELETE FROM shops WHERE id = :id RETURNING id"), {"id": other}).all() == []


@pytest.mark.parametrize("statement", ["SET ROLE postgres", "ALTER TABLE shops DISABLE ROW LEVEL SECURITY"])
def test_the_program_cannot_lift_the_policies(two_shops: tuple[UUID, UUID], statement: str) -> None:
    with pytest.raises(DatabaseError), session_scope([two_shops[0]]) as session:
        session.execute(text(statement))


KEPT = sorted(name for name, table in load_metadata().tables.items() if table.info.get("never_deleted"))


def test_what_is_named_without_a_foreign_key_is_never_deleted() -> None:
    # Decision 0146: units and copies name rows of these.
    assert KEPT == ["files", "inserts", "print_jobs", "products", "template_versions"]


@pytest.mark.parametrize("table", [*sorted(APPEND_ONLY), *KEPT])
@pytest.mark.parametrize("open_scope", [lambda: session_scope([]), system_scope], ids=["app", "system"])
def test_what_is_recorded_cannot_be_taken_back(database: str, table: str, open_scope: Callable[..., object]) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), open_scope() as session:  # type: ignore[attr-defined]
        session.execute(text(f"DELETE FROM {table}"))
