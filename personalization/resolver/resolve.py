"""From matching rules to plans: gates on arrays, then parcel by parcel, oldest order first. Deterministic."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np

from personalization.facts.question import ask
from personalization.insert_info import Inserts
from personalization.law import BUILT_IN_LAW, GiftLimit, Law
from personalization.plan import Lost, Plan
from personalization.resolver.batch import ALLERGIES, CARE, GOODS_TOTAL, Batch
from personalization.resolver.enclosing import Surroundings
from personalization.resolver.gates import judge
from personalization.resolver.ledger import Ledger, Observer
from personalization.resolver.parcel import BackOrder, OwedInsert, Parcel
from personalization.resolver.supplies import NO_SUPPLIES, Supplies
from personalization.rulesets.catalogue import Catalogue, ServiceInfo
from personalization.rulesets.ruleset import BoxLimits, RulesetDocument


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
    """`uses` are the limited rules that acted; `counts` and `stock` what the ledger answered, `law` the entries that
    held: all to be stored.
    """

    plan: Plan
    back_orders: tuple[BackOrder, ...]
    uses: tuple[str, ...]
    counts: Mapping[str, int]
    stock: Mapping[str, int]
    law: Law
    supplies: Supplies


@dataclass(frozen=True, slots=True)
class Matches:
    """For each row the indexes into `document.active` that may act, in priority order, and what gates kept out."""

    acting: list[list[int]]
    lost: list[list[Lost]] = field(default_factory=list)


def match(rulebook: Rulebook, batch: Batch) -> Matches:
    """Evaluate every active rule over the whole batch and apply the gates."""
    rules = rulebook.document.active
    acting: list[list[int]] = [[] for _ in batch.requests]
    lost: list[list[Lost]] = [[] for _ in batch.requests]
    for index, rule in enumerate(rules):
        able, losses = judge(rule, rulebook.inserts, batch)
        for row in np.flatnonzero(able):
            acting[row].append(index)
        for loss in losses:
            entry = Lost(rule_key=rule.key, action=None, reason=loss.reason, details=loss.details)
            for row in np.flatnonzero(loss.where):
                lost[row].append(entry)
    return Matches(acting, lost)


def resolve(
    rulebook: Rulebook,
    batch: Batch,
    matches: Matches,
    ledger: Ledger,
    owed: Mapping[int, Sequence[OwedInsert]] | None = None,
    supplies: Mapping[int, Supplies] | None = None,
) -> list[Resolved]:
    """Return one result per request, in the order of the requests; scarce things go to the oldest orders first.

    `owed` maps rows to open promises of earlier parcels, `supplies` to products and coupons that may be offered.
    """
    found = dict(resolve_in_turn(rulebook, batch, matches, ledger, owed or {}, supplies or {}))
    return [found[row] for row in range(len(batch.requests))]


def resolve_in_turn(
    rulebook: Rulebook,
    batch: Batch,
    matches: Matches,
    ledger: Ledger,
    owed: Mapping[int, Sequence[OwedInsert]],
    supplies: Mapping[int, Supplies],
) -> Iterator[tuple[int, Resolved]]:
    """Yield (row, result), the oldest order first. `owed` is asked when a row's turn comes: a simulation may answer
    with what earlier rows promised.
    """
    for row in sorted(range(len(batch.requests)), key=lambda index: batch.requests[index].seniority):
        observer = Observer(ledger)
        law = _find_law(rulebook, batch, row)
        offered = supplies.get(row, NO_SUPPLIES)
        around = _surround(rulebook, batch, row, observer, law, offered)
        parcel = Parcel(batch, row, around, rulebook.catalogue)
        parcel.lost.extend(matches.lost[row])
        parcel.hold_for_care()
        for given in batch.requests[row].again:
            parcel.give_again(given)
        for promise in () if batch.requests[row].again else owed.get(row, ()):
            parcel.keep_promise(promise)
        for index in matches.acting[row]:
            parcel.propose(rulebook.document.active[index])
        yield (
            row,
            Resolved(
                plan=parcel.plan,
                back_orders=tuple(parcel.back_orders),
                uses=tuple(parcel.uses),
                counts=observer.counts,
                stock=observer.stock,
                law=rulebook.law.narrow(law.limit, law.service),
                supplies=offered,
            ),
        )


@dataclass(frozen=True, slots=True)
class _LawOfDay:
    limit: GiftLimit
    service: ServiceInfo | None


def _find_law(rulebook: Rulebook, batch: Batch, row: int) -> _LawOfDay:
    """Gifts are judged by the day of the transaction, a service by the day on which it would carry the parcel."""
    request = batch.requests[row]
    limit = rulebook.law.find_gift_limit(_local_day(batch, request.accepted_at))
    return _LawOfDay(limit, rulebook.find_service(request.delivery_service, _local_day(batch, request.moment)))


def _local_day(batch: Batch, moment: datetime) -> date:
    return moment.astimezone(batch.zone).date()


def _surround(
    rulebook: Rulebook, batch: Batch, row: int, ledger: Ledger, law: _LawOfDay, supplies: Supplies
) -> Surroundings:
    return Surroundings(
        request=batch.requests[row],
        inserts=rulebook.inserts,
        ledger=ledger,
        care=batch.members(CARE, row),
        allergies=batch.members(ALLERGIES, row),
        service=law.service,
        box=_find_space(rulebook.document.box, batch, row),
        gift_limit=law.limit.for_transaction(_read_total(batch, row)),
        supplies=supplies,
    )


def _find_space(box: BoxLimits, batch: Batch, row: int) -> BoxLimits:
    space = batch.requests[row].space
    return BoxLimits(
        pieces=box.pieces,
        grams=_smaller(box.grams, space.grams),
        millimetres=_smaller(box.millimetres, space.millimetres),
        cost=box.cost,
    )


def _smaller(first: float | None, second: float | None) -> float | None:
    return min((value for value in (first, second) if value is not None), default=None)


def _read_total(batch: Batch, row: int) -> float:
    """Return what the goods cost; nothing known is nothing paid, so that no gift is too dear."""
    column = batch.columns.get(ask(GOODS_TOTAL))
    total = None if column is None else column.get(row)
    return total if isinstance(total, int | float) else 0
