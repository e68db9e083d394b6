"""Writes many rows of a table by one statement, whatever their number: one to parse, and nothing per row in between."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from core.db import Base
from core.rowsets import pack_rows, rowset

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own constructor has no types


def enter_rows(
    session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], common: Mapping[str, Any] | None = None
) -> None:
    """Insert rows; together they name every column that the table asks for. What one does not name is NULL there.

    `common` is what all of them have beside it: sent once, however many they are.
    """
    if rows:
        session.flush()  # The rows may refer to what waits in the session.
        common = common or {}
        statement = _make_statement(model, _list_names(rows), tuple(common))
        told = {"common": pack_rows([common])} if common else {}
        session.execute(statement, {"entered": pack_rows(rows), **told})


def _list_names(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the columns of all rows. Rows of one kind name theirs in one order: these are few."""
    return tuple(dict.fromkeys(chain.from_iterable(dict.fromkeys(map(tuple, rows)))))


@cache
def _make_statement(model: type[Base], names: tuple[str, ...], common: tuple[str, ...]) -> TextClause:
    tables = [rowset(name, _list_types(model, each)) for name, each in (("entered", names), ("common", common)) if each]
    listed = ", ".join(f'"{name}"' for name in (*names, *common))
    return text(f'INSERT INTO "{model.__tablename__}" ({listed}) SELECT {listed} FROM {", ".join(tables)}')


def _list_types(model: type[Base], names: tuple[str, ...]) -> dict[str, str]:
    return {name: model.__table__.c[name].type.compile(dialect=_DIALECT) for name in names}
