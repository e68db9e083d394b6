"""The condition tree as values: all, any, not, always; and the comparison of one fact with one value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from personalization.facts.question import Audience, ParameterValue, Question

Operand = (
    int | float | bool | str | date | tuple[int, int] | tuple[float, float] | tuple[date, date] | frozenset[str] | None
)


@dataclass(frozen=True, slots=True)
class Always:
    pass


@dataclass(frozen=True)
class Comparison:
    """`operand` is as the operator needs it: scalar, (low, high), set of texts, None. The catalogue has its fact."""

    fact: str
    op: str
    operand: Operand = None
    parameters: tuple[tuple[str, ParameterValue], ...] = ()

    @cached_property
    def _hash(self) -> int:
        return hash((self.fact, self.op, self.operand, self.parameters))

    def __hash__(self) -> int:
        # Evaluators look comparisons up for every batch; a rule lives long.
        return self._hash

    @cached_property
    def _questions(self) -> dict[Audience, Question]:
        plain = Question(self.fact, self.parameters)
        if not plain.fact.is_personal:
            return dict.fromkeys(Audience, plain)
        return {audience: Question(self.fact, self.parameters, audience) for audience in Audience}

    def question(self, audience: Audience) -> Question:
        return self._questions[audience]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple["Condition", ...]


Condition = Always | Comparison | Not | All | Any


def list_nodes(condition: Condition) -> Iterator[Condition]:
    """Yield the condition, then its parts, each followed by its own."""
    yield condition
    match condition:
        case Not(part):
            yield from list_nodes(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from list_nodes(part)


def walk(condition: Condition) -> Iterator[Comparison]:
    """Yield every comparison of the tree."""
    match condition:
        case Comparison():
            yield condition
        case Not(part):
            yield from walk(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from walk(part)
