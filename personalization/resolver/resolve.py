"""From matching rules to plans: gates on arrays, then parcel by parcel, oldest order first. Deterministic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np

from personalization.columns import ScalarColumn
from personalization.conditions.operators import TRUE, UNKNOWN
from personalization.facts.question import ask
from personalization.insert_info import Inserts
from personalization.law import BUILT_IN_LAW, GiftLimit, Law
from personalization.placing import Placing, Unplaced
from personalization.plan import Lost, Plan
from personalization.requests import BoxSpace, DecisionRequest
from personalization.resolver.batch import Batch
from personalization.resolver.enclosing import Surroundings
from personalization.resolver.events import Events, Ragged
from personalization.resolver.gates import judge
from personalization.resolver.ledger import Ledger, Observer, Seen
from personalization.resolver.parcel import BackOrder, OwedInsert, Parcel
from personalization.resolver.shortcuts import Shortcuts
from personalization.resolver.supplies import NO_SUPPLIES, Supplies
from personalization.rulesets.catalogue import Catalogue, ServiceInfo
from personalization.rulesets.ruleset import BoxLimits, RulesetDocument
from personalization.rulesets.standing import ALLERGIES, CARE, GOODS_TOTAL


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What decides: the rules, and the catalogue, inserts and law they are applied with."""

    document: RulesetDocument
    catalogue: Catalogue
    inserts: Inserts
    law: Law = BUILT_IN_LAW

    def find_service(self, key: str | None, on: date) -> ServiceInfo | None:
        """Return what a service may carry on that day: as the shop's table says, else as the ruleset was checked."""
        return self.law.find_service(key or "", on) or self.catalogue.services.get(key or "")


@dataclass(frozen=True, slots=True)
class Resolved:
    """`uses` are the limited rules that acted, `law` the entries that held, `seen` what the ledger answered: all to be
    stored.
    """

    plan: Plan
    back_orders: tuple[BackOrder, ...]
    uses: tuple[str, ...]
    law: Law
    supplies: Supplies
    seen: Observer | Seen

    @property
    def counts(self) -> Mapping[str, int]:
        return self.seen.counts

    @property
    def stock(self) -> Mapping[str, int]:
        return self.seen.stock


@dataclass(frozen=True, slots=True)
class Matches:
    """For each row the indexes into `document.active` that may act, in priority order, and those of `losses` that gates
    kept out.
    """

    acting: Ragged
    lost: Ragged
    losses: Sequence[Lost]

    def list_lost(self, row: int) -> list[Lost]:
        return [self.losses[number] for number in self.lost.of(row)]


def match(rulebook: Rulebook, batch: Batch) -> Matches:
    """Evaluate every active rule over the whole batch; where one matches anywhere apply its gates."""
    rules = rulebook.document.active
    acting, lost = Events(), Events()
    losses: list[Lost] = []
    truth = batch.evaluator.run(rulebook.document.program)
    for index in np.flatnonzero(truth.max(axis=1, initial=UNKNOWN) == TRUE).tolist():
        rule = rules[index]
        able, kept_out = judge(rule, truth[index] == TRUE, rulebook.inserts, batch)
        acting.add(np.flatnonzero(able), index)
        for loss in kept_out:
            lost.add(np.flatnonzero(loss.where), len(losses))
            losses.append(Lost(rule_key=rule.key, action=None, reason=loss.reason, details=loss.details))
    size = len(batch.requests)
    return Matches(acting.gather(size), lost.gather(size), losses)


def resolve(
    rulebook: Rulebook,
    batch: Batch,
    matches: Matches,
    ledger: Ledger,
    owed: Mapping[int, Sequence[OwedInsert]] | None = None,
    supplies: Mapping[int, Supplies] | None = None,
    placing: Placing | None = None,
) -> list[Resolved]:
    """Return one result per request, in the order of the requests; scarce things go to the oldest orders first.

    `owed` maps rows to open promises of earlier parcels, `supplies` to products and coupons that may be offered.
    `placing` tells what papers show; without it everything is shown.
    """
    resolver = Resolver(rulebook, batch, matches, ledger, supplies or {}, placing)
    promised = owed or {}
    found = {row: resolver.decide(row, promised.get(row, ())) for row in list_turns(batch.requests)}
    return [found[row] for row in range(len(batch.requests))]


def list_turns(requests: Sequence[DecisionRequest]) -> list[int]:
    """Return the rows, the oldest order first."""
    return sorted(range(len(requests)), key=lambda row: requests[row].seniority)


@dataclass
class Resolver:
    """Decides row by row, to be asked in order of age."""

    rulebook: Rulebook
    batch: Batch
    matches: Matches
    ledger: Ledger
    supplies: Mapping[int, Supplies]
    placing: Placing | None = None

    def decide(self, row: int, owed: Sequence[OwedInsert]) -> Resolved:
        """Decide one row; `owed` is what earlier parcels of its customer still owe.

        Where the papers that were chosen have no place for a coupon or for products, it is decided again without them.
        """
        offered = self.supplies.get(row, NO_SUPPLIES)
        while True:
            observer = Observer(self.ledger)
            resolved = self._try(row, owed, offered, observer)
            lacking = self._find_unprinted(row, resolved)
            if not lacking:
                observer.settle(self.batch.requests[row])
                return resolved
            offered = offered.without(lacking)

    def _find_unprinted(self, row: int, resolved: Resolved) -> Unplaced:
        if self.placing is None or resolved.supplies is NO_SUPPLIES:
            return {}
        return self.placing.find_unprinted(row, resolved.plan)

    def _try(self, row: int, owed: Sequence[OwedInsert], offered: Supplies, observer: Observer) -> Resolved:
        law = self.terms.find_law(row)
        parcel = Parcel(self.batch, row, self.terms.surround(row, observer, law, offered), self.rulebook.catalogue)
        parcel.lost.extend(self.matches.list_lost(row))
        parcel.hold_for_care()
        again = self.batch.requests[row].again
        for given in again:
            parcel.give_again(given)
        for promise in () if again else owed:
            parcel.keep_promise(promise)
        for index in self.matches.acting.of(row):
            self._shortcuts.propose(parcel, index)
        return Resolved(parcel.plan, tuple(parcel.back_orders), tuple(parcel.uses), law.entries, offered, observer)

    @cached_property
    def terms(self) -> "Terms":
        return Terms(self.rulebook, self.batch)

    @cached_property
    def _shortcuts(self) -> Shortcuts:
        return Shortcuts(self.rulebook.document.active, self.rulebook.inserts)


@dataclass(frozen=True, slots=True)
class LawOfDay:
    """`entries` is a law of these two only: what one decision used."""

    limit: GiftLimit
    service: ServiceInfo | None
    entries: Law


@dataclass
class Terms:
    """What holds for whole parcels of a batch. Days, services and boxes are few: each combination is made once."""

    rulebook: Rulebook
    batch: Batch
    _laws: dict[tuple[int, int, str | None], LawOfDay] = field(default_factory=dict)
    _spaces: dict[BoxSpace, BoxLimits] = field(default_factory=dict)

    def find_law(self, row: int) -> LawOfDay:
        """Gifts are judged by the day of the transaction, a service by the day on which it would carry the parcel."""
        service = self.batch.requests[row].delivery_service
        key = (self._accepted_on[row], self._decided_on[row], service)
        if key not in self._laws:
            law, accepted_on, decided_on = self.rulebook.law, date.fromordinal(key[0]), date.fromordinal(key[1])
            limit, info = law.find_gift_limit(accepted_on), self.rulebook.find_service(service, decided_on)
            self._laws[key] = LawOfDay(limit, info, law.narrow(limit, info))
        return self._laws[key]

    @cached_property
    def _accepted_on(self) -> list[int]:
        found: list[int] = self.batch.accepted_on.tolist()
        return found

    @cached_property
    def _decided_on(self) -> list[int]:
        return [
            day if request.moment is request.accepted_at else request.moment.astimezone(self.batch.zone).toordinal()
            for day, request in zip(self._accepted_on, self.batch.requests, strict=True)
        ]

    @cached_property
    def totals(self) -> list[float]:
        """What the goods cost; nothing known is nothing paid, so that no gift is too dear."""
        column = self.batch.columns.get(GOODS)
        values = column.values if isinstance(column, ScalarColumn) else np.zeros(len(self.batch.requests))
        found: list[float] = np.nan_to_num(values).tolist()
        return found

    def surround(self, row: int, ledger: Ledger, law: LawOfDay, supplies: Supplies) -> Surroundings:
        request = self.batch.requests[row]
        return Surroundings(
            request=request,
            inserts=self.rulebook.inserts,
            ledger=ledger,
            care=self.batch.members(CARE, row),
            allergies=self.batch.members(ALLERGIES, row),
            service=law.service,
            box=self.find_space(request.space),
            gift_limit=law.limit.for_transaction(self.totals[row]),
            supplies=supplies,
        )

    def find_space(self, space: BoxSpace) -> BoxLimits:
        if space not in self._spaces:
            box = self.rulebook.document.box
            grams, millimetres = _smaller(box.grams, space.grams), _smaller(box.millimetres, space.millimetres)
            self._spaces[space] = BoxLimits(box.pieces, grams, millimetres, box.cost)
        return self._spaces[space]


GOODS: Final = ask(GOODS_TOTAL)


def _smaller(first: float | None, second: float | None) -> float | None:
    return min((value for value in (first, second) if value is not None), default=None)
