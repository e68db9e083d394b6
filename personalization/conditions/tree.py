"""The condition tree as values: all, any, not, always; and the comparison of one fact with one value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from personalization.facts.question import Audience, ParameterValue, Question

Operand = (
    int | float | bool | str | date | tuple[int, int] | tuple[float, float] | tuple[date, date] | frozenset[str] | None
)


@dataclass(frozen=True, slots=True)
class Always:
    pass


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operand` is as the operator needs it: scalar, (low, high), set of texts, or None."""

    fact: str
    op: str
    operand: Operand = None
    parameters: tuple[tuple[str, ParameterValue], ...] = ()

    def question(self, audience: Audience) -> Question:
        question = Question(self.fact, self.parameters)
        return Question(self.fact, self.parameters, audience) if question.fact.is_personal else question


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
