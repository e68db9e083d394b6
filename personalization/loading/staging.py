"""Many rows as a table that several statements read: few as one JSON parameter, many as a temporary table.

A temporary table is parsed once and tells the planner how many rows there are; making one costs some milliseconds,
which a single order shall not pay.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.rowsets import rowset

FEW: Final = 1000
# Sizes that the planner is told: few, so that statements stay the same and prepared.
TOLD: Final = (1, 10, 50)
_serial = count(1)


def stage(session: Session, name: str, columns: Mapping[str, str], parameters: Mapping[str, Any], rows: int) -> str:
    """Return what stands in FROM for the rows packed in the parameter `name`; their alias is `name`.

    The temporary table is gone at the end of the transaction.
    """
    packed = rowset(name, columns)
    if rows <= FEW:
        # The planner takes any JSON for a hundred rows, and reads whole tables where an order has one row each.
        least = next((least for least in TOLD if rows <= least), None)
        return packed if least is None else f'(SELECT * FROM {packed} LIMIT {least}) AS "{name}"'
    table = f"staged_{name}_{next(_serial)}"
    session.execute(text(f"CREATE TEMPORARY TABLE {table} ON COMMIT DROP AS SELECT * FROM {packed}"), parameters)
    session.execute(text(f"ANALYZE {table}"))
    return f'{table} AS "{name}"'


@contextmanager
def page_by_page(session: Session, rows: int) -> Iterator[None]:
    """Let statements about so many rows read tables in their own order; those about few are left to the planner.

    Every index begins with the shop, which hardly changes from row to row, so that the planner takes all of them for
    lying as the table does: it read five million touchpoints through an index, a page for each. Each statement has one
    process: others run beside it, and sharing rows out to workers costs a third more than reading them.
    """
    if rows > FEW:
        session.execute(text("SET LOCAL enable_indexscan = off"))
        session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
    yield
    if rows > FEW:
        session.execute(text("SET LOCAL enable_indexscan TO DEFAULT"))
        session.execute(text("SET LOCAL max_parallel_workers_per_gather TO DEFAULT"))
