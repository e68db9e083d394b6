"""Operators: which facts take them, what value they need, what they do to a column, and how they read.

A result is int8 per row: FALSE 0, UNKNOWN 1, TRUE 2; `not` is 2 − x, `all` the minimum, `any` the maximum (Kleene).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from personalization.columns import EPOCH, Column, FactType, ScalarColumn, SetColumn, TextColumn

Truth = NDArray[np.int8]
FALSE: Final = 0
UNKNOWN: Final = 1
TRUE: Final = 2


class Shape(StrEnum):
    """What value stands beside the operator."""

    NOTHING = "nothing"
    ONE = "one"
    PAIR = "pair"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Operator:
    """`ja` and `en` are sentences with {fact} and {value}."""

    key: str
    types: frozenset[FactType]
    shape: Shape
    ja: str
    en: str
    apply: Callable[[Any, Any], Truth]


AMOUNTS = frozenset({FactType.NUMBER, FactType.MONEY})
ORDERED = AMOUNTS | {FactType.DATE}
DATES = frozenset({FactType.DATE})
TEXTS = frozenset({FactType.TEXT, FactType.CHOICE})
FREE_TEXT = frozenset({FactType.TEXT})
SETS = frozenset({FactType.TEXT_SET})
ONE_VALUE = ORDERED | TEXTS | {FactType.BOOLEAN}


def as_number(value: Any) -> float:
    """Return a scalar operand as the columns hold it: dates as days since 1970-01-01."""
    return float(value.toordinal() - EPOCH) if hasattr(value, "toordinal") else float(value)


def _numbers(column: ScalarColumn, hits: NDArray[np.bool_]) -> Truth:
    # True is 1 in memory, and TRUE is 2: no copy is made.
    truth = hits.view(np.int8)
    np.left_shift(truth, 1, out=truth)
    if len(column.missing):
        truth[column.missing] = UNKNOWN
    return truth


def _words(column: TextColumn, accept: Callable[[str], bool]) -> Truth:
    # Each distinct word is judged once; the last entry answers for code -1, missing.
    table = np.array([TRUE if accept(word) else FALSE for word in column.words] + [UNKNOWN], dtype=np.int8)
    return table[column.codes]


def _members(column: SetColumn, wanted: frozenset[str]) -> NDArray[np.int64]:
    hits = np.array([word in wanted for word in column.words] or [False], dtype=np.int64)
    total = np.concatenate(([0], np.cumsum(hits[column.codes]))).astype(np.int64)
    return np.asarray(total[column.offsets[1:]] - total[column.offsets[:-1]])


def _sets(column: SetColumn, hits: NDArray[np.bool_]) -> Truth:
    truth = hits.astype(np.int8) * np.int8(TRUE)
    truth[~column.known] = UNKNOWN
    return truth


def _equals(column: ScalarColumn | TextColumn, value: Any) -> Truth:
    if isinstance(column, TextColumn):
        return _words(column, lambda word: word == value)
    return _numbers(column, column.values == as_number(value))


def _not_equals(column: ScalarColumn | TextColumn, value: Any) -> Truth:
    return np.asarray(TRUE - _equals(column, value), dtype=np.int8)


def _between(column: ScalarColumn, pair: Any) -> Truth:
    low, high = as_number(pair[0]), as_number(pair[1])
    return _numbers(column, (column.values >= low) & (column.values <= high))


def find_missing(column: Column) -> NDArray[np.bool_]:
    """Return where the column has no value."""
    if isinstance(column, ScalarColumn):
        return np.isnan(column.values)
    return column.codes < 0 if isinstance(column, TextColumn) else ~column.known


def _is_missing(column: Column, _value: None) -> Truth:
    return find_missing(column).astype(np.int8) * np.int8(TRUE)


def _compare(test: Callable[[Any, Any], Any]) -> Callable[[ScalarColumn, Any], Truth]:
    return lambda column, value: _numbers(column, test(column.values, as_number(value)))


_less, _most = _compare(np.less), _compare(np.less_equal)
_more, _least = _compare(np.greater), _compare(np.greater_equal)

_LISTED = (
    Operator("equals", ONE_VALUE, Shape.ONE, "{fact}が{value}である", "{fact} is {value}", _equals),
    Operator("not_equals", ORDERED | TEXTS, Shape.ONE, "{fact}が{value}ではない", "{fact} is not {value}", _not_equals),
    Operator("less_than", AMOUNTS, Shape.ONE, "{fact}が{value}未満", "{fact} is less than {value}", _less),
    Operator("at_most", AMOUNTS, Shape.ONE, "{fact}が{value}以下", "{fact} is at most {value}", _most),
    Operator("more_than", AMOUNTS, Shape.ONE, "{fact}が{value}より大きい", "{fact} is more than {value}", _more),
    Operator("at_least", AMOUNTS, Shape.ONE, "{fact}が{value}以上", "{fact} is at least {value}", _least),
    Operator("between", ORDERED, Shape.PAIR, "{fact}が{value}の間", "{fact} is between {value}", _between),
    Operator("before", DATES, Shape.ONE, "{fact}が{value}より前", "{fact} is before {value}", _less),
    Operator("on_or_before", DATES, Shape.ONE, "{fact}が{value}以前", "{fact} is on or before {value}", _most),
    Operator("after", DATES, Shape.ONE, "{fact}が{value}より後", "{fact} is after {value}", _more),
    Operator("on_or_after", DATES, Shape.ONE, "{fact}が{value}以後", "{fact} is on or after {value}", _least),
    Operator(
        "one_of",
        TEXTS,
        Shape.TEXTS,
        "{fact}が{value}のいずれか",
        "{fact} is one of {value}",
        lambda column, wanted: _words(column, lambda word: word in wanted),
    ),
    Operator(
        "none_of",
        TEXTS,
        Shape.TEXTS,
        "{fact}が{value}のどれでもない",
        "{fact} is none of {value}",
        lambda column, wanted: _words(column, lambda word: word not in wanted),
    ),
    Operator(
        "contains",
        FREE_TEXT,
        Shape.ONE,
        "{fact}が{value}を含む",
        "{fact} contains {value}",
        lambda column, value: _words(column, lambda word: value in word),
    ),
    Operator(
        "starts_with",
        FREE_TEXT,
        Shape.ONE,
        "{fact}が{value}で始まる",
        "{fact} starts with {value}",
        lambda column, value: _words(column, lambda word: word.startswith(value)),
    ),
    Operator(
        "has_any",
        SETS,
        Shape.TEXTS,
        "{fact}に{value}のいずれかがある",
        "{fact} has any of {value}",
        lambda column, wanted: _sets(column, _members(column, wanted) > 0),
    ),
    Operator(
        "has_all",
        SETS,
        Shape.TEXTS,
        "{fact}に{value}がすべてある",
        "{fact} has all of {value}",
        lambda column, wanted: _sets(column, _members(column, wanted) == len(wanted)),
    ),
    Operator(
        "has_none",
        SETS,
        Shape.TEXTS,
        "{fact}に{value}のどれもない",
        "{fact} has none of {value}",
        lambda column, wanted: _sets(column, _members(column, wanted) == 0),
    ),
    Operator(
        "is_empty",
        SETS,
        Shape.NOTHING,
        "{fact}が空",
        "{fact} is empty",
        lambda column, _: _sets(column, np.diff(column.offsets) == 0),
    ),
    Operator(
        "is_not_empty",
        SETS,
        Shape.NOTHING,
        "{fact}が空ではない",
        "{fact} is not empty",
        lambda column, _: _sets(column, np.diff(column.offsets) > 0),
    ),
    Operator("is_missing", frozenset(FactType), Shape.NOTHING, "{fact}が不明", "{fact} is unknown", _is_missing),
    Operator(
        "is_known",
        frozenset(FactType),
        Shape.NOTHING,
        "{fact}が分かっている",
        "{fact} is known",
        lambda column, _: np.asarray(TRUE - _is_missing(column, None), dtype=np.int8),
    ),
)
OPERATORS: dict[str, Operator] = {operator.key: operator for operator in _LISTED}


def list_operators(kind: FactType) -> list[Operator]:
    """Return the operators a fact of this type takes, in the order in which editors show them."""
    return [operator for operator in _LISTED if kind in operator.types]
