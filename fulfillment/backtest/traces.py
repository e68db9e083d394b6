"""Both traces of one shipment, worked out again from its facts and from what its ledger showed. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.service import record
from fulfillment.backtest.comparing import SIDES
from fulfillment.backtest.errors import ShipmentNotTriedError
from fulfillment.backtest.keeping import describe_plan
from fulfillment.backtest.models import Backtest, BacktestDecision, BacktestEntry
from fulfillment.backtest.past import load_named_requests
from fulfillment.backtest.queries import find_backtest
from fulfillment.backtest.rulebooks import load_draft, load_live
from fulfillment.paper_places import load_places
from personalization.explaining import PlanExplanation, explain_plan
from personalization.facts.fact import AsOf
from personalization.models import InsertSnapshot
from personalization.naming import load_naming
from personalization.offering import load_offers
from personalization.plan import Plan
from personalization.resolver.batch import Batch
from personalization.resolver.ledger import NotRecordedError, RecordedLedger
from personalization.resolver.parcel import OwedInsert
from personalization.resolver.resolve import Rulebook, match, resolve
from personalization.simulating import load_past_batch, with_arms
from personalization.storage import load_inserts


@dataclass(frozen=True, slots=True)
class Trace:
    """What one ruleset chose and why. `is_as_kept` is false when the past looks different by now, for example because
    history was imported since: then this is what would be chosen today.
    """

    plan: Plan
    told: PlanExplanation
    is_as_kept: bool


@dataclass(frozen=True, slots=True)
class TracePair:
    live: Trace
    draft: Trace


def read_traces(session: Session, shop_id: UUID, backtest_id: UUID, shipment_id: UUID, language: str) -> TracePair:
    """Return what both rulesets chose for a shipment, with every rule explained; the reading is put on record.

    Raises BacktestNotFoundError, ShipmentNotTriedError (also when its customer was erased).
    """
    test = find_backtest(session, shop_id, backtest_id)
    kept = session.scalars(
        select(BacktestDecision).where(
            BacktestDecision.shop_id == shop_id,
            BacktestDecision.backtest_id == backtest_id,
            BacktestDecision.shipment_id == shipment_id,
        )
    ).one_or_none()
    requests = load_named_requests(session, shop_id, [shipment_id])
    if kept is None or kept.live_plan is None or not requests:
        raise ShipmentNotTriedError(shipment_id)
    record(session, "fulfillment:backtest:read", shop_id=shop_id, subject_id=shipment_id)
    live, draft = _load_rulebooks(session, test)
    batch = load_past_batch(session, shop_id, requests, [live.document, draft.document])
    contents = _load_entries(session, kept)
    traces = []
    for side, rulebook in zip(SIDES, (live, draft), strict=True):
        own = with_arms(session, shop_id, batch, rulebook.document, simulated=side == "draft")
        seen = _read_seen(getattr(kept, f"{side}_seen") or (), contents)
        plan = _repeat(session, shop_id, rulebook, own, seen)
        told = explain_plan(rulebook, own, plan, language, load_naming(session, shop_id, rulebook, own))
        kept_plan = [contents[number] for number in getattr(kept, f"{side}_plan") or ()]
        traces.append(Trace(plan, told, describe_plan(plan) == kept_plan))
    return TracePair(*traces)


def _load_rulebooks(session: Session, test: Backtest) -> tuple[Rulebook, Rulebook]:
    """Return both rulesets with the inserts as they stood when the backtest ran."""
    live = load_live(session, test.shop_id, test.live_version_id)
    snapshot = session.get(InsertSnapshot, (test.shop_id, test.inserts_digest))
    if snapshot is not None:
        live = Rulebook(live.document, live.catalogue, load_inserts(snapshot.content), live.law)
    return live, load_draft(test.document, test.catalogue, live)


def _load_entries(session: Session, kept: BacktestDecision) -> dict[int, list[Any]]:
    """Return the contents by number of what the row chose, lost and saw."""
    plans = {*(kept.live_plan or ()), *(kept.draft_plan or ())}
    names = {*(kept.live_seen or ())[::2], *(kept.draft_seen or ())[::2]}
    rows = session.execute(
        select(BacktestEntry.number, BacktestEntry.content).where(
            BacktestEntry.shop_id == kept.shop_id,
            BacktestEntry.backtest_id == kept.backtest_id,
            BacktestEntry.number.in_(plans | names),
        )
    )
    return {row.number: row.content for row in rows}


@dataclass
class Seen:
    """What a row saw of limits and stock, and which inserts earlier parcels owed it: key and quantity."""

    count: dict[str, int] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=dict)
    owed: list[tuple[str, int]] = field(default_factory=list)


def _read_seen(pairs: Sequence[int], contents: Mapping[int, list[Any]]) -> Seen:
    seen = Seen()
    for number, value in zip(pairs[::2], pairs[1::2], strict=True):
        kind, name = contents[number]
        if kind == "owed":
            seen.owed.append((name, value))
        else:
            getattr(seen, kind)[name] = value
    return seen


def _repeat(session: Session, shop_id: UUID, rulebook: Rulebook, batch: Batch, seen: Seen) -> Plan:
    matches = match(rulebook, batch)
    places = partial(load_places, session, shop_id)
    offers = load_offers(session, shop_id, rulebook, batch, matches, AsOf.KNOWN, places)
    owed = {0: [OwedInsert(UUID(int=place), key, quantity) for place, (key, quantity) in enumerate(seen.owed, 1)]}
    ledger = _LenientLedger(seen.count, seen.stock)
    [resolved] = resolve(rulebook, batch, matches, ledger, owed, offers.supplies, offers.placing)
    return resolved.plan


class _LenientLedger(RecordedLedger):
    """Where the past looks different by now, what was never asked counts as untouched: the trace says it differs."""

    def count(self, key: Any, request: Any) -> int:
        try:
            return super().count(key, request)
        except NotRecordedError:
            return 0

    def available(self, insert_key: str, request: Any) -> int:
        self.stock.setdefault(insert_key, PLENTY)
        return super().available(insert_key, request)


PLENTY = 1_000_000
