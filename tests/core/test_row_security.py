"""Row-level security with the filter removed on purpose: for every table of a shop, as the program's own role."""

from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, InternalError, ProgrammingError

from core.db import APP_ROLE, SYSTEM_ROLE, get_engine, session_scope, system_scope
from tests.factories.core import make_shop
from tests.filling import fill_tables, shop_tables

REFUSED = r"row-level security|permission denied"
TABLES = shop_tables()
OPEN_TABLES = [table.name for table in TABLES if not table.info.get("system_only")]
CLOSED_TABLES = [table.name for table in TABLES if table.info.get("system_only")]


@pytest.fixture(scope="module")
def shops(database_url: str) -> Iterator[tuple[UUID, UUID]]:
    """Two shops with a row in every table; they stay for the whole module, whose tests change nothing."""
    both = make_shop(), make_shop()
    owner = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with owner.begin() as connection:
        fill_tables(connection, both)
    yield both
    with owner.begin() as connection:
        connection.execute(sa.text("SELECT test_clean()"))


@pytest.mark.parametrize("table", OPEN_TABLES)
def test_a_select_without_a_filter_sees_the_named_shop_only(shops: tuple[UUID, UUID], table: str) -> None:
    with system_scope() as session:
        assert set(session.scalars(sa.text(f'SELECT shop_id FROM "{table}"'))) >= set(shops)
    for shop_id in shops:
        with session_scope([shop_id]) as session:
            assert set(session.scalars(sa.text(f'SELECT shop_id FROM "{table}"'))) == {shop_id}
    with session_scope([]) as session:
        assert session.scalars(sa.text(f'SELECT shop_id FROM "{table}"')).all() == []


@pytest.mark.parametrize("table", OPEN_TABLES)
def test_writing_without_a_filter_touches_the_named_shop_only(shops: tuple[UUID, UUID], table: str) -> None:
    mine, theirs = shops
    with get_engine().connect() as connection:
        for statement in (f'UPDATE "{table}" SET shop_id = shop_id', f'DELETE FROM "{table}"'):
            transaction = connection.begin()
            connection.execute(sa.text("SET LOCAL statement_timeout = '5s'"))
            connection.execute(sa.text("SELECT set_config('app.shop_ids', :shops, true)"), {"shops": f"{{{mine}}}"})
            # Append-only, or other rows of the same shop lean on it: nothing was touched then.
            with suppress(ProgrammingError, IntegrityError, InternalError):
                assert theirs not in set(connection.scalars(sa.text(f"{statement} RETURNING shop_id")))
            transaction.rollback()


@pytest.mark.parametrize("table", OPEN_TABLES)
def test_a_row_cannot_be_given_to_another_shop(shops: tuple[UUID, UUID], table: str) -> None:
    mine, theirs = shops
    move = sa.text(f'UPDATE "{table}" SET shop_id = :theirs')
    with (
        pytest.raises(ProgrammingError, match=REFUSED),
        session_scope([mine]) as session,
    ):
        session.execute(move, {"theirs": theirs})


@pytest.mark.parametrize("table", OPEN_TABLES)
def test_a_row_of_another_shop_cannot_be_written(shops: tuple[UUID, UUID], table: str) -> None:
    mine, theirs = shops
    columns = [
        column.name
        for column in next(t for t in TABLES if t.name == table).columns
        if column.identity is None and column.computed is None
    ]
    listed = ", ".join(f'"{name}"' for name in columns)
    taken = ", ".join(":theirs" if name == "shop_id" else f'"{name}"' for name in columns)
    copy = sa.text(f'INSERT INTO "{table}" ({listed}) SELECT {taken} FROM "{table}"').bindparams(
        sa.bindparam("theirs", theirs, sa.Uuid)
    )
    with (
        pytest.raises(ProgrammingError, match=REFUSED),
        session_scope([mine]) as session,
    ):
        session.execute(copy)


@pytest.mark.parametrize("table", CLOSED_TABLES)
def test_the_tables_of_sign_in_are_closed_to_the_programs_role(shops: tuple[UUID, UUID], table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), session_scope([shops[0]]) as session:
        session.execute(sa.text(f'SELECT 1 FROM "{table}"'))


@pytest.mark.parametrize("role", [APP_ROLE, SYSTEM_ROLE])
def test_no_role_of_the_program_can_bypass_the_policies(database_url: str, role: str) -> None:
    with system_scope() as session:
        found = session.execute(
            sa.text("SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = :role"), {"role": role}
        ).one()
    assert tuple(found) == (False, False, False)


def test_every_table_of_a_shop_has_its_policies(database_url: str) -> None:
    with system_scope() as session:
        secured = set(session.scalars(sa.text("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")))
    assert {table.name for table in TABLES} | {"shops"} <= secured


def test_a_pooled_connection_forgets_the_shops_of_the_transaction_before(shops: tuple[UUID, UUID]) -> None:
    with get_engine().connect() as connection:
        with connection.begin():
            connection.execute(sa.text("SELECT set_config('app.shop_ids', :shops, true)"), {"shops": f"{{{shops[0]}}}"})
            assert connection.scalars(sa.text("SELECT count(*) FROM jobs")).one() == 1
        with connection.begin():
            assert connection.scalars(sa.text("SELECT count(*) FROM jobs")).one() == 0
