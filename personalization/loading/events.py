"""Touchpoints of many customers as arrays: one statement, whole columns as bytes, grouped by kind, person and time.

Which of them one request sees is worked out here, so that a touchpoint is read once however many requests look at it.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import session_scope, stage_rows
from core.rowsets import pack_rows, rowset
from personalization.columns import EPOCH
from personalization.facts.fact import AsOf
from personalization.loading.subjects import Subjects

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

# PostgreSQL sends moments as microseconds since this day; "infinity" is the largest number.
START: Final = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = 86_400_000_000
NO_AMOUNT: Final = -(2**63)
MASK_BITS: Final = 62

# Name → (SQL, how it arrives). Texts travel as PostgreSQL's own 64-bit hash, lists of texts as bits of asked words.
SENT: Final[Mapping[str, tuple[str, str]]] = {
    "person": ("int4send(CAST(person.rank AS integer))", ">i4"),
    "at": ("timestamptz_send(t.occurred_at)", ">i8"),
    "kind": ("int8send(hashtextextended(t.kind, 0))", ">i8"),
    "known": ("timestamptz_send(t.known_at)", ">i8"),
    "retired": ("timestamptz_send(coalesce(t.retired_at, 'infinity'))", ">i8"),
    "name": ("int8send(hashtextextended(t.external_id, 0))", ">i8"),
    "amount": (f"int8send(coalesce({{of}}.amount, {NO_AMOUNT}))", ">i8"),
    "quantity": ("int4send(coalesce({of}.quantity, 0))", ">i4"),
    "score": ("float8send(coalesce(t.score, 'NaN'))", ">f8"),
    "status": ("int8send(coalesce(hashtextextended(t.status, 0), 0))", ">i8"),
    "campaign": ("int8send(coalesce(hashtextextended(t.campaign, 0), 0))", ">i8"),
    "channel": ("int8send(coalesce(hashtextextended(t.channel, 0), 0))", ">i8"),
}
# Sent by the driver itself, which takes the answer as bytes; SQLAlchemy would have it written out in hexadecimal.
STATEMENT: Final = """
    SELECT {columns}
      FROM touchpoints t JOIN {persons} ON person.id = t.customer_id
      {lines}
     WHERE t.shop_id = %(shop_id)s AND t.kind = ANY(%(kinds)s) AND t.occurred_at <= %(latest)s AND {visible}
"""
FEW: Final = 1000
MANY: Final = 10_000
LISTED: Final = "unnest(CAST(%(persons)s AS uuid[])) WITH ORDINALITY AS person(id, rank)"
# Many persons stand in a table of the transaction that the planner knows the size of: it took a list for 200 different
# ones, and hashed the touchpoints instead.
STAGED: Final = "asked_persons AS person"
VISIBLE: Final = {
    AsOf.RECORDED: "t.retired_at IS NULL AND t.state = 'active'",
    AsOf.KNOWN: "t.known_at <= %(latest)s",
}
LINES: Final = "JOIN touchpoint_lines l ON l.shop_id = %(shop_id)s AND l.touchpoint_id = t.id"
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


@dataclass(frozen=True, slots=True)
class WordBits:
    """Which bit of the number `{prefix}_{n}` says that a word stands at a place: a column, or ANY of a list."""

    prefix: str
    place: str
    words: tuple[str, ...]

    def sql(self) -> dict[str, str]:
        """Return name → SQL of the numbers; word i is bound as `{prefix}{i}`."""
        blocks = range(-(-len(self.words) // MASK_BITS))
        return {f"{self.prefix}_{block}": " | ".join(self._list_bits(block)) for block in blocks}

    def _list_bits(self, block: int) -> Iterator[str]:
        for i in range(block * MASK_BITS, min(len(self.words), (block + 1) * MASK_BITS)):
            holds = f"coalesce(%({self.prefix}{i})s = {self.place}, false)"
            yield f"(CAST(CAST({holds} AS integer) AS bigint) << {i % MASK_BITS})"

    def find(self, columns: Mapping[str, NDArray[Any]], wanted: Sequence[str]) -> Mask:
        """Return where any of the wanted words stands."""
        places = {word: i for i, word in enumerate(self.words)}
        hits: Mask | None = None
        for block in {places[word] // MASK_BITS for word in wanted}:
            bits = sum(1 << places[word] % MASK_BITS for word in wanted if places[word] // MASK_BITS == block)
            found = (columns[f"{self.prefix}_{block}"] & bits) != 0
            hits = found if hits is None else hits | found
        assert hits is not None
        return hits


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read: kinds, names of SENT, words of lists; `by_line`: one row per line of a purchase."""

    kinds: tuple[str, ...]
    columns: frozenset[str]
    bits: tuple[WordBits, ...] = ()
    by_line: bool = False


@dataclass
class Events:
    """One kind, sorted by person and time. `ends[p]` is where the rows of person p end and those of p + 1 start.

    `day` is the local day since 1970-01-01.
    """

    columns: dict[str, NDArray[Any]]
    zone: ZoneInfo
    persons: int

    @cached_property
    def ends(self) -> Ints:
        counts = np.bincount(self.columns["person"], minlength=self.persons + 1)
        return np.cumsum(counts)

    @cached_property
    def day(self) -> NDArray[np.int32]:
        return find_local_days(self.columns["at"], self.zone)


def find_local_days(moments: Ints, zone: ZoneInfo) -> NDArray[np.int32]:
    """Return local days since 1970-01-01 of moments in microseconds since 2000; one look at the zone per UTC day."""
    shift = START.toordinal() - EPOCH
    days, inverse = np.unique(moments // DAY, return_inverse=True)
    offsets = np.array([_find_offsets(day, zone) for day in days.tolist()]).reshape(-1, 2)
    found = (moments + offsets[inverse, 0]) // DAY + shift
    # Where the clocks change within the day each moment is asked for itself.
    for row in np.flatnonzero(offsets[inverse, 0] != offsets[inverse, 1]):
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


@dataclass
class Reader:
    """Reads for one set of subjects. `persons` are distinct; `place_of[i]` is the rank (from 1) of subject i's."""

    subjects: Subjects
    persons: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        ranks: dict[Any, int] = {}
        rows = self.subjects.rows
        self.person = np.array([ranks.setdefault(row["customer_id"], len(ranks) + 1) for row in rows], dtype=np.int64)
        self.persons = list(ranks)
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
        kinds = dict(zip(hash_words(self.subjects.session, wanted.kinds), wanted.kinds, strict=True))
        table = self._fetch(wanted)
        orders = {kind: _order(table, number) for number, kind in kinds.items()}
        columns: dict[str, dict[str, NDArray[Any]]] = {kind: {} for kind in orders}
        # Each column leaves the table as it is taken over: all of them twice would be a gigabyte for five million.
        for name in [name for name in table if name != "kind"]:
            column = table.pop(name)
            for kind, order in orders.items():
                columns[kind][name] = column[order]
        return {kind: Events(each, self.subjects.zone, len(self.persons)) for kind, each in columns.items()}

    def _fetch(self, wanted: Wanted) -> dict[str, NDArray[Any]]:
        """Read in two halves at once where there is much: the database works on both, and one is taken over meanwhile.

        What is read so far back is the past; that the halves see it some milliseconds apart changes nothing.
        """
        if len(self.persons) <= MANY:
            return self._fetch_from(self.subjects.session, wanted, self.persons, 1)
        middle = len(self.persons) // 2
        halves = [(self.persons[:middle], 1), (self.persons[middle:], middle + 1)]
        with ThreadPoolExecutor(len(halves)) as pool:
            waiting = [
                pool.submit(copy_context().run, self._fetch_aside, wanted, persons, first) for persons, first in halves
            ]
            parts = [each.result() for each in waiting]
        # Column by column, so that never all of them are there twice.
        return {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}

    def _fetch_aside(self, wanted: Wanted, persons: Sequence[Any], first: int) -> dict[str, NDArray[Any]]:
        with session_scope([self.subjects.shop_id]) as session:
            return self._fetch_from(session, wanted, persons, first)

    def _fetch_from(
        self, session: Session, wanted: Wanted, persons: Sequence[Any], first: int
    ) -> dict[str, NDArray[Any]]:
        """Return the columns of what these persons have; the rank of the first of them is given."""
        statement, kinds = _write(wanted, self.subjects.as_of, _name_persons(session, persons, first))
        bound: dict[str, Any] = {"shop_id": self.subjects.shop_id, "kinds": list(wanted.kinds)}
        if len(persons) <= FEW:
            bound["persons"] = list(persons)
        bound["latest"] = max(row["moment"] for row in self.subjects.rows)
        for bits in wanted.bits:
            bound |= {f"{bits.prefix}{i}": word for i, word in enumerate(bits.words)}
        driver: Any = session.connection().connection.driver_connection
        with driver.cursor(binary=True) as cursor:
            values = list(cursor.execute(statement, bound).fetchone())
        found: dict[str, NDArray[Any]] = {}
        for place, (name, kind) in enumerate(kinds.items()):
            # Taken over one by one: all columns as bytes and as numbers would be twice the memory.
            found[name] = np.frombuffer(values[place] or b"", dtype=kind).astype(kind[1:])
            values[place] = None
        return found

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


def _order(table: Mapping[str, NDArray[Any]], kind: int) -> Ints:
    """Return the rows of one kind, person by person, the oldest first."""
    rows = np.flatnonzero(table["kind"] == kind)
    # Of two at one instant the better score counts as the later one: an order that hangs on nothing else.
    keys = [table["at"][rows], table["person"][rows]]
    if "score" in table:
        keys.insert(0, np.nan_to_num(table["score"][rows], nan=-np.inf))
    ordered: Ints = rows[np.lexsort(keys)]
    return ordered


@lru_cache(maxsize=64)
def _write(wanted: Wanted, as_of: AsOf, persons: str) -> tuple[str, Mapping[str, str]]:
    """Return the statement, and name → how it arrives, in the order of its columns."""
    names = {"person", "at", "kind", *wanted.columns}
    if as_of is AsOf.KNOWN:
        names |= {"known", "retired"}
    of = "l" if wanted.by_line else "t"
    sent = {name: (SENT[name][0].format(of=of), SENT[name][1]) for name in sorted(names)}
    for bits in wanted.bits:
        sent |= {name: (f"int8send({sql})", ">i8") for name, sql in bits.sql().items()}
    statement = STATEMENT.format(
        columns=", ".join(f"string_agg({sql}, CAST('' AS bytea))" for sql, _ in sent.values()),
        persons=persons,
        lines=LINES if wanted.by_line else "",
        visible=VISIBLE[as_of],
    )
    return statement, {name: kind for name, (_, kind) in sent.items()}


def _name_persons(session: Session, persons: Sequence[Any], first: int) -> str:
    """Return from where the statement takes its persons; only a list that begins with rank 1 can be bound to it."""
    if len(persons) <= FEW:
        return LISTED
    session.execute(text("DROP TABLE IF EXISTS asked_persons"))
    ranked = zip(persons, count(first), strict=False)
    stage_rows(session, "asked_persons", {"id": "uuid", "rank": "integer"}, ranked)
    session.execute(text("CREATE UNIQUE INDEX ON asked_persons (id)"))
    session.execute(text("ANALYZE asked_persons"))
    return STAGED
