"""Rules of a document that can be read, with their places; what is broken is left to the check."""

import hashlib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from personalization.advice.formulas import Formula, Mode, translate
from personalization.conditions.explanation import Words
from personalization.conditions.tree import All, Condition, walk
from personalization.problems import Problems
from personalization.rulesets.parsing import parse_ruleset
from personalization.rulesets.ruleset import Rule


@dataclass(frozen=True, slots=True)
class ShopNow:
    """Where figures are read. `today` is the shop's own."""

    session: Session
    shop_id: UUID
    now: datetime
    today: date


@dataclass(frozen=True)
class Subject:
    """One rule and where it stands; `digest` is over all that was written of it."""

    index: int
    rule: Rule
    digest: bytes

    @property
    def place(self) -> str:
        return f"$.rules[{self.index}]"

    @property
    def name(self) -> Words:
        return Words(self.rule.name["ja"], self.rule.name["en"])

    @cached_property
    def when(self) -> Formula:
        """Where the condition is true."""
        return translate(self.rule.when, self.rule.audience)

    @cached_property
    def when_not(self) -> Formula:
        """Where the condition is false or unknown."""
        return translate(self.rule.when, self.rule.audience, Mode.NOT_TRUE)

    @cached_property
    def asked(self) -> AbstractSet[str]:
        """The facts that its condition speaks of."""
        return {comparison.fact for comparison in walk(self.rule.when)}

    @cached_property
    def parts(self) -> list[tuple[str, Condition]]:
        """What must hold together, with places."""
        return list(_flatten(self.rule.when, f"{self.place}.when"))


def _flatten(condition: Condition, place: str) -> Iterator[tuple[str, Condition]]:
    if isinstance(condition, All):
        for index, part in enumerate(condition.parts):
            yield from _flatten(part, f"{place}.all[{index}]")
    else:
        yield place, condition


def read_subjects(document: Mapping[str, Any]) -> list[Subject]:
    """Return the rules that have no mistake of their own, in their order."""
    rules = document.get("rules")
    if not isinstance(rules, list):
        return []
    whole = parse_ruleset({"format": 1, "rules": rules}, Problems())
    if whole is not None:
        return [Subject(index, rule, _digest(rules[index])) for index, rule in enumerate(whole.rules)]
    return [Subject(index, rule, _digest(each)) for index, each in enumerate(rules) for rule in _read_alone(each)]


def _digest(rule: Any) -> bytes:
    return hashlib.blake2b(orjson.dumps(rule, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _read_alone(rule: Any) -> tuple[Rule, ...]:
    parsed = parse_ruleset({"format": 1, "rules": [rule]}, Problems())
    return () if parsed is None else parsed.rules
