"""Fetches what `sending` writes: here and now, or ahead, on connections of their own while other facts are loaded."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import session_scope
from personalization.facts.fact import AsOf
from personalization.loading.sending import Sent, Wanted, write_statement
from personalization.loading.staging import page_by_page

FEW: Final = 1000
MANY: Final = 10_000
AT_ONCE: Final = 2
LISTED: Final = "unnest(CAST(%(persons)s AS uuid[])) WITH ORDINALITY AS person(id, rank)"
# Many persons stand in a table of the transaction that the planner knows the size of: it took a list for 200 different
# ones, and hashed the touchpoints instead.
STAGED: Final = "asked_persons AS person"
STAGE: Final = text(
    """
    CREATE TEMPORARY TABLE asked_persons ON COMMIT DROP AS
    SELECT id, CAST(rank AS integer) AS rank FROM unnest(CAST(:persons AS uuid[])) WITH ORDINALITY AS person(id, rank)
    """
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose touchpoints, and the first and the latest moment that anybody asks about. Persons are distinct; their rank
    is from 1.
    """

    shop_id: UUID
    as_of: AsOf
    persons: Sequence[UUID]
    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """Columns by name. Each has the rows of its kinds only, in one order throughout."""

    sent: tuple[Sent, ...]
    columns: dict[str, NDArray[Any]]


def open_pool() -> Executor:
    """Return who fetches ahead. One more connection is asked for all else meanwhile."""
    return ThreadPoolExecutor(AT_ONCE)


def is_many(persons: int) -> bool:
    """Say whether so many persons are worth threads and connections of their own."""
    return persons > MANY


def fetch_ahead(pool: Executor, asked: Asked, listed: Sequence[Wanted]) -> Mapping[Wanted, Future[Fetched]]:
    """Begin to fetch the histories of many persons; nothing for few.

    What is read so far back is the past; that the statements see it some milliseconds apart changes nothing.
    """
    if not is_many(len(asked.persons)):
        return {}
    return {wanted: pool.submit(copy_context().run, _fetch_aside, asked, wanted) for wanted in listed}


def _fetch_aside(asked: Asked, wanted: Wanted) -> Fetched:
    with session_scope([asked.shop_id]) as session:
        return fetch(session, asked, wanted)


def fetch(session: Session, asked: Asked, wanted: Wanted) -> Fetched:
    """Return what these persons have, whoever of them may see it."""
    is_few = len(asked.persons) <= FEW
    statement, sent = write_statement(wanted, asked.as_of, LISTED if is_few else STAGED)
    oldest = wanted.find_oldest(asked.earliest)
    bound = {"shop_id": asked.shop_id, "latest": asked.latest, "oldest": oldest, **wanted.parameters}
    if is_few:
        values = _execute(session, statement, {**bound, "persons": list(asked.persons)})
    else:
        _stage_persons(session, asked.persons)
        with page_by_page(session, len(asked.persons)):
            values = _execute(session, statement, bound)
    columns: dict[str, NDArray[Any]] = {}
    for place, column in enumerate(sent):
        # Taken over one by one: all columns as bytes and as numbers would be twice the memory.
        columns[column.name] = np.frombuffer(values[place] or b"", column.arrives).astype(column.arrives[1:])
        values[place] = None
    return Fetched(sent, columns)


def _execute(session: Session, statement: str, bound: Mapping[str, Any]) -> list[bytes | None]:
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor(binary=True) as cursor:
        return list(cursor.execute(statement, bound).fetchone())


def _stage_persons(session: Session, persons: Sequence[UUID]) -> None:
    session.execute(text("DROP TABLE IF EXISTS asked_persons"))
    session.execute(STAGE, {"persons": _write_ids(persons)})
    session.execute(text("ANALYZE asked_persons"))


def _write_ids(ids: Sequence[UUID]) -> str:
    """Return an array as PostgreSQL reads it: the driver takes ten times as long for each."""
    return "{" + ",".join(f"{each.int:032x}" for each in ids) + "}"
