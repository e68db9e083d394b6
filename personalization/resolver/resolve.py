"""From matching rules to plans: gates on arrays, then parcel by parcel, oldest order first. Deterministic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from personalization.facts.question import ask
from personalization.insert_info import Inserts
from personalization.law import get_gift_limit
from personalization.plan import Lost, Plan
from personalization.resolver.batch import ALLERGIES, CARE, GOODS_TOTAL, Batch
from personalization.resolver.enclosing import Surroundings
from personalization.resolver.gates import judge
from personalization.resolver.ledger import Ledger, Observer
from personalization.resolver.parcel import BackOrder, OwedInsert, Parcel
from personalization.rulesets.catalogue import Catalogue
from personalization.rulesets.ruleset import BoxLimits, RulesetDocument


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What decides: the rules, and the catalogue and inserts they are applied with."""

    document: RulesetDocument
    catalogue: Catalogue
    inserts: Inserts


@dataclass(frozen=True, slots=True)
class Resolved:
    """`uses` are the limited rules that acted; `counts` and `stock` what the ledger answered, to be stored."""

    plan: Plan
    back_orders: tuple[BackOrder, ...]
    uses: tuple[str, ...]
    counts: Mapping[str, int]
    stock: Mapping[str, int]


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
        for reason, mask in losses:
            for row in np.flatnonzero(mask):
                lost[row].append(Lost(rule_key=rule.key, action=None, reason=reason))
    return Matches(acting, lost)


def resolve(
    rulebook: Rulebook,
    batch: Batch,
    matches: Matches,
    ledger: Ledger,
    owed: Mapping[int, Sequence[OwedInsert]] | None = None,
) -> list[Resolved]:
    """Return one result per request, in the order of the requests; scarce things go to the oldest orders first.

    `owed` maps rows to open promises of earlier parcels.
    """
    found: dict[int, Resolved] = {}
    for row in sorted(range(len(batch.requests)), key=lambda index: batch.requests[index].seniority):
        observer = Observer(ledger)
        parcel = Parcel(batch, row, _surround(rulebook, batch, row, observer), rulebook.catalogue)
        parcel.lost.extend(matches.lost[row])
        parcel.hold_for_care()
        for promise in (owed or {}).get(row, ()):
            parcel.keep_promise(promise)
        for index in matches.acting[row]:
            parcel.propose(rulebook.document.active[index])
        found[row] = Resolved(
            parcel.plan, tuple(parcel.back_orders), tuple(parcel.uses), observer.counts, observer.stock
        )
    return [found[row] for row in range(len(batch.requests))]


def _surround(rulebook: Rulebook, batch: Batch, row: int, ledger: Ledger) -> Surroundings:
    request = batch.requests[row]
    return Surroundings(
        request=request,
        inserts=rulebook.inserts,
        ledger=ledger,
        care=batch.members(CARE, row),
        allergies=batch.members(ALLERGIES, row),
        service=rulebook.catalogue.services.get(request.delivery_service or ""),
        box=_find_space(rulebook.document.box, batch, row),
        gift_limit=_find_gift_limit(batch, row),
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


def _find_gift_limit(batch: Batch, row: int) -> int:
    column = batch.columns.get(ask(GOODS_TOTAL))
    total = None if column is None else column.get(row)
    day = batch.requests[row].accepted_at.astimezone(batch.zone).date()
    return get_gift_limit(total if isinstance(total, int | float) else 0, day)
