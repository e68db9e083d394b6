"""Whole columns out of SQL as one value each: positions and numbers as bytes that NumPy reads, words with where they
stand. No row becomes a Python object, so that a batch of 100,000 costs little more than its query.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from personalization.columns import FactType, SetColumn, TextColumn

NOTHING: Final[NDArray[np.int64]] = np.zeros(0, dtype=np.int64)
PACKED_POSITIONS: Final = "string_agg(int4send(CAST(position AS integer)), CAST('' AS bytea))"

# Per name of a column: word → the positions where it stands.
Words = dict[str, dict[str, NDArray[np.int64]]]


def read_numbers(
    session: Session, query: str, columns: Mapping[str, str], parameters: Mapping[str, Any]
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Return the positions of a query's rows, and per column its values at them as float64; NULL is NaN.

    `query` has a column `position`; `columns` maps names to SQL expressions over it (numbers, booleans, or dates, which
    become days since 1970-01-01).
    """
    if not columns:
        return NOTHING, {}
    parts = "".join(f", {_pack_numbers(expression)}" for expression in columns.values())
    row = session.execute(text(f"SELECT {PACKED_POSITIONS}{parts} FROM ({query}) AS asked"), parameters).one()
    numbers = [np.frombuffer(value or b"", dtype=">f8").astype(np.float64) for value in row[1:]]
    return unpack_positions(row[0]), dict(zip(columns, numbers, strict=True))


def _pack_numbers(expression: str) -> str:
    number = f"coalesce(CAST({expression} AS double precision), 'NaN')"
    return f"string_agg(float8send({number}), CAST('' AS bytea))"


def read_words(
    session: Session,
    query: str,
    columns: Mapping[str, str],
    parameters: Mapping[str, Any],
    lists: Mapping[str, str] | None = None,
) -> Words:
    """Return, per column, each distinct word and the positions where it stands; NULL stands nowhere.

    `columns` maps names to SQL expressions over `query` that are texts, `lists` to such that are arrays of texts.
    """
    expressions = {**columns, **(lists or {})}
    if not expressions:
        return {}
    # Equal expressions are read once; only what is asked for is carried through.
    numbers = {sql: number for number, sql in enumerate(dict.fromkeys(expressions.values()))}
    carried = ", ".join(f"{sql} AS word{number}" for sql, number in numbers.items())
    arrays = {numbers[sql] for sql in (lists or {}).values()}
    words = {number: f"unnest(word{number})" if number in arrays else f"word{number}" for number in numbers.values()}
    parts = " UNION ALL ".join(
        f"SELECT {number} AS number, position, {word} AS word FROM asked" for number, word in words.items()
    )
    statement = f"""
        WITH asked AS (SELECT position, {carried} FROM ({query}) AS rows), listed AS ({parts})
        SELECT number, word, {PACKED_POSITIONS} FROM listed WHERE word IS NOT NULL GROUP BY number, word
    """
    found: dict[int, dict[str, NDArray[np.int64]]] = {number: {} for number in numbers.values()}
    for number, word, positions in session.execute(text(statement), parameters):
        found[number][word] = unpack_positions(positions)
    return {name: found[numbers[sql]] for name, sql in expressions.items()}


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
