"""The batch that is decided: requests, their columns of facts, and the arrays that gates need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from crm_link.kinds import Purpose
from personalization.columns import Column, SetColumn
from personalization.conditions.evaluation import Evaluator
from personalization.conditions.operators import TRUE
from personalization.conditions.tree import Comparison
from personalization.experiments.assigning import NO_ARMS, Arms
from personalization.facts.question import Audience, Question, ask
from personalization.requests import DecisionRequest
from personalization.rulesets.ruleset import RulesetDocument
from personalization.rulesets.standing import COMPLAINT, DENIED

NOTHING: frozenset[str] = frozenset()


def list_questions(document: RulesetDocument) -> Sequence[Question]:
    """Return, sorted and distinct, what the active rules ask and what the resolver itself must know."""
    return document.questions


@dataclass
class Batch:
    """`columns` has one column per question of `list_questions`, one row per request."""

    requests: Sequence[DecisionRequest]
    columns: Mapping[Question, Column]
    zone: ZoneInfo
    arms: Arms = NO_ARMS

    @cached_property
    def evaluator(self) -> Evaluator:
        return Evaluator(self.columns, len(self.requests))

    def with_arms(self, arms: Arms) -> "Batch":
        """Return the same batch with other arms; what was worked out already is shared."""
        twin = Batch(self.requests, self.columns, self.zone, arms)
        for name in ("evaluator", "accepted_on", "hides_buyer", "_members", "_lacks_person"):
            twin.__dict__[name] = getattr(self, name)
        return twin

    @cached_property
    def hides_buyer(self) -> NDArray[np.bool_]:
        """Whether it is a gift that goes to somebody else than the buyer."""
        return np.array([r.is_gift and r.is_to_other for r in self.requests], dtype=np.bool_)

    @cached_property
    def accepted_on(self) -> NDArray[np.int64]:
        """The local day of acceptance as a proleptic ordinal."""
        return np.array([r.accepted_at.astimezone(self.zone).toordinal() for r in self.requests], dtype=np.int64)

    @cached_property
    def _lacks_person(self) -> Mapping[Audience, NDArray[np.bool_]]:
        return {
            audience: np.array([get_person(r, audience) is None for r in self.requests], dtype=np.bool_)
            for audience in Audience
        }

    def lacks_person(self, audience: Audience) -> NDArray[np.bool_]:
        return self._lacks_person[audience]

    def find_arms(self, key: str, audience: Audience) -> NDArray[np.object_]:
        """Return the arm of each row's person in a running experiment; None for a person nobody knows."""
        of = self.arms.of[key]
        people = [get_person(request, audience) for request in self.requests]
        found = [None if person is None else of.get(person) for person in people]
        return np.array(found, dtype=np.object_)

    def is_measurable(self, audience: Audience) -> NDArray[np.bool_]:
        """Where the person has not denied that effects are measured."""
        return ~self.has(DENIED, "has_any", frozenset({str(Purpose.MEASUREMENT)}), audience)

    def has(self, key: str, op: str, words: frozenset[str], audience: Audience) -> NDArray[np.bool_]:
        """Where the set fact of that person is known and `op` (has_any, has_all) holds."""
        # The evaluator keeps equal comparisons, and many rules need the same purposes.
        return np.asarray(self.evaluator.evaluate(Comparison(key, op, words), audience) == TRUE)

    def complains(self, audience: Audience) -> NDArray[np.bool_]:
        """Where that person has an open complaint."""
        return np.asarray(self.evaluator.evaluate(Comparison(COMPLAINT, "equals", True), audience) == TRUE)

    @cached_property
    def _members(self) -> dict[str, dict[int, frozenset[str]]]:
        return {}

    def members(self, key: str, row: int) -> frozenset[str]:
        """Return what buyer and recipient of a row have together."""
        return self._list_members(key).get(row, NOTHING)

    def list_rows(self, key: str) -> set[int]:
        """Return the rows where buyer or recipient have any."""
        return set(self._list_members(key))

    def _list_members(self, key: str) -> dict[int, frozenset[str]]:
        if key not in self._members:
            self._members[key] = self._find_members(key)
        return self._members[key]

    def _find_members(self, key: str) -> dict[int, frozenset[str]]:
        """Return the rows that have any: few persons have a flag."""
        columns = [column for audience in Audience if isinstance(column := self.columns[ask(key, audience)], SetColumn)]
        rows = {row for column in columns for row in np.flatnonzero(np.diff(column.offsets)).tolist()}
        return {row: frozenset(word for column in columns for word in column.words_of(row)) for row in rows}


def get_person(request: DecisionRequest, audience: Audience) -> UUID | None:
    """Return the id of buyer or recipient, None when unknown."""
    return request.customer_id if audience is Audience.BUYER else request.recipient_customer_id
