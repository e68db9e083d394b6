"""How a list of questions about history is counted: what to read, and which questions one array operation answers.

Worked out once per list of questions; knows no data.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from crm_link.kinds import TouchpointKind
from personalization.facts.question import ParameterValue, Question
from personalization.loading.history import CAMPAIGN_RATIOS, COMPLAINT, LINE_FACTS, MEASURES, Condition, Measure
from personalization.loading.sending import Horizon, Mask, Wanted, WordBits
from personalization.loading.sightings import (
    NEVER,
    Kernel,
    add_amounts,
    add_quantities,
    average_amount,
    average_score,
    count,
    largest_amount,
    last_score,
    lowest_score,
)

NEEDED: Final[Mapping[Any, tuple[str, ...]]] = {
    **dict.fromkeys((add_amounts, average_amount, largest_amount), ("amount",)),
    add_quantities: ("quantity",),
    **dict.fromkeys((last_score, average_score, lowest_score), ("score",)),
}
NEEDED_BY_CONDITION: Final[Mapping[Any, tuple[str, ...]]] = dict.fromkeys(
    (Condition.OPEN, Condition.OPEN_COMPLAINT), ("status",)
)
# Parameter → the column of one text, or the list of words, that it narrows by.
TEXTS: Final = {"campaigns": "campaign", "channels": "channel"}
LISTS: Final = {"skus": "skus", "categories": "categories", "topics": "categories"}
LINE_PLACES: Final = {"skus": "sku", "categories": "category"}
CAMPAIGN_KINDS: Final = (TouchpointKind.CAMPAIGN, TouchpointKind.CAMPAIGN_RESPONSE)
# What is fetched together of many persons; campaigns with what answered them. What takes longest to count comes first.
# A statement each reads the table once more, which takes a fraction of what it takes to write the columns.
FAMILIES: Final = (
    frozenset({TouchpointKind.PURCHASE}),
    frozenset(TouchpointKind) - {TouchpointKind.PURCHASE, *CAMPAIGN_KINDS},
    frozenset(CAMPAIGN_KINDS),
)


@dataclass(frozen=True, slots=True)
class Group:
    """The questions that count alike, by their rows in the plan. `masks`: what each of them counts, as rows of the
    masks of its kind; None: everything.
    """

    kernel: Kernel
    rows: NDArray[np.intp]
    masks: NDArray[np.intp] | None

    def of(self, masks: Mask) -> Mask | None:
        return None if self.masks is None else masks[self.masks]


Narrowing = tuple[Condition | None, tuple[tuple[str, ParameterValue], ...]]


@dataclass(frozen=True, slots=True)
class KindPlan:
    """What is counted of one kind. Each mask is one narrowing (None: any event) within one window of age in days.

    `most`: the age beyond which nothing counts.
    """

    most: int
    groups: tuple[Group, ...]
    narrowings: tuple[Narrowing, ...]
    windows: NDArray[np.int32]  # (windows, 2): older than, at most
    mask_narrowings: NDArray[np.intp]
    mask_windows: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a list of questions is counted, worked out once per list. `defaults`: value of a known person without any."""

    questions: tuple[Question, ...]
    kinds: Mapping[str, tuple[KindPlan, ...]]
    ratios: KindPlan | None
    bits: Mapping[str, WordBits]
    wanted: Wanted
    defaults: NDArray[np.float64]


@lru_cache(maxsize=64)
def plan_counting(questions: tuple[Question, ...], *, of_many: bool = False) -> tuple[Plan, ...]:
    """Return the plans for what whole touchpoints tell, and last for what their lines tell.

    `of_many`: a plan for each family of kinds, so that one is counted while the next is fetched; and each kind is
    counted window by window: more steps, each over fewer pairs of request and event.
    """
    parts: dict[tuple[bool, int], list[Question]] = defaultdict(list)
    for question in questions:
        of_lines = question.key in LINE_FACTS and bool(question.get("skus") or question.get("categories"))
        parts[of_lines, _find_family(question) if of_many else 0].append(question)
    return tuple(_Planning(tuple(part), of_lines, of_many).make() for (of_lines, _), part in sorted(parts.items()))


def _find_family(question: Question) -> int:
    kinds = _list_kinds(question)
    return next(place for place, family in enumerate(FAMILIES) if kinds <= family)


def _list_kinds(question: Question) -> set[TouchpointKind]:
    measure = MEASURES.get(question.key)
    return set(CAMPAIGN_KINDS) if measure is None else {measure.kind}


@dataclass
class _Planning:
    questions: tuple[Question, ...]
    by_line: bool
    by_window: bool

    def make(self) -> Plan:
        kinds: dict[str, list[int]] = defaultdict(list)
        for row, question in enumerate(self.questions):
            if question in self._measures:
                kinds[self._measures[question].kind].append(row)
        ratios = [row for row, question in enumerate(self.questions) if question.key in CAMPAIGN_RATIOS]
        defaults = [
            self._measures[q].default if q in self._measures else CAMPAIGN_RATIOS[q.key] for q in self.questions
        ]
        return Plan(
            questions=self.questions,
            kinds={kind: tuple(map(self._plan_kind, self._part(rows))) for kind, rows in kinds.items()},
            ratios=self._plan_kind(ratios) if ratios else None,
            bits=self._bits,
            wanted=self._wanted,
            defaults=np.array([[np.nan if default is None else default] for default in defaults], dtype=np.float64),
        )

    def _part(self, rows: Sequence[int]) -> Iterable[list[int]]:
        """Return the questions together, or by how far they look back."""
        if not self.by_window:
            return [list(rows)]
        parts: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            parts[self._look_back(row)].append(row)
        return parts.values()

    def _look_back(self, row: int) -> int:
        """Return the age in days beyond which the question does not look."""
        days = self.questions[row].get("days")
        return days if isinstance(days, int) else NEVER

    def _plan_kind(self, rows: Sequence[int]) -> KindPlan:
        narrowings: dict[Narrowing, int] = {}
        windows: dict[tuple[int, int], int] = {}
        masks: dict[tuple[int, int], int] = {}
        grouped: dict[tuple[Kernel, bool], list[tuple[int, int]]] = defaultdict(list)
        for row in rows:
            question, measure = self.questions[row], self._measures.get(self.questions[row])
            filters = tuple((key, value) for key, value in question.parameters if key in TEXTS or key in LISTS)
            narrowing = (None if measure is None else measure.condition, filters)
            skipped = question.get("skip_days")
            window = (-NEVER if skipped is None else skipped, self._look_back(row))
            is_all = measure is not None and narrowing == (None, ()) and window == (-NEVER, NEVER)
            mask = 0
            if not is_all:
                key = (
                    narrowings.setdefault(narrowing, len(narrowings)),
                    windows.setdefault(window, len(windows)),
                )
                mask = masks.setdefault(key, len(masks))
            grouped[count if measure is None else measure.kernel, is_all].append((row, mask))
        return KindPlan(
            most=max(map(self._look_back, rows)),
            groups=tuple(
                Group(kernel, _indexes([row for row, _ in pairs]), None if is_all else _indexes([m for _, m in pairs]))
                for (kernel, is_all), pairs in grouped.items()
            ),
            narrowings=tuple(narrowings),
            windows=np.array(list(windows), dtype=np.int32).reshape(-1, 2),
            mask_narrowings=_indexes([narrowing for narrowing, _ in masks]),
            mask_windows=_indexes([window for _, window in masks]),
        )

    @cached_property
    def _measures(self) -> dict[Question, Measure]:
        return {question: MEASURES[question.key] for question in self.questions if question.key in MEASURES}

    @cached_property
    def _bits(self) -> dict[str, WordBits]:
        """Return the lists of words that must be told apart, by name of the list."""
        words: dict[str, set[str]] = defaultdict(set)
        kinds: dict[str, set[str]] = defaultdict(set)
        for question in self.questions:
            for key, value in question.parameters:
                if key in LISTS and isinstance(value, tuple):
                    words[LISTS[key]].update(value)
                    kinds[LISTS[key]] |= _list_kinds(question)
        for measure in self._measures.values():
            if measure.condition in (Condition.COMPLAINT, Condition.OPEN_COMPLAINT):
                words["categories"].add(COMPLAINT)
                kinds["categories"].add(measure.kind)
        return {
            name: WordBits(
                prefix=name,
                place=LINE_PLACES[name] if self.by_line else name,
                words=tuple(sorted(listed)),
                kinds=tuple(sorted(kinds[name])),
                many=not self.by_line,
            )
            for name, listed in words.items()
            if listed
        }

    @cached_property
    def _wanted(self) -> Wanted:
        kinds = {kind for question in self.questions for kind in _list_kinds(question)}
        columns: dict[str, set[str]] = defaultdict(set)
        for question in self.questions:
            for name in self._list_columns(question):
                columns[name] |= _list_kinds(question)
        if TouchpointKind.PURCHASE in kinds:
            columns["name"].add(TouchpointKind.PURCHASE)
        listed = tuple((name, tuple(sorted(columns[name]))) for name in sorted(columns))
        return Wanted(tuple(sorted(kinds)), listed, tuple(self._bits.values()), self.by_line, self._find_horizon())

    def _find_horizon(self) -> Horizon | None:
        """Return how far back questions look, and the kinds of which any looks back without end."""
        furthest: dict[str, int] = defaultdict(int)
        for row, question in enumerate(self.questions):
            for kind in _list_kinds(question):
                # What was used is asked of all responses, whenever they came.
                days = self._look_back(row) if question in self._measures else NEVER
                furthest[kind] = max(furthest[kind], days)
        endless = tuple(sorted(kind for kind, days in furthest.items() if days == NEVER))
        limited = [days for days in furthest.values() if days != NEVER]
        return Horizon(max(limited), endless) if limited else None

    def _list_columns(self, question: Question) -> Iterator[str]:
        measure = self._measures.get(question)
        if measure is None:
            yield from ("campaign", "status")
        else:
            yield from NEEDED.get(measure.kernel, ())
            yield from NEEDED_BY_CONDITION.get(measure.condition, ())
        yield from (TEXTS[key] for key, _ in question.parameters if key in TEXTS)


def _indexes(found: Sequence[int]) -> NDArray[np.intp]:
    return np.array(found, dtype=np.intp)
