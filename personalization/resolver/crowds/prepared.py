"""Rules as arrays need them: what goes in, what is said, which places in the state they touch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from personalization.contention import list_chain
from personalization.insert_info import InsertInfo
from personalization.models import WhenOut
from personalization.plan import ActionKind
from personalization.resolver.ledger import LimitKey
from personalization.resolver.parcel import TAKEN, get_choice
from personalization.resolver.resolve import Rulebook
from personalization.rulesets.placeholders import list_facts
from personalization.rulesets.ruleset import Action, Limit, Rule

OFFERED = frozenset({ActionKind.COUPON, ActionKind.RECOMMEND})
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Thing:
    """The one thing that a rule puts in. `place` is that of its insert; `insert` None: the shop has no such one."""

    action: int
    kind: ActionKind
    key: str
    quantity: int
    place: int
    insert: InsertInfo | None


@dataclass(frozen=True, slots=True)
class Saying:
    """Anything else that a rule chooses. `choice`: the place of what it takes for itself; `is_same`: for all rows."""

    action: int
    said: Action
    choice: int | None
    is_same: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """A limit and the code by which plans remember its count; `place` is that of a limit that counts overall."""

    limit: Limit
    code: str
    place: int | None


@dataclass(frozen=True, slots=True)
class CrowdRule:
    index: int
    rule: Rule
    thing: Thing | None
    sayings: tuple[Saying, ...]
    limits: tuple[Counted, ...]
    group: int | None


@dataclass
class Prepared:
    """All rules of a rulebook. Places: of inserts, of groups, of choices (a letter, a slot …), of overall limits."""

    rulebook: Rulebook

    @cached_property
    def active(self) -> Sequence[Rule]:
        return self.rulebook.document.active

    @cached_property
    def inserts(self) -> list[InsertInfo]:
        return list(self.rulebook.inserts.values())

    @cached_property
    def insert_places(self) -> dict[str, int]:
        return {insert.key: place for place, insert in enumerate(self.inserts)}

    @cached_property
    def groups(self) -> dict[str, int]:
        named = sorted({rule.group for rule in self.active if rule.group is not None})
        return {group: place for place, group in enumerate(named)}

    @cached_property
    def choices(self) -> dict[tuple[str, str], int]:
        taking = {get_choice(action) for rule in self.active for action in rule.then if action.kind in TAKEN}
        return {choice: place for place, choice in enumerate(sorted(taking))}

    @cached_property
    def overall(self) -> dict[str, int]:
        """Rule key → place, of the rules that are limited overall."""
        limited = [rule.key for rule in self.active if any(not limit.per_customer for limit in rule.limits)]
        return {key: place for place, key in enumerate(limited)}

    @cached_property
    def rules(self) -> list[CrowdRule | None]:
        """None for a rule that is decided parcel by parcel: it offers, or puts in several things, all or none."""
        return [self._prepare(index, rule) for index, rule in enumerate(self.active)]

    @cached_property
    def is_hard(self) -> NDArray[np.bool_]:
        return np.array([rule is None for rule in self.rules], dtype=np.bool_)

    @cached_property
    def counts_persons(self) -> NDArray[np.bool_]:
        """(rules): whether what one person got before may stop it."""
        limited = {insert.key for insert in self.inserts if insert.limit_per_customer is not None}
        chains = [
            {link.key for a in rule.then for link in list_chain(self.rulebook, a.insert_key)} for rule in self.active
        ]
        by_person = [any(limit.per_customer for limit in rule.limits) for rule in self.active]
        found = [by or bool(chain & limited) for by, chain in zip(by_person, chains, strict=True)]
        return np.array(found, dtype=np.bool_)

    @cached_property
    def demand(self) -> NDArray[np.int64]:
        """(rules × inserts): the most pieces that one parcel may take by a rule, in place of others included."""
        found = np.zeros((len(self.active), len(self.inserts)), dtype=np.int64)
        for index, rule in enumerate(self.active):
            for _, action in rule.physical:
                for insert in list_chain(self.rulebook, action.insert_key):
                    found[index, self.insert_places[insert.key]] += action.quantity
        return found

    @cached_property
    def promised(self) -> NDArray[np.int64]:
        """(inserts): the most pieces that one parcel may take because an earlier one owes them."""
        found = np.zeros(len(self.inserts), dtype=np.int64)
        most = max((action.quantity for rule in self.active for action in rule.then), default=1)
        for insert in self.inserts:
            if insert.when_out is WhenOut.BACK_ORDER:
                for link in list_chain(self.rulebook, insert.key):
                    found[self.insert_places[link.key]] += most
        return found

    @cached_property
    def own(self) -> NDArray[np.int64]:
        """(rules): the place of the insert that the rule names; −1 without one."""
        things = [rule.thing if rule is not None else None for rule in self.rules]
        return np.array([-1 if thing is None else thing.place for thing in things], dtype=np.int64)

    def _prepare(self, index: int, rule: Rule) -> CrowdRule | None:
        if len(rule.physical) > 1 or any(action.kind in OFFERED for action in rule.then):
            return None
        things = [self._prepare_thing(place, action) for place, action in rule.physical]
        sayings = tuple(self._prepare_saying(place, action) for place, action in rule.choices)
        limits = tuple(self._prepare_limit(rule, limit) for limit in rule.limits)
        group = None if rule.group is None else self.groups[rule.group]
        return CrowdRule(index, rule, things[0] if things else None, sayings, limits, group)

    def _prepare_thing(self, place: int, action: Action) -> Thing:
        key = action.insert_key or ""
        insert = self.rulebook.inserts.get(key)
        return Thing(place, action.kind, key, action.quantity, self.insert_places.get(key, -1), insert)

    def _prepare_saying(self, place: int, action: Action) -> Saying:
        choice = self.choices[get_choice(action)] if action.kind in TAKEN else None
        is_same = action.kind is ActionKind.HOLD or not any(list_facts(text) for text in action.texts())
        return Saying(place, action, choice, is_same)

    def _prepare_limit(self, rule: Rule, limit: Limit) -> Counted:
        key = LimitKey(rule.subject, NOBODY if limit.per_customer else None, limit.within_days)
        return Counted(limit, key.code, None if limit.per_customer else self.overall[rule.key])
