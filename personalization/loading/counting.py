"""Counts, sums and ages over touchpoints for many questions at once: each touchpoint is read once, and all questions of
one kind that count alike are one array operation, (questions × pairs of request and touchpoint).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from crm_link.kinds import TouchpointKind
from personalization.columns import Column, ScalarColumn
from personalization.facts.question import ParameterValue, Question
from personalization.loading.counting_plans import CAMPAIGN_KINDS, LISTS, TEXTS, KindPlan, Plan, plan_counting
from personalization.loading.events import Events, Reader, hash_words
from personalization.loading.fetching import is_many
from personalization.loading.history import CLOSED, COMPLAINT, USED, Condition
from personalization.loading.sending import Mask, Wanted
from personalization.loading.sightings import NEVER, Sight, cut, divide, find_span, look
from personalization.loading.subjects import Subjects

# NumPy lets others work while it does.
AT_ONCE: Final = 2


def load_history(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question: one statement for all of them, one more for lines of purchases."""
    if not questions:
        return {}
    reader = Reader(subjects)
    plans = plan_counting(tuple(questions), of_many=is_many(len(reader.persons)))
    return {question: column for plan in plans for question, column in _Counting(reader, plan).load().items()}


def list_wanted(questions: Sequence[Question]) -> list[Wanted]:
    """Return what `load_history` will read of many persons for these questions."""
    return [plan.wanted for plan in plan_counting(tuple(questions), of_many=True)]


@dataclass
class _Counting:
    reader: Reader
    plan: Plan

    def load(self) -> dict[Question, Column]:
        position = self.reader.position
        # Read first: that takes the most memory, and half of it is free again afterwards.
        events = self.reader.read(self.plan.wanted)
        values = np.full((len(self.plan.questions), self.reader.subjects.size), np.nan)
        values[:, : len(position)] = self.plan.defaults
        if events:
            self._measure_all(events, values)
        if self.plan.ratios is not None and events:
            self._load_ratios(self.plan.ratios, events, values)
        for row in values:
            _put(row, position)
        return {
            question: ScalarColumn(question.fact.type, row)
            for question, row in zip(self.plan.questions, values, strict=True)
        }

    def _measure_all(self, events: Mapping[str, Events], values: NDArray[np.float64]) -> None:
        """Measure kind by kind, those of many persons side by side: each writes to rows of its own."""
        works = [
            partial(self._measure, kind, plan, self._narrow(plan, events[kind]), events[kind], values)
            for kind, plans in self.plan.kinds.items()
            for plan in plans
            if len(events[kind].columns["at"])
        ]
        if is_many(len(self.reader.persons)):
            with ThreadPoolExecutor(AT_ONCE) as pool:
                # Only purchases ask the session for more, so that it is never used twice at once.
                list(pool.map(_call, works))
        else:
            for work in works:
                work()

    def _measure(
        self, kind: str, plan: KindPlan, narrowed: list[Mask | None], events: Events, values: NDArray[np.float64]
    ) -> None:
        span = find_span(self.reader, events, plan.most)
        for sight in look(self.reader, events, span, cut(span), is_purchase=kind == TouchpointKind.PURCHASE):
            masks = _make_masks(plan, narrowed, sight)
            for group in plan.groups:
                self._keep(group.rows, sight, group.kernel(sight, group.of(masks)), values)

    def _keep(
        self, rows: NDArray[np.intp], sight: Sight, found: NDArray[np.float64], values: NDArray[np.float64]
    ) -> None:
        """`values` (questions × subjects) are in the reader's order until all are there."""
        counted = np.where(np.isnan(found), self.plan.defaults[rows], found)
        for row, each in zip(rows, counted, strict=True):
            values[row, sight.first : sight.first + sight.size] = each

    def _load_ratios(self, plan: KindPlan, events: Mapping[str, Events], values: NDArray[np.float64]) -> None:
        """Used is a campaign with a response, or with a status that says so, whenever that was."""
        used = hash_words(self.reader.subjects.session, USED)
        seen = [events[kind] for kind in CAMPAIGN_KINDS]
        spans = [find_span(self.reader, each) for each in seen]
        looks = [look(self.reader, *of, cut(*spans), is_purchase=False) for of in zip(seen, spans, strict=True)]
        sights = zip(*looks, strict=True)
        narrowed = self._narrow(plan, seen[0])
        [group] = plan.groups
        for received, answered in sights:
            names = np.concatenate([received.read("campaign"), answered.read("campaign")])
            kinds, codes = np.unique(names, return_inverse=True)
            keys = np.concatenate([received.subject, answered.subject]) * max(1, len(kinds)) + codes
            is_used = np.arange(len(keys)) >= len(received.event)
            is_used[: len(received.event)] = np.isin(received.read("status"), used)
            used_keys = np.unique(keys[is_used])
            there = received.read("campaign") != 0
            masks = group.of(_make_masks(plan, narrowed, received))
            assert masks is not None
            for row, mask in zip(group.rows, masks, strict=True):
                listed = np.unique(keys[: len(received.event)][there & mask])
                subject = listed // max(1, len(kinds))
                total = np.bincount(subject, minlength=received.size).astype(np.float64)
                unused = np.bincount(subject[~np.isin(listed, used_keys)], minlength=received.size).astype(np.float64)
                is_count = self.plan.questions[row].key == "history.unused_campaign_count"
                value = unused if is_count else divide(100 * (total - unused), total)
                self._keep(np.array([row]), received, value, values)

    def _narrow(self, plan: KindPlan, events: Events) -> list[Mask | None]:
        """Return masks over the events, whatever their age; None for everything."""
        return [self._combine(self._list_parts(events, *narrowing)) for narrowing in plan.narrowings]

    def _combine(self, parts: Iterator[Mask]) -> Mask | None:
        mask = next(parts, None)
        for part in parts:
            mask = part if mask is None else mask & part
        return mask

    def _list_parts(
        self, events: Events, condition: Condition | None, filters: tuple[tuple[str, ParameterValue], ...]
    ) -> Iterator[Mask]:
        if condition in (Condition.OPEN, Condition.OPEN_COMPLAINT):
            yield events.columns["status"] != self._hash([CLOSED])[0]
        if condition in (Condition.COMPLAINT, Condition.OPEN_COMPLAINT):
            yield self.plan.bits["categories"].find(events.columns, [COMPLAINT])
        for name, value in filters:
            yield self._filter(events, name, value)

    def _filter(self, events: Events, name: str, value: Any) -> Mask:
        if name in LISTS:
            return self.plan.bits[LISTS[name]].find(events.columns, value)
        column = events.columns[TEXTS[name]]
        wanted = self._hash(value)
        # One word is the rule, and comparing is much cheaper than looking it up in a set of one.
        found: Mask = column == wanted[0] if len(wanted) == 1 else np.isin(column, wanted)
        return found

    def _hash(self, words: Sequence[str]) -> list[int]:
        return hash_words(self.reader.subjects.session, words)


def _call(work: Callable[[], None]) -> None:
    work()


def _put(row: NDArray[np.float64], position: NDArray[np.int64]) -> None:
    """Put values in the reader's order where their requests stand."""
    values = row[: len(position)].copy()
    row[:] = np.nan
    row[position] = values


def _make_masks(plan: KindPlan, narrowed: Sequence[Mask | None], sight: Sight) -> Mask:
    """Return (masks × pairs) over what this sight has."""
    older, most = plan.windows[:, :1], plan.windows[:, 1:]
    within = sight.age <= most
    if (older > -NEVER).any():
        within &= sight.age > older
    masks: Mask = within[plan.mask_windows]
    seen = {n: mask[sight.event] for n, mask in enumerate(narrowed) if mask is not None}
    for mask, n in zip(masks, plan.mask_narrowings.tolist(), strict=True):
        if n in seen:
            np.logical_and(mask, seen[n], out=mask)
    return masks
