"""Many rows of a table in one statement: as one JSON parameter that the database reads by the table's own row type."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.db import Base
from core.rowsets import pack_rows


def insert_rows(
    session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], *, then: str = ""
) -> Sequence[Row[Any]]:
    """Insert rows of equal keys; `then` is what follows: ON CONFLICT and RETURNING, on the table's own name.

    Returns what RETURNING asks for, nothing otherwise.
    """
    if not rows:
        return []
    name = table.__tablename__
    columns = ", ".join(rows[0])
    statement = (
        f"INSERT INTO {name} ({columns}) SELECT {columns} "
        f"FROM json_populate_recordset(NULL::{name}, CAST(:rows AS json)) {then}"
    )
    result = session.execute(text(statement), {"rows": pack_rows(rows)})
    return result.all() if "RETURNING" in then else []


def update_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], *, extra: str = "") -> None:
    """Set, by `id`, the other keys of each row. `extra` adds assignments; the table is `old`, the rows are `new`."""
    if not rows:
        return
    name = table.__tablename__
    assignments = ", ".join(f"{column} = new.{column}" for column in rows[0] if column != "id")
    statement = (
        f"UPDATE {name} AS old SET {assignments}{extra} "
        f"FROM json_populate_recordset(NULL::{name}, CAST(:rows AS json)) AS new WHERE old.id = new.id"
    )
    session.execute(text(statement), {"rows": pack_rows(rows)})


def assign_excluded(columns: Sequence[str]) -> str:
    """Return the SET list of an ON CONFLICT that takes over these columns."""
    return ", ".join(f"{column} = excluded.{column}" for column in columns)
