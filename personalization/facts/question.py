"""A question: one fact, with its parameters, asked about the buyer or the recipient. What a batch is loaded for."""

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from typing import Any

from personalization.facts.catalogue import get_fact
from personalization.facts.fact import Fact

ParameterValue = int | str | tuple[str, ...]


class Audience(StrEnum):
    BUYER = "buyer"
    RECIPIENT = "recipient"


@dataclass(frozen=True)
class Question:
    """`parameters` is sorted by key; texts in it are sorted and distinct, so that equal questions are equal values."""

    key: str
    parameters: tuple[tuple[str, ParameterValue], ...] = ()
    audience: Audience = Audience.BUYER

    @cached_property
    def _hash(self) -> int:
        return hash((self.key, self.parameters, self.audience))

    def __hash__(self) -> int:
        return self._hash

    @property
    def fact(self) -> Fact:
        return get_fact(self.key)

    def get(self, parameter: str) -> Any:
        """Return the parameter's value, None when it was not given."""
        return next((value for key, value in self.parameters if key == parameter), None)

    @cached_property
    def code(self) -> str:
        """A text that names the question, the same in every version: key of stored inputs."""
        listed = {key: list(v) if isinstance(v, tuple) else v for key, v in self.parameters}
        tail = json.dumps(listed, ensure_ascii=False, separators=(",", ":")) if listed else ""
        return f"{self.key}{tail}@{self.audience}" if self.fact.is_personal else self.key + tail


def ask(key: str, audience: Audience = Audience.BUYER, **parameters: Any) -> Question:
    """Return the canonical question. Facts that speak of no person ignore the audience."""
    if not parameters:
        return _ask_plainly(key, audience)
    fact = get_fact(key)
    listed = tuple(sorted((name, _canonical(value)) for name, value in parameters.items()))
    return Question(key, listed, audience if fact.is_personal else Audience.BUYER)


@cache
def _ask_plainly(key: str, audience: Audience) -> Question:
    return Question(key, (), audience if get_fact(key).is_personal else Audience.BUYER)


def _canonical(value: Any) -> ParameterValue:
    return tuple(sorted(set(value))) if isinstance(value, list | tuple | set | frozenset) else value


def to_json(value: Any) -> Any:
    """Return a fact's value as JSON holds it: dates as text, sets as lists."""
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
