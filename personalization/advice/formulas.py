"""Conditions as and/or of domains, and the one question asked of them: can they be true together? Pure.

`prove_empty` answers yes only with certainty: facts are independent of each other unless `relations` knows better, and
when the search grows too large the answer is "not proven".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from personalization.advice.atoms import make_base, read_comparison
from personalization.advice.domains import Domain
from personalization.conditions.tree import All, Always, Comparison, Condition, Not
from personalization.facts.question import Audience, Question

State = Mapping[Question, Domain]
Contradicts = Callable[[State], bool]


class Mode(StrEnum):
    """What is asked of a condition, whose truth may also be unknown."""

    TRUE = "true"
    FALSE = "false"
    NOT_TRUE = "not_true"
    NOT_FALSE = "not_false"


_OPPOSITE: Final = {
    Mode.TRUE: Mode.FALSE,
    Mode.FALSE: Mode.TRUE,
    Mode.NOT_TRUE: Mode.NOT_FALSE,
    Mode.NOT_FALSE: Mode.NOT_TRUE,
}


@dataclass(frozen=True, slots=True)
class Atom:
    question: Question
    domain: Domain


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Formula", ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Formula", ...] = ()


Formula = Atom | And | Or
NEVER: Final = Or()
EVER: Final = And()


def translate(condition: Condition, audience: Audience, mode: Mode = Mode.TRUE) -> Formula:
    """Return the formula that holds exactly where the condition is so, or in more cases, never in fewer."""
    match condition:
        case Always():
            return EVER if mode in (Mode.TRUE, Mode.NOT_FALSE) else NEVER
        case Not(part):
            return translate(part, audience, _OPPOSITE[mode])
        case Comparison():
            return _translate_comparison(condition, audience, mode)
    parts = tuple(translate(part, audience, mode) for part in condition.parts)
    joins = isinstance(condition, All) == (mode in (Mode.TRUE, Mode.NOT_FALSE))
    return And(parts) if joins else Or(parts)


def _translate_comparison(comparison: Comparison, audience: Audience, mode: Mode) -> Atom:
    question = comparison.question(audience)
    positive, negative = read_comparison(comparison)
    if mode is Mode.NOT_TRUE:
        missing = not positive.missing
        return Atom(question, Domain(missing, negative.known))
    if mode is Mode.NOT_FALSE:
        return Atom(question, Domain(not negative.missing, positive.known))
    return Atom(question, positive if mode is Mode.TRUE else negative)


@dataclass(slots=True)
class Effort:
    """How many steps a search may still take, shared by many searches."""

    steps: int = 2000

    def spend(self) -> bool:
        self.steps -= 1
        return self.steps >= 0


def prove_empty(formulas: Sequence[Formula], contradicts: Contradicts, effort: Effort) -> bool:
    """Say whether these formulas can certainly not all hold together."""
    return _search(list(formulas), {}, contradicts, effort)


def _search(pending: list[Formula], before: State, contradicts: Contradicts, effort: Effort) -> bool:
    if not effort.spend():
        return False
    state, choices = dict(before), []
    while pending:
        formula = pending.pop()
        if isinstance(formula, And):
            pending.extend(formula.parts)
        elif isinstance(formula, Or):
            choices.append(formula)
        elif _narrow(state, formula):
            return True
    if contradicts(state):
        return True
    if not choices:
        return False
    # The choice with the fewest ways first: no way at all ends it.
    choices.sort(key=lambda choice: len(choice.parts))
    first, rest = choices[0], choices[1:]
    return all(_search([way, *rest], state, contradicts, effort) for way in first.parts)


def _narrow(state: dict[Question, Domain], atom: Atom) -> bool:
    """Add what an atom says; True when nothing is left."""
    found = state.get(atom.question) or make_base(atom.question)
    state[atom.question] = narrowed = found.intersect(atom.domain)
    return narrowed.is_empty
