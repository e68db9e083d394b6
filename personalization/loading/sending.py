"""What of touchpoints travels from the database, and how: whole columns as bytes that NumPy reads, each only of the
kinds that ask for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from personalization.facts.fact import AsOf

Mask = NDArray[np.bool_]
NO_AMOUNT: Final = -(2**63)
MASK_BITS: Final = 62
KIND_BITS: Final = 4

# Name → (SQL over the columns of SEEN, how it arrives). Texts travel as PostgreSQL's own 64-bit hash.
SENT: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("int8send(hashtextextended(external_id, 0))", ">i8"),
    "amount": (f"int8send(coalesce(amount, {NO_AMOUNT}))", ">i8"),
    "quantity": ("int4send(coalesce(quantity, 0))", ">i4"),
    "score": ("float8send(coalesce(score, 'NaN'))", ">f8"),
    "status": ("int8send(coalesce(hashtextextended(status, 0), 0))", ">i8"),
    "campaign": ("int8send(coalesce(hashtextextended(campaign, 0), 0))", ">i8"),
    "channel": ("int8send(coalesce(hashtextextended(channel, 0), 0))", ">i8"),
}
NEEDED: Final = {"name": "external_id"}
OF_LINES: Final = frozenset({"amount", "quantity", "sku", "category"})
# Each row's person, kind and whether it is told more of, as one number.
KEY: Final = f"int4send((CAST(rank AS integer) << {KIND_BITS + 1}) | (kind << 1) | {{late}})"
# Most are known when they happen and never retired: only of the others is told when.
LATE: Final = "known_at <> occurred_at OR retired_at IS NOT NULL"
OF_LATE: Final = {
    "known": ("timestamptz_send(known_at)", ">i8"),
    "retired": ("timestamptz_send(coalesce(retired_at, 'infinity'))", ">i8"),
}
# Sent by the driver itself, which takes the answer as bytes; SQLAlchemy would have it written out in hexadecimal.
# Without OFFSET the kind's number would be worked out anew for every column.
STATEMENT: Final = """
    SELECT {columns}
      FROM (SELECT person.rank, {kind} AS kind, {carried}
              FROM touchpoints t JOIN {persons} ON person.id = t.customer_id
              {lines}
             WHERE t.shop_id = %(shop_id)s AND t.kind = ANY(%(kinds)s) AND t.occurred_at <= %(latest)s AND {visible}
               {recent}
            OFFSET 0) AS seen
"""
VISIBLE: Final = {
    AsOf.RECORDED: "t.retired_at IS NULL AND t.state = 'active'",
    AsOf.KNOWN: "t.known_at <= %(latest)s",
}
# How long ago anything happened is told by its day: what is too old for every question does not travel.
RECENT: Final = "AND (t.occurred_at >= %(oldest)s{endless})"
ENDLESS: Final = " OR t.kind = ANY(%(endless)s)"
LINES: Final = "JOIN touchpoint_lines l ON l.shop_id = %(shop_id)s AND l.touchpoint_id = t.id"


@dataclass(frozen=True, slots=True)
class WordBits:
    """Which bit of the number `{prefix}_{n}` says that a word stands at a place: in a column of one text, or, as
    `many`, of a list. Only touchpoints of these kinds are asked.
    """

    prefix: str
    place: str
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    many: bool = False

    def sql(self) -> dict[str, str]:
        """Return name → SQL of the numbers; the words of each are bound as a list under its name."""
        return {name: self._write(name) for name in self.parameters}

    @property
    def parameters(self) -> dict[str, list[str]]:
        listed = range(0, len(self.words), MASK_BITS)
        return {f"{self.prefix}_{at // MASK_BITS}": list(self.words[at : at + MASK_BITS]) for at in listed}

    def _write(self, name: str) -> str:
        def find(word: str) -> str:
            place = f"array_position(CAST(%({name})s AS text[]), {word})"
            return f"coalesce(CAST(1 AS bigint) << ({place} - 1), 0)"

        if not self.many:
            return find(self.place)
        # Most lists are short, and taking one apart costs more than finding two words.
        every = f"(SELECT coalesce(bit_or({find('word')}), 0) FROM unnest({self.place}) AS word)"
        first_two = " | ".join(find(f"{self.place}[{n}]") for n in (1, 2))
        return f"CASE WHEN cardinality({self.place}) <= 2 THEN {first_two} ELSE {every} END"

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
class Horizon:
    """Nothing older than so many days before the first request is asked for, but of `endless` kinds."""

    days: int
    endless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read: kinds; names of SENT, each with the kinds that need it; words. `by_line`: one row per line of a
    purchase.
    """

    kinds: tuple[str, ...]
    columns: tuple[tuple[str, tuple[str, ...]], ...]
    bits: tuple[WordBits, ...] = ()
    by_line: bool = False
    horizon: Horizon | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Return what the statement binds besides the shop, the persons and the moments."""
        bound: dict[str, Any] = {"kinds": list(self.kinds)}
        bound |= {f"kind{number}": kind for number, kind in enumerate(self.kinds)}
        for bits in self.bits:
            bound |= bits.parameters
        if self.horizon is not None:
            bound["endless"] = list(self.horizon.endless)
        return bound

    def find_oldest(self, earliest: datetime) -> datetime | None:
        """Return when the oldest touchpoint may have happened that a request of that moment or later asks for."""
        # Ages are told in days of the shop's calendar: one more is enough, whatever its zone.
        return None if self.horizon is None else earliest - timedelta(days=self.horizon.days + 2)


@dataclass(frozen=True, slots=True)
class Sent:
    """One column of the answer: how it arrives, and the numbers of the kinds whose rows have it; None: of all."""

    name: str
    arrives: str
    kinds: tuple[int, ...] | None = None


@lru_cache(maxsize=64)
def write_statement(wanted: Wanted, as_of: AsOf, persons: str) -> tuple[str, tuple[Sent, ...]]:
    """Return the statement and its columns. `persons` stands in FROM and has an `id` and a `rank`."""
    is_known = as_of is AsOf.KNOWN
    columns = [
        (Sent("key", ">i4"), KEY.format(late="CAST(late AS integer)" if is_known else "0"), ""),
        (Sent("at", ">i8"), "timestamptz_send(occurred_at)", ""),
    ]
    for name, (sql, arrives) in OF_LATE.items() if is_known else ():
        columns.append((Sent(name, arrives), sql, "late"))
    for name, sql, arrives, kinds in _list_asked(wanted):
        numbers = tuple(number for number, kind in enumerate(wanted.kinds) if kind in kinds)
        condition = "" if len(numbers) == len(wanted.kinds) else f"kind IN ({', '.join(map(str, numbers))})"
        columns.append((Sent(name, arrives, numbers), sql, condition))
    statement = STATEMENT.format(
        columns=", ".join(_pack(sql, condition) for _, sql, condition in columns),
        kind=_number_kinds(len(wanted.kinds)),
        carried=", ".join(_list_carried(wanted, is_known)),
        persons=persons,
        lines=LINES if wanted.by_line else "",
        visible=VISIBLE[as_of],
        recent=_write_horizon(wanted.horizon),
    )
    return statement, tuple(sent for sent, _, _ in columns)


def _number_kinds(kinds: int) -> str:
    if kinds == 1:
        return "0"
    return f"CASE t.kind {' '.join(f'WHEN %(kind{number})s THEN {number}' for number in range(kinds))} END"


def _write_horizon(horizon: Horizon | None) -> str:
    return "" if horizon is None else RECENT.format(endless=ENDLESS if horizon.endless else "")


def _list_asked(wanted: Wanted) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield (name, SQL, how it arrives, kinds)."""
    for name, kinds in wanted.columns:
        yield name, *SENT[name], kinds
    for bits in wanted.bits:
        for name, sql in bits.sql().items():
            yield name, f"int8send({sql})", ">i8", bits.kinds


def _list_carried(wanted: Wanted, is_known: bool) -> Iterator[str]:
    yield "t.occurred_at"
    if is_known:
        yield f"t.known_at, t.retired_at, ({LATE}) AS late"
    places = {NEEDED.get(name, name) for name, _ in wanted.columns} | {bits.place for bits in wanted.bits}
    for place in sorted(places):
        yield f"{'l' if wanted.by_line and place in OF_LINES else 't'}.{place}"


def _pack(sql: str, condition: str) -> str:
    filtered = f" FILTER (WHERE {condition})" if condition else ""
    return f"string_agg({sql}, CAST('' AS bytea)){filtered}"
