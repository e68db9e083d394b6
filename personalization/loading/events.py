"""Touchpoints of many customers as arrays: one statement, whole columns as bytes, grouped by kind, person and time.

Which of them one request sees is worked out here, so that a touchpoint is read once however many requests look at it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.rowsets import pack_rows, rowset
from personalization.columns import EPOCH
from personalization.loading.fetching import Asked, Fetched, fetch
from personalization.loading.sending import KIND_BITS, Mask, Wanted
from personalization.loading.subjects import Subjects

Ints = NDArray[np.int64]

# PostgreSQL sends moments as microseconds since this day; "infinity" is the largest number.
START: Final = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = 86_400_000_000
NEVER_RETIRED: Final = 2**63 - 1
# Days so far apart are looked at one by one, all others as one row of days.
FAR_DAYS: Final = 40_000
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


def find_local_days(moments: Ints, zone: ZoneInfo) -> NDArray[np.int32]:
    """Return local days since 1970-01-01 of moments in microseconds since 2000; one look at the zone per UTC day."""
    if not len(moments):
        return np.zeros(0, dtype=np.int32)
    shift = START.toordinal() - EPOCH
    utc_days = moments // DAY
    first = int(utc_days.min())
    if int(utc_days.max()) - first > FAR_DAYS:
        days, places = np.unique(utc_days, return_inverse=True)
    else:
        days, places = np.arange(first, int(utc_days.max()) + 1), utc_days - first
    offsets = np.array([_find_offsets(day, zone) for day in days.tolist()]).reshape(-1, 2)
    ahead = offsets[0, 0] if (offsets == offsets[0]).all() else offsets[places, 0]
    found = (moments + ahead) // DAY + shift
    # Where the clocks change within the day each moment is asked for itself.
    for row in np.flatnonzero((offsets[:, 0] != offsets[:, 1])[places]):
        found[row] = (int(moments[row]) + _offset(int(moments[row]), zone)) // DAY + shift
    local: NDArray[np.int32] = found.astype(np.int32)
    return local


@lru_cache(maxsize=20_000)
def _find_offsets(day: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return by how much local time is ahead at the start and the end of a UTC day."""
    return _offset(day * DAY, zone), _offset((day + 1) * DAY, zone)


def _offset(moment: int, zone: ZoneInfo) -> int:
    offset = (START + timedelta(microseconds=moment)).astimezone(zone).utcoffset()
    return 0 if offset is None else offset // MICROSECOND


def count_microseconds(moment: datetime) -> int:
    return (moment - START) // MICROSECOND


def rank_persons(customer_ids: Iterable[Any]) -> dict[Any, int]:
    """Return person → rank from 1, in the order in which they come."""
    ranks: dict[Any, int] = {}
    for customer_id in customer_ids:
        ranks.setdefault(customer_id, len(ranks) + 1)
    return ranks


@dataclass
class Reader:
    """Reads for one set of subjects. `ranks`: person → rank from 1; `person[i]` is the rank of subject i's."""

    subjects: Subjects
    ranks: Mapping[Any, int] = field(init=False)

    def __post_init__(self) -> None:
        rows = self.subjects.rows
        self.ranks = ranks = rank_persons(row["customer_id"] for row in rows)
        self.person = np.array([ranks[row["customer_id"]] for row in rows], dtype=np.int64)
        self.position = np.array([row["position"] for row in rows], dtype=np.int64)
        self.moment = np.array([count_microseconds(row["moment"]) for row in rows], dtype=np.int64)
        self.ordered_at = np.array([count_microseconds(row["ordered_at"]) for row in rows], dtype=np.int64)
        # An order's number as purchases are named; 0 where it has none, or was not asked for.
        self.name = np.array([row.get("name", 0) for row in rows], dtype=np.int64)
        self.today = np.array([row["today"].toordinal() - EPOCH for row in rows], dtype=np.int32)

    def read(self, wanted: Wanted) -> dict[str, Events]:
        """Return the events by kind, everything that any of the subjects might see."""
        if not self.ranks:
            return {}
        rows = _Rows(self._fetch(wanted), len(self.ranks), self.subjects.zone)
        return {kind: rows.take(number) for number, kind in enumerate(wanted.kinds)}

    def _fetch(self, wanted: Wanted) -> Fetched:
        subjects = self.subjects
        if (waiting := subjects.ahead.pop(wanted, None)) is not None:
            fetched: Fetched = waiting.result()
            return fetched
        latest = max(row["moment"] for row in subjects.rows)
        asked = Asked(subjects.shop_id, subjects.as_of, tuple(self.ranks), latest)
        return fetch(subjects.session, asked, wanted)

    def find_ties(self, subjects: Ints) -> tuple[Ints, Ints]:
        """Return (subject, name of a purchase) for purchases of the same instant whose number is before the order's."""
        rows = [
            {"place": int(place), **{name: self.subjects.rows[place][name] for name in TIED if name != "place"}}
            for place in subjects
        ]
        found = self.subjects.session.execute(TIES, {"shop_id": self.subjects.shop_id, "wanted": pack_rows(rows)}).all()
        return np.array([row.place for row in found], dtype=np.int64), np.array(
            [row.name for row in found], dtype=np.int64
        )


class _Rows:
    """What was fetched, taken apart by kind."""

    def __init__(self, fetched: Fetched, persons: int, zone: ZoneInfo) -> None:
        columns = self._columns = fetched.columns
        self._zone, self._persons = zone, persons
        key = columns.pop("key")
        self._kind = ((key >> 1) & ((1 << KIND_BITS) - 1)).astype(np.uint8)
        self._person = key >> (KIND_BITS + 1)
        # What all rows have; the others have the rows of their kinds.
        self._whole = {"at": columns.pop("at")}
        if "known" in columns:
            late = np.flatnonzero(key & 1)
            since, retired = self._whole["at"].copy(), np.full(len(key), NEVER_RETIRED)
            since[late] = np.maximum(since[late], columns.pop("known"))
            retired[late] = columns.pop("retired")
            self._whole |= {"since": since, "retired": retired}
        self._kinds_of = {sent.name: sent.kinds for sent in fetched.sent if sent.kinds is not None}

    def take(self, number: int) -> Events:
        """Return the events of one kind."""
        rows = np.flatnonzero(self._kind == number)
        own = {name: self._find_own(name, number) for name, kinds in self._kinds_of.items() if number in kinds}
        person, at = self._person[rows], self._whole["at"][rows]
        order = _order(person, at, own.get("score"))
        rows = rows[order]
        columns = {name: column[rows] for name, column in self._whole.items()}
        columns |= {name: column[order] for name, column in own.items()}
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
