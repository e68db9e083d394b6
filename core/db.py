"""The database: base classes of tables, engines by role, and the one place that commits.

Two roles: `soegaki_app` sees the shops its transaction names; `soegaki_system` sees all, for sweepers and look-ups
before a shop is known.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import (
    ARRAY,
    URL,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Enum,
    ForeignKey,
    Integer,
    MetaData,
    Text,
    Uuid,
    any_,
    create_engine,
    event,
    literal,
    make_url,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapped,
    Session,
    declared_attr,
    mapped_column,
    sessionmaker,
)

from core import id_lists, rowsets
from core.ids import new_id
from core.settings import get_settings

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
APP_ROLE: Final = "soegaki_app"
SYSTEM_ROLE: Final = "soegaki_system"
# Marks a column that holds a person's data: erasure must empty it.
PERSONAL: Final = {"personal": True}
# Marks (as its info) a table of which the program's own role sees nothing: secrets of sign-in, seals.
SYSTEM_ONLY: Final = {"system_only": True}
# Marks a table from which the program may delete nothing: others name its rows without a foreign key.
NEVER_DELETED: Final = {"never_deleted": True}

id_lists.register()
rowsets.register()
_READER: Final = "system statements"
_url: URL | None = None
_engines: dict[str, Engine] = {}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it as a class attribute)
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(Integer),
        list[UUID]: ARRAY(Uuid),
    }


class Keyed:
    """A table with a UUIDv7 of its own."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-20)


class ShopOwned:
    """A table whose every row belongs to one shop; the database shows it only to transactions that name the shop."""

    @declared_attr
    def shop_id(cls) -> Mapped[UUID]:  # noqa: N805 (SQLAlchemy calls it with the class)
        return mapped_column(ForeignKey("shops.id"), sort_order=-10)


class PartOfShop(ShopOwned):
    """A table whose rows each belong to another row, by a foreign key, and to that one's shop.

    The shop itself is not looked up for each of them: they are the most, and their owner was.
    """

    @declared_attr
    def shop_id(cls) -> Mapped[UUID]:  # noqa: N805 (SQLAlchemy calls it with the class)
        return mapped_column(sort_order=-10)


def enum_column(kind: type[StrEnum]) -> Enum:
    """Return the column type of a StrEnum stored as its text."""
    return Enum(kind, native_enum=False, length=40, values_callable=lambda members: [m.value for m in members])


def is_among(column: InstrumentedAttribute[Any], ids: Collection[UUID]) -> ColumnElement[bool]:
    """Return a condition like `column.in_(ids)` that passes any number of ids as one array: hundreds of parameters
    cost more to write and to read than the search.
    """
    among: ColumnElement[bool] = column == any_(literal(list(ids), ARRAY(Uuid)))
    return among


def configure(url: str | None) -> None:
    """Use this database from now on (None: what the settings say). Closes connections of the one before."""
    global _url
    dispose()
    _url = make_url(url).set(drivername="postgresql+psycopg") if url else None


def get_url() -> URL:
    """Return the address of the database; raises RuntimeError when none was configured."""
    if _url is not None:
        return _url
    setting = get_settings().database_url
    if setting is None:
        raise RuntimeError("No database is configured: start the embedded one or set SOEGAKI_DATABASE_URL.")
    return make_url(setting.get_secret_value()).set(drivername="postgresql+psycopg")


def get_engine(role: str = APP_ROLE) -> Engine:
    """Return this process's engine for a role; connections take the role at their start."""
    if role not in _engines:
        size = get_settings().database_pool_size
        _engines[role] = create_engine(
            get_url(),
            pool_size=size,
            max_overflow=size,
            pool_pre_ping=True,
            pool_use_lifo=True,  # The connection that knows the statements of the hour is used again.
            hide_parameters=True,  # Errors and logs quote no values.
            connect_args={"options": f"-c role={role}"},
        )
    return _engines[role]


def dispose() -> None:
    """Close every connection; needed after a fork and before the database stops."""
    for engine in _engines.values():
        engine.dispose()
    _engines.clear()


def is_database_away(error: BaseException) -> bool:
    """Say whether this failure means that the server is down or going down: to be tried again, and no bug."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.OperationalError):
        return False
    # Without a state there was no connection to tell it; class 08 and 57P: connection failed, server shut down.
    return cause.sqlstate is None or cause.sqlstate.startswith(("08", "57P"))


@contextmanager
def system_statements() -> Iterator[Connection]:
    """A connection of the system role where each statement is a transaction: for the look-up before every request."""
    if _READER not in _engines:
        _engines[_READER] = get_engine(SYSTEM_ROLE).execution_options(isolation_level="AUTOCOMMIT")
    with _engines[_READER].connect() as connection:
        yield connection


_sessions = sessionmaker(expire_on_commit=False)


@event.listens_for(Session, "after_begin")
def _name_shops(session: Session, _transaction: object, connection: Connection) -> None:
    shop_ids = session.info.get("shop_ids")
    if shop_ids is not None:
        listed = "{" + ",".join(str(shop_id) for shop_id in shop_ids) + "}" if shop_ids else ""
        connection.execute(text("SELECT set_config('app.shop_ids', :shops, true)"), {"shops": listed})


def open_session(shop_ids: Collection[UUID] | None, *, role: str = APP_ROLE) -> Session:
    """Return a session that sees these shops. The caller ends it; prefer `session_scope`."""
    shops = None if shop_ids is None else sorted(set(shop_ids))
    return _sessions(bind=get_engine(role), info={"shop_ids": shops})


@contextmanager
def session_scope(shop_ids: Collection[UUID]) -> Iterator[Session]:
    """One unit of work on these shops: commit if the block succeeds, roll back if it raises.

    The block may roll back itself, to answer a refusal with a page that reads again.
    """
    with open_session(shop_ids) as session:
        yield session
        session.commit()


def plan_for_any_values(session: Session) -> None:
    """Let the database plan what this transaction asks without looking at the values: for statements that pass
    hundreds of rows as one parameter, which a plan made for it would copy again and again. Lists count as ten items.
    """
    session.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))


@contextmanager
def system_scope() -> Iterator[Session]:
    """One unit of work that sees every shop: for sweepers and for finding the shop of a code, a door or a user."""
    with open_session(None, role=SYSTEM_ROLE) as session:
        yield session
        session.commit()


def stage_rows(session: Session, name: str, columns: dict[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a new temporary table `name` (column → SQL type), gone at the end of the transaction.

    Row-level security forbids COPY into the real table: stage here, then `INSERT … SELECT`. Dicts are written as jsonb.
    """
    listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    session.execute(text(f'CREATE TEMPORARY TABLE "{name}" ({listed}) ON COMMIT DROP'))
    stage_more_rows(session, name, columns, rows)


def stage_more_rows(session: Session, name: str, columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a table that `stage_rows` has made in this transaction."""
    driver: Any = session.connection().connection.driver_connection
    quoted = ", ".join(f'"{column}"' for column in columns)
    with driver.cursor() as cursor, cursor.copy(f'COPY "{name}" ({quoted}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([json.dumps(v, ensure_ascii=False) if isinstance(v, dict) else v for v in row])
