"""Whole columns out of SQL as one value each: positions and numbers as bytes that NumPy reads, words with where they
stand. No row becomes a Python object, so that a batch of 100,000 costs little more than its query; and
many queries are one statement, so that one order waits for few.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from personalization.columns import Column, FactType, SetColumn, TextColumn
from personalization.facts.question import Question

NOTHING: Final[NDArray[np.int64]] = np.zeros(0, dtype=np.int64)
PACKED_POSITIONS: Final = "string_agg(int4send(CAST(position AS integer)), CAST('' AS bytea))"

# Per name of a column: word → the positions where it stands.
Words = dict[str, dict[str, NDArray[np.int64]]]


@dataclass(frozen=True, slots=True)
class Asking:
    """A query with a column `position`, and what is wanted of its rows: name → SQL expression over them.

    `words` are texts, `lists` arrays of texts, `numbers` numbers, booleans, or days since 1970-01-01. `parameters` must
    have names of their own: many askings are one statement.
    """

    query: str
    words: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """`words`: NULL stands nowhere. `numbers`: the values at `positions` as float64; NULL is NaN."""

    words: Words
    positions: NDArray[np.int64]
    numbers: dict[str, NDArray[np.float64]]


# One who says what to ask, is sent the answers in the same order, and returns columns.
Loader = Generator[list[Asking], list[Answer], dict[Question, Column]]


def load_together(session: Session, loaders: Iterable[Loader], parameters: Mapping[str, Any]) -> dict[Question, Column]:
    """Return the columns of all loaders, whatever they ask in one statement."""
    asked = [(loader, next(loader)) for loader in loaders]
    answers = iter(read_all(session, [asking for _, askings in asked for asking in askings], parameters))
    columns: dict[Question, Column] = {}
    for loader, askings in asked:
        try:
            loader.send([next(answers) for _ in askings])
        except StopIteration as done:
            columns |= done.value
    return columns


def read_all(session: Session, askings: Sequence[Asking], parameters: Mapping[str, Any]) -> list[Answer]:
    """Return one answer per asking, in their order, by one statement."""
    writing = _Writing()
    places = [writing.add(asking) for asking in askings]
    if not writing.commons and not writing.folded:
        return [Answer({}, NOTHING, {}) for _ in askings]
    words: dict[int, dict[str, NDArray[np.int64]]] = {}
    numbers: dict[int, tuple[NDArray[np.int64], list[NDArray[np.float64]]]] = {}
    bound = dict(parameters)
    for asking in askings:
        bound |= asking.parameters
    for number, word, positions, values in session.execute(_prepare(writing.write()), bound):
        if values is None:
            words.setdefault(number, {})[word] = unpack_positions(positions)
        else:
            found = [np.frombuffer(value or b"", dtype=">f8").astype(np.float64) for value in values]
            numbers[number] = (unpack_positions(positions), found)
    answers = []
    for asking, (words_at, numbers_at) in zip(askings, places, strict=True):
        positions, found = numbers.get(numbers_at, (NOTHING, []))
        listed = {name: words.get(place, {}) for name, place in words_at.items()}
        answers.append(Answer(listed, positions, dict(zip(asking.numbers, found, strict=True))))
    return answers


# Parsing a long statement costs more than running it for one order.
@lru_cache(maxsize=256)
def _prepare(sql: str) -> TextClause:
    return text(sql)


@dataclass(slots=True)
class _Writing:
    """One statement for several askings. Each word column and each block of numbers has a number of its own."""

    commons: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    serial: "count[int]" = field(default_factory=count)

    def add(self, asking: Asking) -> tuple[dict[str, int], int]:
        """Return the number of each word column by name, and that of the numbers."""
        expressions = {**asking.words, **asking.lists}
        # Equal expressions are read once; only what is asked for is carried through.
        places = {sql: next(self.serial) for sql in dict.fromkeys(expressions.values())}
        numbers = {name: f"number{index}" for index, name in enumerate(asking.numbers)}
        source = f"({asking.query}) AS rows"
        if places:
            carried = [f"{sql} AS word{place}" for sql, place in places.items()]
            carried += [f"{sql} AS {numbers[name]}" for name, sql in asking.numbers.items()]
            source = f"asked{len(self.commons)}"
            self.commons.append(f"{source} AS (SELECT position, {', '.join(carried)} FROM ({asking.query}) AS rows)")
            arrays = {places[sql] for sql in asking.lists.values()}
            for place in places.values():
                word = f"unnest(word{place})" if place in arrays else f"word{place}"
                self.listed.append(f"SELECT {place} AS number, position, {word} AS word FROM {source}")
        place = next(self.serial)
        if numbers:
            wanted = numbers.values() if places else asking.numbers.values()
            packed = ", ".join(_pack_numbers(sql) for sql in wanted)
            self.folded.append(f"SELECT {place}, CAST(NULL AS text), {PACKED_POSITIONS}, ARRAY[{packed}] FROM {source}")
        return {name: places[sql] for name, sql in expressions.items()}, place

    def write(self) -> str:
        parts = list(self.folded)
        if self.listed:
            parts.append(
                f"SELECT number, word, {PACKED_POSITIONS}, CAST(NULL AS bytea[])"
                f" FROM ({' UNION ALL '.join(self.listed)}) AS listed WHERE word IS NOT NULL GROUP BY number, word"
            )
        commons = f"WITH {', '.join(self.commons)} " if self.commons else ""
        return commons + " UNION ALL ".join(parts)


def read_numbers(
    session: Session, query: str, columns: Mapping[str, str], parameters: Mapping[str, Any]
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Return the positions of a query's rows, and per column its values at them."""
    [answer] = read_all(session, [Asking(query, numbers=columns)], parameters)
    return answer.positions, answer.numbers


def read_words(
    session: Session,
    query: str,
    columns: Mapping[str, str],
    parameters: Mapping[str, Any],
    lists: Mapping[str, str] | None = None,
) -> Words:
    """Return, per column, each distinct word and the positions where it stands."""
    [answer] = read_all(session, [Asking(query, columns, lists or {})], parameters)
    return answer.words


def _pack_numbers(expression: str) -> str:
    number = f"coalesce(CAST({expression} AS double precision), 'NaN')"
    return f"string_agg(float8send({number}), CAST('' AS bytea))"


def unpack_positions(packed: bytes | None) -> NDArray[np.int64]:
    return np.frombuffer(packed or b"", dtype=">i4").astype(np.int64)


def make_text_column(kind: FactType, words: Mapping[str, NDArray[np.int64]], size: int) -> TextColumn:
    """Return the column of words that stand at most once per position."""
    codes = np.full(size, -1, dtype=np.int32)
    for code, positions in enumerate(words.values()):
        codes[positions] = code
    return TextColumn(kind, codes, tuple(words))


def make_set_column(words: Mapping[str, NDArray[np.int64]], known: NDArray[np.bool_]) -> SetColumn:
    """Return the column of words per position, each once; where `known` without a word the set is empty."""
    listed: Sequence[NDArray[np.int64]] = [np.unique(positions) for positions in words.values()]
    positions = np.concatenate([NOTHING, *listed])
    codes = np.repeat(np.arange(len(listed), dtype=np.int32), [len(each) for each in listed])
    order = np.argsort(positions, kind="stable")
    offsets = np.zeros(len(known) + 1, dtype=np.int64)
    np.cumsum(np.bincount(positions, minlength=len(known)), out=offsets[1:])
    return SetColumn(FactType.TEXT_SET, offsets, codes[order], tuple(words), known)
