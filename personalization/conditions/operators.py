"""Operators: which facts take them, what value they need, what they do to a column, and how they read.

A result is int8 per row: FALSE 0, UNKNOWN 1, TRUE 2; `not` is 2 − x, `all` the minimum, `any` the maximum (Kleene).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from math import inf, nextafter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from personalization.columns import EPOCH, FactType

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


# What an operator's value means: the values (from, to, both inclusive) that a number, or the words that a text may be;
# how many of which words of a set must be there (None: of all words).
Interval = Callable[[Any], tuple[float, float]]
Words = Callable[[Any], Collection[str]]
Members = Callable[[Any], tuple[Collection[str] | None, int]]


@dataclass(frozen=True, slots=True)
class Operator:
    """`ja` and `en` are sentences with {fact} and {value}. How it is judged follows from the type of the column.

    `accepts`: for texts, where no list of words says it. `negates`: the result is turned round, unknown stays unknown.
    An operator without any of these asks whether there is a value at all.
    """

    key: str
    types: frozenset[FactType]
    shape: Shape
    ja: str
    en: str
    interval: Interval | None = None
    words: Words | None = None
    accepts: Callable[[str, Any], bool] | None = None
    members: Members | None = None
    negates: bool = False

    @property
    def asks_for_value(self) -> bool:
        return not (self.interval or self.words or self.accepts or self.members)


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


def _exactly(value: Any) -> tuple[float, float]:
    return as_number(value), as_number(value)


def _below(value: Any) -> tuple[float, float]:
    return -inf, nextafter(as_number(value), -inf)


def _up_to(value: Any) -> tuple[float, float]:
    return -inf, as_number(value)


def _above(value: Any) -> tuple[float, float]:
    return nextafter(as_number(value), inf), inf


def _from(value: Any) -> tuple[float, float]:
    return as_number(value), inf


def _between(pair: Any) -> tuple[float, float]:
    return as_number(pair[0]), as_number(pair[1])


def _word(value: Any) -> Collection[str]:
    return (value,)


def _listed(value: Any) -> Collection[str]:
    return frozenset(value)


def _any_of(value: Any) -> tuple[Collection[str] | None, int]:
    return frozenset(value), 1


def _all_of(value: Any) -> tuple[Collection[str] | None, int]:
    return frozenset(value), len(frozenset(value))


def _anything(_value: Any) -> tuple[Collection[str] | None, int]:
    return None, 1


_LISTED = (
    Operator("equals", ONE_VALUE, Shape.ONE, "{fact}が{value}である", "{fact} is {value}", _exactly, _word),
    Operator(
        "not_equals",
        ORDERED | TEXTS,
        Shape.ONE,
        "{fact}が{value}ではない",
        "{fact} is not {value}",
        _exactly,
        _word,
        negates=True,
    ),
    Operator("less_than", AMOUNTS, Shape.ONE, "{fact}が{value}未満", "{fact} is less than {value}", _below),
    Operator("at_most", AMOUNTS, Shape.ONE, "{fact}が{value}以下", "{fact} is at most {value}", _up_to),
    Operator("more_than", AMOUNTS, Shape.ONE, "{fact}が{value}より大きい", "{fact} is more than {value}", _above),
    Operator("at_least", AMOUNTS, Shape.ONE, "{fact}が{value}以上", "{fact} is at least {value}", _from),
    Operator("between", ORDERED, Shape.PAIR, "{fact}が{value}の間", "{fact} is between {value}", _between),
    Operator("before", DATES, Shape.ONE, "{fact}が{value}より前", "{fact} is before {value}", _below),
    Operator("on_or_before", DATES, Shape.ONE, "{fact}が{value}以前", "{fact} is on or before {value}", _up_to),
    Operator("after", DATES, Shape.ONE, "{fact}が{value}より後", "{fact} is after {value}", _above),
    Operator("on_or_after", DATES, Shape.ONE, "{fact}が{value}以後", "{fact} is on or after {value}", _from),
    Operator(
        "one_of",
        TEXTS,
        Shape.TEXTS,
        "{fact}が{value}のいずれか",
        "{fact} is one of {value}",
        words=_listed,
    ),
    Operator(
        "none_of",
        TEXTS,
        Shape.TEXTS,
        "{fact}が{value}のどれでもない",
        "{fact} is none of {value}",
        words=_listed,
        negates=True,
    ),
    Operator(
        "contains",
        FREE_TEXT,
        Shape.ONE,
        "{fact}が{value}を含む",
        "{fact} contains {value}",
        accepts=lambda word, value: value in word,
    ),
    Operator(
        "starts_with",
        FREE_TEXT,
        Shape.ONE,
        "{fact}が{value}で始まる",
        "{fact} starts with {value}",
        accepts=lambda word, value: word.startswith(value),
    ),
    Operator(
        "has_any",
        SETS,
        Shape.TEXTS,
        "{fact}に{value}のいずれかがある",
        "{fact} has any of {value}",
        members=_any_of,
    ),
    Operator(
        "has_all",
        SETS,
        Shape.TEXTS,
        "{fact}に{value}がすべてある",
        "{fact} has all of {value}",
        members=_all_of,
    ),
    Operator(
        "has_none",
        SETS,
        Shape.TEXTS,
        "{fact}に{value}のどれもない",
        "{fact} has none of {value}",
        members=_any_of,
        negates=True,
    ),
    Operator(
        "is_empty",
        SETS,
        Shape.NOTHING,
        "{fact}が空",
        "{fact} is empty",
        members=_anything,
        negates=True,
    ),
    Operator(
        "is_not_empty",
        SETS,
        Shape.NOTHING,
        "{fact}が空ではない",
        "{fact} is not empty",
        members=_anything,
    ),
    Operator("is_missing", frozenset(FactType), Shape.NOTHING, "{fact}が不明", "{fact} is unknown", negates=True),
    Operator("is_known", frozenset(FactType), Shape.NOTHING, "{fact}が分かっている", "{fact} is known"),
)
OPERATORS: dict[str, Operator] = {operator.key: operator for operator in _LISTED}


def list_operators(kind: FactType) -> list[Operator]:
    """Return the operators a fact of this type takes, in the order in which editors show them."""
    return [operator for operator in _LISTED if kind in operator.types]
