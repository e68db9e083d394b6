"""Columns of typed values, one row per request, with an explicit missing value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

EPOCH = date(1970, 1, 1).toordinal()

Value = int | float | bool | str | date | tuple[str, ...] | None


class FactType(StrEnum):
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    BOOLEAN = "boolean"
    TEXT = "text"
    CHOICE = "choice"
    TEXT_SET = "text_set"


@dataclass(frozen=True)
class ScalarColumn:
    """Numbers, money, booleans (0, 1) and dates (days since 1970-01-01) as float64; NaN is missing."""

    type: FactType
    values: NDArray[np.float64]

    @cached_property
    def missing(self) -> NDArray[np.int64]:
        """The rows without a value: many comparisons look at one column."""
        return np.flatnonzero(np.isnan(self.values))

    def __len__(self) -> int:
        return len(self.values)

    def get(self, row: int) -> Value:
        value = float(self.values[row])
        if value != value:  # NaN
            return None
        if self.type is FactType.BOOLEAN:
            return bool(value)
        if self.type is FactType.DATE:
            return date.fromordinal(EPOCH + int(value))
        return int(value) if value.is_integer() else value


@dataclass(frozen=True, slots=True)
class TextColumn:
    """Codes (int32) into `words`; -1 is missing."""

    type: FactType
    codes: NDArray[np.int32]
    words: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def get(self, row: int) -> Value:
        code = int(self.codes[row])
        return None if code < 0 else self.words[code]


@dataclass(frozen=True, slots=True)
class SetColumn:
    """Row i holds `codes[offsets[i]:offsets[i + 1]]`, distinct, into `words`; where not `known` it is missing."""

    type: FactType
    offsets: NDArray[np.int64]
    codes: NDArray[np.int32]
    words: tuple[str, ...]
    known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.known)

    def get(self, row: int) -> Value:
        return self.words_of(row) if self.known[row] else None

    def words_of(self, row: int) -> tuple[str, ...]:
        """Return the words of a row, sorted; none where the set is missing."""
        return tuple(sorted(self.words[code] for code in self.codes[self.offsets[row] : self.offsets[row + 1]]))

    def list_words(self) -> list[list[str] | None]:
        """Return the words of every row, sorted; None where the set is missing."""
        words = [self.words[code] for code in self.codes.tolist()]
        places = self.offsets.tolist()
        return [
            sorted(words[begin:end]) if known else None
            for begin, end, known in zip(places, places[1:], self.known.tolist(), strict=False)
        ]


Column = ScalarColumn | TextColumn | SetColumn


def make_column(kind: FactType, values: Sequence[Any]) -> Column:
    """Return the column of these Python values; None is missing. Sets may be any iterable of texts."""
    if kind in (FactType.TEXT, FactType.CHOICE):
        return _make_texts(kind, values)
    if kind is FactType.TEXT_SET:
        return _make_sets(values)
    if kind is FactType.DATE:
        values = [None if v is None else v.toordinal() - EPOCH for v in values]
    return ScalarColumn(kind, np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64))


def make_missing(kind: FactType, size: int) -> Column:
    """Return a column in which every row is missing."""
    return make_column(kind, [None] * size)


def _make_texts(kind: FactType, values: Sequence[str | None]) -> TextColumn:
    index: dict[str, int] = {}
    codes = [-1 if v is None else index.setdefault(v, len(index)) for v in values]
    return TextColumn(kind, np.array(codes, dtype=np.int32), tuple(index))


def _make_sets(values: Sequence[Iterable[str] | None]) -> SetColumn:
    index: dict[str, int] = {}
    codes: list[int] = []
    offsets = np.zeros(len(values) + 1, dtype=np.int64)
    for row, members in enumerate(values):
        codes.extend(index.setdefault(word, len(index)) for word in set(members or ()))
        offsets[row + 1] = len(codes)
    known = np.array([v is not None for v in values], dtype=np.bool_)
    return SetColumn(FactType.TEXT_SET, offsets, np.array(codes, dtype=np.int32), tuple(index), known)
