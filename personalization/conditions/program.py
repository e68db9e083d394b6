"""Conditions of many rules as one plan of array operations: what is asked is listed once, by how it is judged, and what
combines it is folded level by level. Worked out once per ruleset; knows no data.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from personalization.conditions.operators import OPERATORS, SETS, TEXTS, Operator
from personalization.conditions.tree import All, Always, Comparison, Condition, Not, list_nodes
from personalization.conditions.tree import Any as AnyOf
from personalization.facts.question import Audience, Question

Rows = NDArray[np.intp]
NO_ROWS: Final[Rows] = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Comparing:
    """Rows that are judged by one operation: where a question's value is from `low` to `high`, those that are given.

    `of` are the rows' places among the questions, or the one place of them all. `bounds` are (rows, 1), inclusive.
    `is_known`: they ask only whether there is a value.
    """

    rows: slice
    of: Rows | slice
    low: NDArray[np.float64] | None
    high: NDArray[np.float64] | None
    is_known: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """The first rows of a program. `together`: as few operations as there can be, for which values are copied out;
    `apart`: the same rows question by question, for many values.
    """

    questions: tuple[Question, ...]
    together: tuple[Comparing, ...]
    apart: tuple[Comparing, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """The rows from `first` on that ask about one text. `hits`: word → the rows (from 0 within these) it makes true;
    `tests` judge word by word; `known` ask only whether there is one.
    """

    question: Question
    first: int
    count: int
    hits: Mapping[str, Rows]
    tests: tuple[tuple[int, Callable[[str, Any], bool], Any], ...]
    known: Rows


@dataclass(frozen=True, slots=True)
class Sets:
    """The rows from `first` on that ask about one set: each is true from `least` (rows, 1) of its words on.

    `wanted`: word → the rows that count it; `sizes` count every word, `known` ask only whether the set is known.
    """

    question: Question
    first: int
    count: int
    wanted: Mapping[str, Rows]
    least: NDArray[np.int64]
    sizes: Rows
    known: Rows


@dataclass(frozen=True, slots=True)
class Fold:
    """The rows from `first` on, those of the most parts first. `parts[k]` are the k-th parts of all that have so many.

    `combine` is None for a negation.
    """

    first: int
    combine: np.ufunc | None
    parts: tuple[Rows, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """One row per distinct comparison and node. `roots`: the row of each condition that was compiled."""

    rows: int
    numbers: Numbers
    texts: tuple[Texts, ...]
    sets: tuple[Sets, ...]
    always: Rows
    negated: Rows
    folds: tuple[Fold, ...]
    roots: Rows


# Zones of rows, in their order: numbers with one bound or two, those asked only whether they are known, texts, sets.
BELOW, BETWEEN, ABOVE, KNOWN, TEXT, SET = range(6)


@lru_cache(maxsize=4096)
def compile_one(condition: Condition, audience: Audience) -> Program:
    return compile_conditions([(condition, audience)])


@lru_cache(maxsize=4096)
def compile_nodes(condition: Condition, audience: Audience) -> Program:
    """Return the program whose roots are the condition and all its parts, in the order of `list_nodes`."""
    return compile_conditions((node, audience) for node in list_nodes(condition))


def compile_conditions(conditions: Iterable[tuple[Condition, Audience]]) -> Program:
    """Return the program whose roots are these conditions, in their order. Equal parts of them are judged once."""
    gathered = _Gathered()
    roots = [gathered.add(condition, audience) for condition, audience in conditions]
    return _Layout(gathered).lay_out(roots)


@dataclass(frozen=True, slots=True)
class _Asked:
    question: Question
    operator: Operator
    operand: Any

    @property
    def zone(self) -> int:
        """In which zone of the program it stands."""
        if self.question.fact.type in TEXTS:
            return TEXT
        if self.question.fact.type in SETS:
            return SET
        if self.operator.asks_for_value:
            return KNOWN
        low, high = self.interval
        return BELOW if low == -np.inf else ABOVE if high == np.inf else BETWEEN

    @property
    def interval(self) -> tuple[float, float]:
        return (-np.inf, np.inf) if self.operator.interval is None else self.operator.interval(self.operand)


@dataclass(slots=True)
class _Gathered:
    """Every distinct comparison and node by a number of its own, in the order in which they were met."""

    numbers: dict[Any, int] = field(default_factory=dict)
    asked: dict[int, _Asked] = field(default_factory=dict)
    always: list[int] = field(default_factory=list)
    nodes: dict[int, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    heights: dict[int, int] = field(default_factory=dict)

    def add(self, condition: Condition, audience: Audience) -> int:
        match condition:
            case Comparison():
                return self._add_comparison(condition, audience)
            case Not(part):
                return self._add_node("not", (self.add(part, audience),))
            case All(parts) | AnyOf(parts):
                found = tuple(dict.fromkeys(self.add(part, audience) for part in parts))
                kind = "all" if isinstance(condition, All) else "any"
                return found[0] if len(found) == 1 else self._add_node(kind, found)
            case Always():
                number = self.numbers.setdefault("always", len(self.numbers))
                self.always, self.heights[number] = [number], 0
                return number

    def _add_comparison(self, comparison: Comparison, audience: Audience) -> int:
        question = comparison.question(audience)
        number = self.numbers.setdefault((question, comparison.op, comparison.operand), len(self.numbers))
        if number not in self.asked:
            self.asked[number] = _Asked(question, OPERATORS[comparison.op], comparison.operand)
            self.heights[number] = 0
        return number

    def _add_node(self, kind: str, parts: tuple[int, ...]) -> int:
        number = self.numbers.setdefault((kind, parts), len(self.numbers))
        self.nodes[number] = (kind, parts)
        self.heights[number] = 1 + max(self.heights[part] for part in parts)
        return number


_COMBINE: Final[Mapping[str, np.ufunc | None]] = {"all": np.minimum, "any": np.maximum, "not": None}


@dataclass(slots=True)
class _Layout:
    """Gives each number its row."""

    gathered: _Gathered
    row_of: dict[int, int] = field(default_factory=dict)

    def lay_out(self, roots: Sequence[int]) -> Program:
        asked = self.gathered.asked
        ordered = sorted(asked, key=lambda number: (asked[number].zone, asked[number].question.code, number))
        for number in (*ordered, *self.gathered.always):
            self.row_of[number] = len(self.row_of)
        numeric = [asked[number] for number in ordered if asked[number].zone < TEXT]
        texts, sets = [], []
        for (zone, question), group in groupby(
            ordered[len(numeric) :], key=lambda number: (asked[number].zone, asked[number].question)
        ):
            members = list(group)
            first, listed = self.row_of[members[0]], [asked[number] for number in members]
            if zone == TEXT:
                texts.append(_make_texts(question, first, listed))
            else:
                sets.append(_make_sets(question, first, listed))
        folds = tuple(self._list_folds())
        return Program(
            rows=len(self.row_of),
            numbers=_make_numbers(numeric),
            texts=tuple(texts),
            sets=tuple(sets),
            always=self._find_rows(self.gathered.always),
            negated=self._find_rows([number for number in ordered if asked[number].operator.negates]),
            folds=folds,
            roots=self._find_rows(roots),
        )

    def _list_folds(self) -> Iterable[Fold]:
        nodes, heights = self.gathered.nodes, self.gathered.heights
        ordered = sorted(nodes, key=lambda number: (heights[number], nodes[number][0], -len(nodes[number][1]), number))
        for (_, kind), group in groupby(ordered, key=lambda number: (heights[number], nodes[number][0])):
            members = list(group)
            first = len(self.row_of)
            for number in members:
                self.row_of[number] = len(self.row_of)
            listed = [nodes[number][1] for number in members]
            parts = [self._find_rows([p[k] for p in listed if len(p) > k]) for k in range(len(listed[0]))]
            yield Fold(first, _COMBINE[kind], tuple(parts))

    def _find_rows(self, numbers: Sequence[int]) -> Rows:
        return _to_rows([self.row_of[number] for number in numbers])


def _to_rows(rows: Sequence[int]) -> Rows:
    return np.array(rows, dtype=np.intp) if rows else NO_ROWS


def _make_numbers(asked: Sequence[_Asked]) -> Numbers:
    places = {question: place for place, question in enumerate(dict.fromkeys(each.question for each in asked))}
    together, apart = [], []
    first = 0
    for zone, grouped in groupby(asked, key=lambda each: each.zone):
        members = list(grouped)
        together.append(_compare(zone, first, members, _to_rows([places[each.question] for each in members])))
        for question, group in groupby(members, key=lambda each: each.question):
            listed = list(group)
            apart.append(_compare(zone, first, listed, slice(places[question], places[question] + 1)))
            first += len(listed)
    return Numbers(tuple(places), tuple(together), tuple(apart))


def _compare(zone: int, first: int, asked: Sequence[_Asked], of: Rows | slice) -> Comparing:
    bounds = np.array([each.interval for each in asked], dtype=np.float64)
    low = None if zone == BELOW else bounds[:, :1].copy()
    high = bounds[:, 1:].copy() if zone in (BELOW, BETWEEN) else None
    return Comparing(slice(first, first + len(asked)), of, low, high, zone == KNOWN)


def _make_texts(question: Question, first: int, asked: Sequence[_Asked]) -> Texts:
    hits: dict[str, list[int]] = {}
    for row, each in enumerate(asked):
        for word in () if each.operator.words is None else each.operator.words(each.operand):
            hits.setdefault(word, []).append(row)
    return Texts(
        question,
        first,
        len(asked),
        {word: _to_rows(rows) for word, rows in hits.items()},
        tuple((row, o.operator.accepts, o.operand) for row, o in enumerate(asked) if o.operator.accepts is not None),
        _to_rows([row for row, each in enumerate(asked) if each.operator.asks_for_value]),
    )


def _make_sets(question: Question, first: int, asked: Sequence[_Asked]) -> Sets:
    wanted: dict[str, list[int]] = {}
    least, sizes = [], []
    for row, each in enumerate(asked):
        words, enough = (None, 1) if each.operator.members is None else each.operator.members(each.operand)
        least.append(enough)
        if words is None:
            sizes.append(row)
        for word in words or ():
            wanted.setdefault(word, []).append(row)
    return Sets(
        question,
        first,
        len(asked),
        {word: _to_rows(rows) for word, rows in wanted.items()},
        np.array(least, dtype=np.int64).reshape(-1, 1),
        _to_rows(sizes),
        _to_rows([row for row, each in enumerate(asked) if each.operator.asks_for_value]),
    )
