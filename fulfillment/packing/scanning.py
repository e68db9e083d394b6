"""The server's side of a scan: judged over locked parcels, counted, recorded. A repeated id is harmless; a conflict
stops the parcel.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record_many
from core.context import get_context
from fulfillment.errors import ReasonMissingError
from fulfillment.holds import HoldIn, place_holds
from fulfillment.models import HoldReason, Parcel
from fulfillment.packing.models import PackingException, ScanKind, Unit
from fulfillment.packing.reading import read_keys
from fulfillment.packing.scan_rows import lock_parcels, look_around, write_scans
from fulfillment.packing.verification import ACCEPTED, Judgement, ScanOutcome, ScanRequest, World, judge
from fulfillment.packing.worlds import AnyRow, LockedRow, make_rows, make_world
from fulfillment.states import ParcelState, ShipmentAct
from fulfillment.transitions import change_states

LONGEST_TEXT = 500
REFUSALS = frozenset(outcome.value for outcome in ScanOutcome if outcome not in ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class ScanIn:
    """One reading as the bench tells it: `text` was scanned, or `unit_id` confirmed by hand, or the parcel
    `set_aside`.
    """

    id: UUID
    at: datetime
    text: str = ""
    parcel_id: UUID | None = None
    unit_id: UUID | None = None
    set_aside: bool = False
    reason: str | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class ScanResult:
    id: UUID
    outcome: ScanOutcome
    original: ScanOutcome | None = None
    parcel_id: UUID | None = None
    unit_id: UUID | None = None
    standing: str | None = None


@dataclass
class _Work:
    """One batch: its world, whose parcel is whose, and what came of it."""

    world: World
    rows: dict[str, LockedRow]
    shop_id: UUID
    bench_id: UUID | None
    judged: list[tuple[ScanIn, Judgement]] = field(default_factory=list)


def judge_scans(
    session: Session, shop_id: UUID, scans: Sequence[ScanIn], *, bench_id: UUID | None = None
) -> list[ScanResult]:
    """Judge a batch of scans in order and record them; results in the same order.

    `shop_id` owns scans that belong to no parcel. Sending a batch again changes nothing and tells the first outcomes.
    """
    for scan in scans:
        if (scan.unit_id or scan.set_aside) and not (scan.reason or "").strip():
            raise ReasonMissingError("Confirming by hand or setting aside")
    work = _load_work(session, shop_id, scans, bench_id)
    results = []
    for scan in scans:
        judgement = judge(work.world, _to_request(scan))
        if judgement.original is None:
            work.judged.append((scan, judgement))
        results.append(_to_result(work, scan, judgement))
    _record(session, work)
    return results


def _to_request(scan: ScanIn) -> ScanRequest:
    parcel = str(scan.parcel_id) if scan.parcel_id else None
    by_hand = str(scan.unit_id) if scan.unit_id else None
    refused = ScanOutcome(scan.outcome) if scan.outcome in REFUSALS else None
    return ScanRequest(str(scan.id), parcel, scan.text[:LONGEST_TEXT], by_hand, scan.set_aside, refused)


def _to_result(work: _Work, scan: ScanIn, judgement: Judgement) -> ScanResult:
    parcel = work.world.parcels.get(judgement.parcel or "")
    return ScanResult(
        id=scan.id,
        outcome=judgement.outcome,
        original=judgement.original,
        parcel_id=UUID(judgement.parcel) if judgement.parcel else None,
        unit_id=UUID(judgement.unit) if judgement.unit else None,
        standing=parcel.standing.value if parcel else None,
    )


def _load_work(session: Session, shop_id: UUID, scans: Sequence[ScanIn], bench_id: UUID | None) -> _Work:
    """Lock every parcel that the scans may concern, then read what they are judged over."""
    keys = {key for scan in scans for key in read_keys(scan.text[:LONGEST_TEXT])}
    locked = lock_parcels(session, {scan.parcel_id for scan in scans if scan.parcel_id}, keys)
    around = look_around(session, locked, keys, [scan.id for scan in scans], clock.now())
    rows = make_rows(session, locked)
    return _Work(make_world(session, rows, around), {str(row.parcel.id): row for row in rows}, shop_id, bench_id)


def _record(session: Session, work: _Work) -> None:
    if not work.judged:
        return
    accepted = [judgement for _, judgement in work.judged if judgement.is_accepted]
    write_scans(session, [_to_row(work, *pair) for pair in work.judged], Counter(j.unit for j in accepted if j.unit))
    _finish(session, work, [j.parcel for j in accepted if j.outcome is ScanOutcome.LABEL_BOUND and j.parcel])
    _set_aside(session, work)
    _stop_conflicts(session, work)


def _to_row(work: _Work, scan: ScanIn, judgement: Judgement) -> dict[str, object]:
    actor = get_context().actor
    row = work.rows.get(judgement.parcel or "")
    return {
        "id": scan.id,
        "shop_id": row.parcel.shop_id if row else work.shop_id,
        "kind": ScanKind.MANUAL if scan.unit_id or scan.set_aside else ScanKind.SCAN,
        "parcel_id": row.parcel.id if row else None,
        "unit_id": UUID(judgement.unit) if judgement.unit else None,
        "bench_id": work.bench_id,
        "text": scan.text[:LONGEST_TEXT],
        "outcome": judgement.outcome.value,
        "client_outcome": scan.outcome,
        "reason": scan.reason,
        "scanned_at": scan.at,
        "received_at": clock.now(),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
    }


def _finish(session: Session, work: _Work, parcel_keys: Collection[str]) -> None:
    """Mark packed parcels verified, and shipments whose every parcel is."""
    if not parcel_keys:
        return
    actor = get_context().actor
    ids = [work.rows[key].parcel.id for key in parcel_keys]
    session.execute(
        update(Parcel)
        .where(Parcel.id.in_(ids), Parcel.state == ParcelState.OPEN)
        .values(state=ParcelState.VERIFIED, verified_at=clock.now(), verified_by=actor.id, bench_id=work.bench_id)
        .execution_options(synchronize_session=False)
    )
    for shop_id in {work.rows[key].parcel.shop_id for key in parcel_keys}:
        shipments = {row.shipment.id for key in parcel_keys if (row := work.rows[key]).parcel.shop_id == shop_id}
        unfinished = select(Parcel.shipment_id).where(
            Parcel.shipment_id.in_(shipments), Parcel.state == ParcelState.OPEN
        )
        ready = shipments - set(session.scalars(unfinished))
        change_states(session, shop_id, ready, ShipmentAct.VERIFY)


def _set_aside(session: Session, work: _Work) -> None:
    """Record exceptions; a parcel that was finished has to be finished again."""
    for scan, judgement in work.judged:
        if judgement.outcome is not ScanOutcome.SET_ASIDE or judgement.parcel is None:
            continue
        row = work.rows[judgement.parcel]
        _raise_exception(session, row, "set_aside", scan.reason)
        reopen_parcel(session, row)


def reopen_parcel(session: Session, row: AnyRow) -> None:
    """Take back that a box is finished: its label has to be scanned again."""
    if row.parcel.state is ParcelState.VERIFIED:
        reopen_parcels(session, row.parcel.shop_id, {row.parcel.id: row.shipment.id})


def reopen_parcels(session: Session, shop_id: UUID, finished: Mapping[UUID, UUID]) -> None:
    """Take back that these boxes (parcel → shipment) are finished."""
    if not finished:
        return
    parcel_ids = list(finished)
    session.execute(
        update(Parcel)
        .where(Parcel.id.in_(parcel_ids))
        .values(state=ParcelState.OPEN, verified_at=None, verified_by=None)
    )
    session.execute(
        update(Unit).where(Unit.parcel_id.in_(parcel_ids), Unit.kind == "label").values(verified_quantity=0)
    )
    change_states(session, shop_id, sorted(set(finished.values())), ShipmentAct.REOPEN)


def _stop_conflicts(session: Session, work: _Work) -> None:
    """Where the bench let a scan pass that the server refuses, what lies in the box is in doubt: nobody ships it
    unseen.
    """
    for scan, judgement in work.judged:
        row = work.rows.get(judgement.parcel or "")
        told_accepted = scan.outcome in {outcome.value for outcome in ACCEPTED}
        harmless = judgement.is_accepted or judgement.outcome is ScanOutcome.REPEATED
        if row is None or not told_accepted or harmless:
            continue
        _raise_exception(session, row, f"conflict:{judgement.outcome.value}", None)
        details = {"told": scan.outcome, "judged": judgement.outcome.value}
        place_holds(session, row.parcel.shop_id, [HoldIn(row.shipment.id, HoldReason.SCAN_CONFLICT, details)])


def _raise_exception(session: Session, row: AnyRow, code: str, note: str | None) -> None:
    actor = get_context().actor
    shop_id = row.parcel.shop_id
    session.add(PackingException(shop_id=shop_id, parcel_id=row.parcel.id, code=code, note=note, raised_by=actor.id))
    record_many(session, "bench:parcel:set_aside", shop_id=shop_id, subjects=[(row.shipment.id, {"code": code})])
