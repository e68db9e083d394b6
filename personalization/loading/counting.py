"""Counts, sums and ages over touchpoints for many questions at once: each touchpoint is read once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from crm_link.kinds import TouchpointKind
from personalization.columns import Column
from personalization.facts.question import Question
from personalization.loading.events import Events, Mask, Reader, Wanted, WordBits, hash_words
from personalization.loading.history import (
    CAMPAIGN_RATIOS,
    CLOSED,
    COMPLAINT,
    LINE_FACTS,
    MEASURES,
    USED,
    Condition,
    Measure,
)
from personalization.loading.sightings import (
    Sight,
    add_amounts,
    add_quantities,
    average_amount,
    average_score,
    divide,
    largest_amount,
    last_score,
    look,
    lowest_score,
)
from personalization.loading.subjects import Subjects

NEEDED: Final[Mapping[Any, str]] = {
    add_amounts: "amount",
    average_amount: "amount",
    largest_amount: "amount",
    add_quantities: "quantity",
    last_score: "score",
    average_score: "score",
    lowest_score: "score",
}
NEEDED_BY_CONDITION: Final = {Condition.OPEN: ("status",), Condition.OPEN_COMPLAINT: ("status",)}
# Parameter → the column of one text, or the list of words, that it narrows by.
TEXTS: Final = {"campaigns": "campaign", "channels": "channel"}
LISTS: Final = {"skus": "skus", "categories": "categories", "topics": "categories"}
PLACES: Final = {"skus": "ANY(t.skus)", "categories": "ANY(t.categories)"}
LINE_PLACES: Final = {"skus": "l.sku", "categories": "l.category"}
CAMPAIGN_KINDS: Final = (TouchpointKind.CAMPAIGN, TouchpointKind.CAMPAIGN_RESPONSE)


def load_history(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question: one statement for all of them, one more for lines of purchases."""
    by_line = [q for q in questions if q.key in LINE_FACTS and (q.get("skus") or q.get("categories"))]
    plain = [q for q in questions if q not in set(by_line)]
    if not questions:
        return {}
    reader = Reader(subjects)
    return _Counting(reader, plain).load() | _Counting(reader, by_line, by_line=True).load()


@dataclass
class _Counting:
    reader: Reader
    questions: Sequence[Question]
    by_line: bool = False

    def load(self) -> dict[Question, Column]:
        if not self.questions:
            return {}
        found = {question: np.full(len(self.reader.person), np.nan) for question in self.questions}
        events = self.reader.read(self._wanted)
        for kind, seen in events.items():
            self._measure(kind, seen, found)
        ratios = [question for question in self.questions if question.key in CAMPAIGN_RATIOS]
        if ratios and events:
            self._load_ratios(events, ratios, found)
        return {question: self._spread(question, values) for question, values in found.items()}

    @cached_property
    def _measures(self) -> dict[Question, Measure]:
        return {question: MEASURES[question.key] for question in self.questions if question.key in MEASURES}

    @cached_property
    def _bits(self) -> dict[str, WordBits]:
        """Return the lists of words that must be told apart, by name of the list."""
        words: dict[str, set[str]] = defaultdict(set)
        for question in self.questions:
            for key, value in question.parameters:
                if key in LISTS and isinstance(value, tuple):
                    words[LISTS[key]].update(value)
        if any(m.condition in (Condition.COMPLAINT, Condition.OPEN_COMPLAINT) for m in self._measures.values()):
            words["categories"].add(COMPLAINT)
        places = LINE_PLACES if self.by_line else PLACES
        return {name: WordBits(name, places[name], tuple(sorted(listed))) for name, listed in words.items() if listed}

    @cached_property
    def _wanted(self) -> Wanted:
        kinds = {measure.kind for measure in self._measures.values()}
        columns = {NEEDED[measure.kernel] for measure in self._measures.values() if measure.kernel in NEEDED}
        columns |= {TEXTS[key] for question in self.questions for key, _ in question.parameters if key in TEXTS}
        for measure in self._measures.values():
            columns |= set(NEEDED_BY_CONDITION.get(measure.condition or Condition.COMPLAINT, ()))
        if len(self._measures) < len(self.questions):
            kinds |= set(CAMPAIGN_KINDS)
            columns |= {"campaign", "status"}
        if TouchpointKind.PURCHASE in kinds:
            columns.add("name")
        return Wanted(tuple(sorted(kinds)), frozenset(columns), tuple(self._bits.values()), self.by_line)

    def _measure(self, kind: str, events: Events, found: Mapping[Question, NDArray[np.float64]]) -> None:
        asked = [question for question, measure in self._measures.items() if measure.kind == kind]
        if not asked:
            return
        narrowing = _Narrowing(self.reader, self._bits, events)
        masks = {question: narrowing.narrow(question, self._measures[question].condition) for question in asked}
        for sight in look(self.reader, events, is_purchase=kind == TouchpointKind.PURCHASE):
            chosen = slice(sight.first, sight.first + sight.size)
            seen = _Masks(sight, {})
            for question in asked:
                mask = seen.combine(question, masks[question])
                found[question][chosen] = self._measures[question].kernel(sight, mask)

    def _load_ratios(
        self, events: Mapping[str, Events], questions: Sequence[Question], found: Mapping[Question, NDArray[np.float64]]
    ) -> None:
        """Used is a campaign with a response, or with a status that says so, whenever that was."""
        used = hash_words(self.reader.subjects.session, USED)
        sights = zip(*(look(self.reader, events[kind], is_purchase=False) for kind in CAMPAIGN_KINDS), strict=True)
        narrowing = _Narrowing(self.reader, self._bits, events[TouchpointKind.CAMPAIGN])
        narrowed = {question: narrowing.narrow(question, None) for question in questions}
        for received, answered in sights:
            names = np.concatenate([received.read("campaign"), answered.read("campaign")])
            kinds, codes = np.unique(names, return_inverse=True)
            keys = np.concatenate([received.subject, answered.subject]) * max(1, len(kinds)) + codes
            is_used = np.arange(len(keys)) >= len(received.event)
            is_used[: len(received.event)] = np.isin(received.read("status"), used)
            used_keys = np.unique(keys[is_used])
            for question in questions:
                mask = _Masks(received, {}).combine(question, narrowed[question])
                there = received.read("campaign") != 0
                listed = np.unique(keys[: len(received.event)][there if mask is None else there & mask])
                subject = listed // max(1, len(kinds))
                total = np.bincount(subject, minlength=received.size).astype(np.float64)
                unused = np.bincount(subject[~np.isin(listed, used_keys)], minlength=received.size).astype(np.float64)
                value = (
                    unused if question.key == "history.unused_campaign_count" else divide(100 * (total - unused), total)
                )
                found[question][received.first : received.first + received.size] = value

    def _spread(self, question: Question, values: NDArray[np.float64]) -> Column:
        measure = self._measures.get(question)
        default = CAMPAIGN_RATIOS[question.key] if measure is None else measure.default
        if default is not None:
            values = np.where(np.isnan(values), default, values)
        return self.reader.subjects.spread(question.fact.type, self.reader.position, values, default)


@dataclass
class _Narrowing:
    """Masks over the events of one kind, whatever their age; equal ones are made once."""

    reader: Reader
    bits: Mapping[str, WordBits]
    events: Events
    made: dict[Any, Mask | None] = field(default_factory=dict)

    def narrow(self, question: Question, condition: Condition | None) -> tuple[Any, Mask | None]:
        """Return what the question counts (None: everything), with a key that equal questions share."""
        filters = tuple((key, value) for key, value in question.parameters if key in TEXTS or key in LISTS)
        key = (condition, filters)
        if key not in self.made:
            parts = [*self._list_conditions(condition), *(self._filter(name, value) for name, value in filters)]
            self.made[key] = np.all(np.array(parts), axis=0) if parts else None
        return key, self.made[key]

    def _list_conditions(self, condition: Condition | None) -> Iterator[Mask]:
        if condition in (Condition.OPEN, Condition.OPEN_COMPLAINT):
            yield self.events.columns["status"] != self._hash([CLOSED])[0]
        if condition in (Condition.COMPLAINT, Condition.OPEN_COMPLAINT):
            yield self.bits["categories"].find(self.events.columns, [COMPLAINT])

    def _filter(self, name: str, value: Any) -> Mask:
        if name in LISTS:
            return self.bits[LISTS[name]].find(self.events.columns, value)
        column = self.events.columns[TEXTS[name]]
        wanted = self._hash(value)
        # One word is the rule, and comparing is much cheaper than looking it up in a set of one.
        found: Mask = column == wanted[0] if len(wanted) == 1 else np.isin(column, wanted)
        return found

    def _hash(self, words: Sequence[str]) -> list[int]:
        return hash_words(self.reader.subjects.session, words)


@dataclass(frozen=True, slots=True)
class _Masks:
    """Masks over the pairs of one sight; equal ones are made once."""

    sight: Sight
    made: dict[Any, Mask]

    def combine(self, question: Question, narrowed: tuple[Any, Mask | None]) -> Mask | None:
        """Return what the question counts: None for everything that is seen."""
        key, events = narrowed
        parts = [] if events is None else [self._make(key, lambda: events[self.sight.event])]
        for name, value in question.parameters:
            if name == "days":
                parts.append(self._make((name, value), lambda limit=value: self.sight.age <= limit))
            elif name == "skip_days":
                parts.append(self._make((name, value), lambda limit=value: self.sight.age > limit))
        if len(parts) < 2:
            return parts[0] if parts else None
        both: Mask = np.all(np.array(parts), axis=0)
        return both

    def _make(self, key: Any, make: Any) -> Mask:
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]
