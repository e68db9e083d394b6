"""The one evaluator: the conditions of many rules over a whole batch of columns; one shipment is a batch of one.

All comparisons of a kind are one array operation, (comparisons × rows), whatever the number of rows. Large batches are
judged in blocks of rows that fit the processor's memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from personalization.columns import Column, ScalarColumn, SetColumn, TextColumn
from personalization.conditions.operators import FALSE, TRUE, UNKNOWN, Truth
from personalization.conditions.program import NO_ROWS, Fold, Numbers, Program, Sets, Texts, compile_one
from personalization.conditions.tree import Comparison, Condition
from personalization.facts.question import Audience, Question

# Of so few rows it is the number of operations that counts. So many comparisons are worked on at a time.
FEW: Final = 64
CELLS: Final = 8_000_000


@dataclass(slots=True)
class Evaluator:
    """Evaluates over one batch. What is asked of it singly is kept: gates of many rules ask alike."""

    columns: Mapping[Question, Column]
    size: int
    _seen: dict[tuple[Condition, Audience], Truth] = field(default_factory=dict)

    def evaluate(self, condition: Condition, audience: Audience = Audience.BUYER) -> Truth:
        """Return FALSE, UNKNOWN or TRUE (int8) per row. Raises KeyError when a fact it asks for was not loaded."""
        key = (condition, audience)
        if isinstance(condition, Comparison) and key in self._seen:
            return self._seen[key]
        truth: Truth = self.run(compile_one(condition, audience))[0]
        if isinstance(condition, Comparison):
            self._seen[key] = truth
        return truth

    def run(self, program: Program) -> NDArray[np.int8]:
        """Return (conditions × rows): what `evaluate` returns for each condition of the program."""
        judges = self._bind(program)
        found = np.empty((len(program.roots), self.size), dtype=np.int8)
        step = min(self.size, max(1, CELLS // max(1, program.rows))) or 1
        truth = np.empty((program.rows, step), dtype=np.int8)
        for first in range(0, self.size, step):
            last = min(first + step, self.size)
            block = truth[:, : last - first]
            for judge in judges:
                judge.judge(first, last, block)
            block[program.always] = TRUE
            if len(program.negated):
                block[program.negated] = TRUE - block[program.negated]
            for fold in program.folds:
                _fold(fold, block)
            found[:, first:last] = block.take(program.roots, axis=0)
        return found

    def _bind(self, program: Program) -> "list[_NumberJudge | _TextJudge | _SetJudge]":
        judges: list[_NumberJudge | _TextJudge | _SetJudge] = []
        if program.numbers.questions:
            judges.append(_NumberJudge(program.numbers, [self._values(q) for q in program.numbers.questions]))
        for texts in program.texts:
            column = self.columns[texts.question]
            assert isinstance(column, TextColumn)
            judges.append(_TextJudge(texts, column.codes, _judge_words(texts, column.words)))
        for sets in program.sets:
            members = self.columns[sets.question]
            assert isinstance(members, SetColumn)
            judges.append(_bind_set(sets, members))
        return judges

    def _values(self, question: Question) -> NDArray[np.float64]:
        column = self.columns[question]
        assert isinstance(column, ScalarColumn)
        return column.values


def _fold(fold: Fold, block: Truth) -> None:
    found = block[fold.first : fold.first + len(fold.parts[0])]
    block.take(fold.parts[0], axis=0, out=found, mode="clip")
    if fold.combine is None:
        np.subtract(TRUE, found, out=found)
        return
    for rows in fold.parts[1:]:
        part = found[: len(rows)]
        fold.combine(part, block.take(rows, axis=0), out=part)


@dataclass(frozen=True, slots=True)
class _NumberJudge:
    plan: Numbers
    columns: list[NDArray[np.float64]]

    def judge(self, first: int, last: int, truth: Truth) -> None:
        values = np.array([column[first:last] for column in self.columns])
        missing = np.isnan(values)
        for each in self.plan.together if last - first <= FEW else self.plan.apart:
            rows, asked = truth[each.rows], values[each.of]
            hits = rows.view(np.bool_)
            if each.high is not None:
                np.less_equal(asked, each.high, out=hits)
                if each.low is not None:
                    hits &= asked >= each.low
            elif each.low is not None:
                np.greater_equal(asked, each.low, out=hits)
            # True is 1 in memory, and TRUE is 2.
            np.left_shift(rows, 1, out=rows)
            unknown = missing[each.of]
            if not each.is_known and unknown.any():
                np.bitwise_or(rows, unknown.view(np.int8), out=rows)


def _judge_words(plan: Texts, words: tuple[str, ...]) -> NDArray[np.int8]:
    """Return (rows × words): each distinct word is judged once; the last entry answers for code -1, missing."""
    table = np.zeros((plan.count, len(words) + 1), dtype=np.int8)
    for code, word in enumerate(words):
        table[plan.hits.get(word, NO_ROWS), code] = TRUE
    for row, accepts, operand in plan.tests:
        table[row, [code for code, word in enumerate(words) if accepts(word, operand)]] = TRUE
    table[:, -1] = UNKNOWN
    table[plan.known, :-1], table[plan.known, -1] = TRUE, FALSE
    return table


@dataclass(frozen=True, slots=True)
class _TextJudge:
    plan: Texts
    codes: NDArray[np.int32]
    table: NDArray[np.int8]

    def judge(self, first: int, last: int, truth: Truth) -> None:
        truth[self.plan.first : self.plan.first + self.plan.count] = self.table[:, self.codes[first:last]]


def _bind_set(plan: Sets, column: SetColumn) -> "_SetJudge":
    """Keep of the column only the words that anybody asks for."""
    counts = np.zeros((plan.count, len(column.words)), dtype=np.int32)
    for code, word in enumerate(column.words):
        counts[plan.wanted.get(word, NO_ROWS), code] = 1
    is_wanted: NDArray[np.bool_] = np.any(counts, axis=0)
    kept = is_wanted[column.codes] if len(column.codes) else np.zeros(0, dtype=np.bool_)
    before = np.zeros(len(kept) + 1, dtype=np.int64)
    np.cumsum(kept, out=before[1:])
    return _SetJudge(plan, column, before[column.offsets], column.codes[kept], counts)


@dataclass(frozen=True, slots=True)
class _SetJudge:
    plan: Sets
    column: SetColumn
    offsets: NDArray[np.int64]
    codes: NDArray[np.int32]
    counts: NDArray[np.int32]

    def judge(self, first: int, last: int, truth: Truth) -> None:
        plan = self.plan
        rows = truth[plan.first : plan.first + plan.count]
        offsets = self.offsets[first : last + 1]
        total = np.zeros((plan.count, offsets[-1] - offsets[0] + 1), dtype=np.int32)
        np.cumsum(self.counts[:, self.codes[offsets[0] : offsets[-1]]], axis=1, out=total[:, 1:])
        total = total[:, offsets - offsets[0]]
        found = np.diff(total, axis=1)
        if len(plan.sizes):
            found[plan.sizes] = np.diff(self.column.offsets[first : last + 1])
        np.multiply(found >= plan.least, np.int8(TRUE), out=rows)
        known = self.column.known[first:last]
        if not known.all():
            rows[:, ~known] = UNKNOWN
        if len(plan.known):
            rows[plan.known] = known * np.int8(TRUE)
