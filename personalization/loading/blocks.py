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


def read_words(session: Session, query: str, columns: Mapping[str, str], parameters: Mapping[str, Any]) -> Words:
    """Return, per column, each distinct word and the positions where it stands; NULL stands nowhere.

    `columns` maps names to SQL expressions over `query`: texts, or arrays of texts written as `unnest(…)`.
    """
    if not columns:
        return {}
    parts = " UNION ALL ".join(
        f"SELECT '{name}' AS name, position, {expression} AS word FROM asked" for name, expression in columns.items()
    )
    statement = f"""
        WITH asked AS ({query}), listed AS ({parts})
        SELECT name, word, {PACKED_POSITIONS} FROM listed WHERE word IS NOT NULL GROUP BY name, word
    """
    found: Words = {name: {} for name in columns}
    for name, word, positions in session.execute(text(statement), parameters):
        found[name][word] = unpack_positions(positions)
    return found


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
