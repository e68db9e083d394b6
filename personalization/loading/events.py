"""Touchpoints of many customers as arrays: one statement, whole columns as bytes, grouped by kind, person and time.

Which of them one request sees is worked out here, so that a touchpoint is read once however many requests look at it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.rowsets import pack_rows, rowset
from personalization.columns import EPOCH
from personalization.loading.fetching import Asked, Fetched, fetch
from personalization.loading.moments import Ints, count_microseconds, find_local_days
from personalization.loading.sending import KIND_BITS, Mask, Wanted
from personalization.loading.subjects import Subjects

NEVER_RETIRED: Final = 2**63 - 1
HASHES: Final = text("SELECT word, hashtextextended(word, 0) FROM unnest(CAST(:words AS text[])) AS word")
# Purchases at the very moment of an order: they are before it when their number is.
TIED: Final = {"place": "integer", "customer_id": "uuid", "ordered_at": "timestamptz", "number": "text"}
TIES: Final = text(
    f"""
    SELECT wanted.place, hashtextextended(t.external_id, 0) AS name
      FROM {rowset("wanted", TIED)}
      JOIN touchpoints t ON t.shop_id = :shop_id AND t.customer_id = wanted.customer_id AND t.kind = 'purchase'
       AND t.occurred_at = wanted.ordered_at AND t.external_id < wanted.number
    """
)
_hashes: dict[str, int] = {}


def hash_words(session: Session, words: Sequence[str]) -> list[int]:
    """Return the 64-bit hashes by which texts travel; asked of the database once per process and word."""
    if missing := sorted(set(words) - _hashes.keys()):
        for word, number in session.execute(HASHES, {"words": missing}):
            _hashes[word] = number
    return [_hashes[word] for word in words]


@dataclass
class Events:
    """One kind, sorted by person and time. `ends[p]` is where the rows of person p end and those of p + 1 start.

    `columns` has the moment `at` and what the plan asks for; of facts as known then also `since`, when it had happened
    and was known, and `retired`. `day` is the local day since 1970-01-01.
    """

    columns: dict[str, NDArray[Any]]
    zone: ZoneInfo
    ends: Ints

    @cached_property
    def day(self) -> NDArray[np.int32]:
        return find_local_days(self.columns["at"], self.zone)

    @cached_property
    def person(self) -> Ints:
        """The rank of each event's person."""
        return np.repeat(np.arange(len(self.ends)), np.diff(self.ends, prepend=0))


def rank_persons(customer_ids: Iterable[UUID]) -> tuple[list[UUID], Ints]:
    """Return the distinct persons in the order in which they come, and the rank from 1 of each that was given."""
    # An id's number is looked up in a third of the time.
    found: dict[int, tuple[int, UUID]] = {}
    ranks = [found.setdefault(each.int, (len(found) + 1, each))[0] for each in customer_ids]
    return [person for _, person in found.values()], np.array(ranks, dtype=np.int64)


@dataclass
class Reader:
    """Reads for one set of subjects, which it knows person by person: whatever is looked up in the order of events is
    found beside what was looked up before. Persons are distinct; `person[i]` is the rank (from 1) of subject i's, and
    `position[i]` its place in the batch.
    """

    subjects: Subjects
    persons: Sequence[UUID] = field(init=False)

    def __post_init__(self) -> None:
        self.persons, ranks = rank_persons(row["customer_id"] for row in self.subjects.rows)
        order = np.argsort(ranks, kind="stable")
        rows = self._rows = [self.subjects.rows[place] for place in order.tolist()]
        self.person = ranks[order]
        self.position = np.array([row["position"] for row in rows], dtype=np.int64)
        self.moment = np.array([count_microseconds(row["moment"]) for row in rows], dtype=np.int64)
        self.ordered_at = np.array([count_microseconds(row["ordered_at"]) for row in rows], dtype=np.int64)
        # An order's number as purchases are named; 0 where it has none, or was not asked for.
        self.name = np.array([row.get("name", 0) for row in rows], dtype=np.int64)
        self.today = np.array([row["today"].toordinal() - EPOCH for row in rows], dtype=np.int32)

    def read(self, wanted: Wanted) -> dict[str, Events]:
        """Return the events by kind, everything that any of the subjects might see."""
        if not self.persons:
            return {}
        rows = _Rows(self._fetch(wanted), len(self.persons), self.subjects.zone)
        return {kind: rows.take(number) for number, kind in enumerate(wanted.kinds)}

    def _fetch(self, wanted: Wanted) -> Fetched:
        subjects = self.subjects
        if (waiting := subjects.ahead.pop(wanted, None)) is not None:
            fetched: Fetched = waiting.result()
            return fetched
        moments = [row["moment"] for row in self._rows]
        asked = Asked(subjects.shop_id, subjects.as_of, self.persons, min(moments), max(moments))
        return fetch(subjects.session, asked, wanted)

    def find_ties(self, subjects: Ints) -> tuple[Ints, Ints]:
        """Return (subject, name of a purchase) for purchases of the same instant whose number is before the order's."""
        rows = [
            {"place": int(place), **{name: self._rows[place][name] for name in TIED if name != "place"}}
            for place in subjects
        ]
        found = self.subjects.session.execute(TIES, {"shop_id": self.subjects.shop_id, "wanted": pack_rows(rows)}).all()
        return np.array([row.place for row in found], dtype=np.int64), np.array(
            [row.name for row in found], dtype=np.int64
        )


@dataclass
class Late:
    """Which rows were known later than they happened, or retired; and of those alone when."""

    is_late: Mask
    known: Ints
    retired: Ints

    def __post_init__(self) -> None:
        self._places = np.cumsum(self.is_late, dtype=np.int32) - 1

    def tell(self, rows: Ints, at: Ints) -> dict[str, Ints]:
        """Return since when each of these rows, which happened `at`, was to be seen, and when it was retired."""
        since, retired = at.copy(), np.full(len(rows), NEVER_RETIRED)
        late = np.flatnonzero(self.is_late[rows])
        places = self._places[rows[late]]
        since[late] = np.maximum(at[late], self.known[places])
        retired[late] = self.retired[places]
        return {"since": since, "retired": retired}


class _Rows:
    """What was fetched, taken apart by kind."""

    def __init__(self, fetched: Fetched, persons: int, zone: ZoneInfo) -> None:
        columns = self._columns = fetched.columns
        self._zone, self._persons = zone, persons
        key = columns.pop("key")
        self._kind = ((key >> 1) & ((1 << KIND_BITS) - 1)).astype(np.uint8)
        self._person = key >> (KIND_BITS + 1)
        # What all rows have; the others have the rows of their kinds.
        self._at = columns.pop("at")
        self._late = Late(key & 1 != 0, columns.pop("known"), columns.pop("retired")) if "known" in columns else None
        self._kinds_of = {sent.name: sent.kinds for sent in fetched.sent if sent.kinds is not None}

    def take(self, number: int) -> Events:
        """Return the events of one kind."""
        rows = np.flatnonzero(self._kind == number)
        own = {name: self._find_own(name, number) for name, kinds in self._kinds_of.items() if number in kinds}
        person, at = self._person[rows], self._at[rows]
        order = _order(person, at, own.get("score"))
        columns = {"at": at[order], **{name: column[order] for name, column in own.items()}}
        if self._late is not None:
            columns |= self._late.tell(rows[order], columns["at"])
        return Events(columns, self._zone, np.cumsum(np.bincount(person, minlength=self._persons + 1)))

    def _find_own(self, name: str, number: int) -> NDArray[Any]:
        """Return a column's rows of one kind; each kind is taken once, and with the last one the column goes."""
        column, kinds = self._columns[name], self._kinds_of[name]
        if number == kinds[-1]:
            del self._columns[name]
        if len(kinds) == 1:
            return column
        has_it = np.zeros(1 << KIND_BITS, dtype=np.bool_)
        has_it[list(kinds)] = True
        is_own: Mask = self._kind[has_it[self._kind]] == number
        return column[is_own]


def _order(person: NDArray[np.int32], at: Ints, score: NDArray[np.float64] | None) -> Ints:
    """Return the order person by person, the oldest first."""
    if score is not None:
        # Of two at one instant the better score counts as the later one: an order that hangs on nothing else.
        return np.lexsort((np.nan_to_num(score, nan=-np.inf), at, person))
    if not len(at):
        return np.zeros(0, dtype=np.int64)
    first = int(at.min())
    bits = (int(at.max()) - first).bit_length()
    if bits + int(person.max()).bit_length() > 63:
        return np.lexsort((at, person))
    # One number instead of two keys: sorted in a third of the time.
    return np.argsort((person.astype(np.int64) << bits) | (at - first))
