"""Keeps what a backtest chose: one narrow row of numbers per shipment, and once each thing that they stand for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any, Final
from uuid import UUID

import numpy as np
import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import stage_more_rows, stage_rows
from fulfillment.backtest.comparing import Chosen, Difference
from fulfillment.backtest.entries import Content, shorten_chosen, shorten_lost
from personalization.plan import Plan
from personalization.resolver.events import Ragged, Rows

ROW: Final = {
    "position": "integer",
    "shipment_id": "uuid",
    "change": "text",
    "gained": "text[]",
    "lost": "text[]",
    "segment": "text",
    "live_plan": "integer[]",
    "draft_plan": "integer[]",
    "live_seen": "integer[]",
    "draft_seen": "integer[]",
}
ENTRY: Final = {"number": "integer", "content": "text"}
ADD_ROWS: Final = text(
    f"""
    INSERT INTO backtest_decisions (shop_id, backtest_id, {", ".join(ROW)})
    SELECT :shop_id, :backtest_id, {", ".join(ROW)} FROM kept_decisions
    """
)
ADD_ENTRIES: Final = text(
    """
    INSERT INTO backtest_entries (shop_id, backtest_id, number, content)
    SELECT :shop_id, :backtest_id, number, CAST(content AS jsonb) FROM kept_entries
    """
)
FORGET: Final = tuple(
    text(f"DELETE FROM {table} WHERE shop_id = :shop_id AND backtest_id = :backtest_id")
    for table in ("backtest_decisions", "backtest_entries")
)


def describe_plan(plan: Plan) -> list[list[Any]]:
    """Return what is kept of a plan: its entries' contents."""
    contents = [*map(shorten_chosen, plan.fired), *map(shorten_lost, plan.lost)]
    found: list[list[Any]] = orjson.loads(orjson.dumps(contents))
    return found


@dataclass
class Keeper:
    """Stages rows in order of age, and keeps them when all are there: what they refer to is locked only then.

    Belongs to the transaction that ends the backtest, and keeps once.
    """

    session: Session
    count: int = 0

    def add(
        self,
        shipments: Sequence[UUID],
        sides: tuple[Chosen, Chosen],
        difference: Difference,
        segments: Sequence[str],
    ) -> None:
        """Stage a run of rows."""
        plans = (write_arrays(side.plans) for side in sides)
        seen = (write_arrays(_join(*side.seen)) for side in sides)
        written = zip(shipments, difference.change, segments, *plans, *seen, strict=True)
        first, rows = self.count + 1, []
        for place, (shipment_id, change, segment, *arrays) in enumerate(written):
            gained, lost = difference.gained.get(place), difference.lost.get(place)
            word = None if change is None else str(change)
            rows.append((first + place, shipment_id, word, gained, lost, segment, *arrays))
        if self.count:
            stage_more_rows(self.session, "kept_decisions", ROW, rows)
        else:
            stage_rows(self.session, "kept_decisions", ROW, rows)
        self.count += len(rows)

    def write(self, shop_id: UUID, backtest_id: UUID, contents: Sequence[Content]) -> None:
        """Put the rows in place of whatever an attempt before this one has left. `contents` are numbered from 1."""
        bound = {"shop_id": shop_id, "backtest_id": backtest_id}
        for statement in FORGET:
            self.session.execute(statement, bound)
        numbered = zip(count(1), (orjson.dumps(content).decode() for content in contents), strict=False)
        stage_rows(self.session, "kept_entries", ENTRY, numbered)
        self.session.execute(ADD_ENTRIES, bound)
        if self.count:
            self.session.execute(ADD_ROWS, bound)


def _join(numbers: Ragged, values: Rows) -> Ragged:
    """Return each number followed by its value."""
    return Ragged(np.stack((numbers.numbers, values), axis=1).ravel(), numbers.bounds * 2)


def write_arrays(ragged: Ragged) -> Iterator[str]:
    """Yield each row as PostgreSQL writes an array: all numbers are written at once, and cut at the commas between
    rows, in a fourth of the time of a list for each row.
    """
    written = orjson.dumps(np.ascontiguousarray(ragged.numbers), option=orjson.OPT_SERIALIZE_NUMPY)
    commas = np.flatnonzero(np.frombuffer(written, dtype=np.uint8) == ord(","))
    # Number n stands between the marks n and n + 1; the first and the last mark are the brackets.
    marks = np.concatenate(([0], commas, [len(written) - 1]))[ragged.bounds].tolist()
    text_of_all = written.decode()
    for start, stop in pairwise(marks):
        yield f"{{{text_of_all[start + 1 : stop]}}}"
