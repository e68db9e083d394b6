"""Splits and merges shipments, and undoes either. Each is decided again at once, in the same transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.ids import new_id
from fulfillment.copying import ORIGIN, copy_values
from fulfillment.deciding import decide_shipments
from fulfillment.errors import (
    MergeRefusedError,
    RearrangementNotFoundError,
    ReasonMissingError,
    ShipmentNotFoundError,
    SplitRefusedError,
    UndoRefusedError,
)
from fulfillment.holds import HoldIn, need_unerased, place_holds
from fulfillment.models import HoldReason, Rearrangement, RearrangementKind, Shipment, ShipmentHold, ShipmentLine
from fulfillment.planning.joining import dump_line, join_box, take_lines
from fulfillment.planning.loading import lock_orders
from fulfillment.planning.service import plan_orders
from fulfillment.rearranging.checks import find_obstacles, may_be_split
from fulfillment.rearranging.queries import can_undo, load_sides
from fulfillment.states import ShipmentAct
from fulfillment.transitions import require_change


@dataclass(frozen=True, kw_only=True)
class LaterPart:
    """When the part that is split off may go: not before a day, or only when somebody lets it."""

    not_before: date | None = None
    waits: bool = False


def split_shipment(
    session: Session,
    shop_id: UUID,
    shipment_id: UUID,
    quantities: Mapping[UUID, int],
    *,
    reason: str,
    later: LaterPart = LaterPart(),
) -> Shipment:
    """Put so many of these shipment lines into a shipment of their own and return it; what the customer is given stays
    with the first one. Raises SplitRefusedError, also when nothing would be left on one side; ShipmentErasedError for
    whom nothing can be printed any more.
    """
    _need_reason("Splitting", reason)
    [shipment], order_ids = _lock(session, shop_id, [shipment_id])
    if not may_be_split(shipment):
        raise SplitRefusedError("sent_again" if shipment.resend_of_id else "printed_or_gone")
    need_unerased(session, shop_id, [shipment])
    lines = _load_lines(session, shipment.id)
    _check_quantities(lines, quantities)
    part = _make_part(shipment, later)
    session.add(part)
    session.flush()  # The lines below refer to it.
    moved = {line.order_line_id: quantities[line.id] for line in lines if quantities.get(line.id)}
    _move(session, shipment, part, moved)
    _remember(session, RearrangementKind.SPLIT, shipment, part, moved, reason)
    _share_holds(session, shipment, part, reason if later.waits else None)
    _plan_and_decide(session, shop_id, order_ids, [part.id])
    session.refresh(part)
    return part


def merge_shipments(session: Session, shop_id: UUID, shipment_ids: Sequence[UUID], *, reason: str) -> Shipment:
    """Put these shipments into the box of the oldest and return it. Raises MergeRefusedError with every reason."""
    _need_reason("Merging", reason)
    shipments, order_ids = _lock(session, shop_id, shipment_ids)
    obstacles = find_obstacles(load_sides(session, shop_id, shipments))
    if obstacles:
        raise MergeRefusedError(obstacles)
    target, *others = sorted(shipments, key=lambda shipment: (shipment.accepted_at, shipment.id))
    for source in others:
        _merge_into(session, source, target, reason)
    _plan_and_decide(session, shop_id, order_ids, [target.id])
    session.refresh(target)
    return target


def undo_rearrangement(session: Session, shop_id: UUID, rearrangement_id: UUID, *, reason: str) -> None:
    """Merge what was split, or take out again what was merged. Raises UndoRefusedError when it is too late,
    ShipmentErasedError for whom nothing can be printed any more.
    """
    _need_reason("Undoing", reason)
    found = session.get(Rearrangement, rearrangement_id)
    if found is None or found.shop_id != shop_id:
        raise RearrangementNotFoundError(rearrangement_id)
    shipments, order_ids = _lock(session, shop_id, [found.kept_id, found.other_id])
    kept, other = (next(s for s in shipments if s.id == id_) for id_ in (found.kept_id, found.other_id))
    need_unerased(session, shop_id, [kept, other])
    _claim_undo(session, found)
    if not can_undo(found.kind, kept, other):
        raise UndoRefusedError("printed_or_gone")
    if found.kind is RearrangementKind.SPLIT:
        if obstacles := find_obstacles(load_sides(session, shop_id, [kept, other])):
            raise MergeRefusedError(obstacles)
        _merge_into(session, other, kept, reason)
    else:
        _take_out(session, found, kept, other)
    details = {"kind": str(found.kind), "other": str(other.id)}
    record(session, "fulfillment:shipment:undo", shop_id=shop_id, subject_id=kept.id, details=details)
    _plan_and_decide(session, shop_id, order_ids, [kept.id, other.id])


def _need_reason(act: str, reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError(act)


def _lock(session: Session, shop_id: UUID, shipment_ids: Sequence[UUID]) -> tuple[list[Shipment], set[UUID]]:
    """Lock the orders first, as planning does, then the shipments; returns the shipments and their orders."""
    of_shipments = select(ShipmentLine.order_id).where(
        ShipmentLine.shop_id == shop_id, ShipmentLine.shipment_id.in_(shipment_ids)
    )
    order_ids = lock_orders(session, shop_id, set(session.scalars(of_shipments)))
    statement = (
        select(Shipment)
        .where(Shipment.shop_id == shop_id, Shipment.id.in_(shipment_ids))
        .order_by(Shipment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list(session.scalars(statement))
    for missing in set(shipment_ids) - {shipment.id for shipment in found}:
        raise ShipmentNotFoundError(missing)
    return found, order_ids


def _load_lines(session: Session, shipment_id: UUID) -> list[ShipmentLine]:
    return list(session.scalars(select(ShipmentLine).where(ShipmentLine.shipment_id == shipment_id)))


def _check_quantities(lines: Sequence[ShipmentLine], quantities: Mapping[UUID, int]) -> None:
    there = {line.id: line.quantity for line in lines}
    if any(not 0 <= quantity <= there.get(line_id, 0) for line_id, quantity in quantities.items()):
        raise SplitRefusedError("not_that_many")
    moved = sum(quantities.values())
    if moved == 0:
        raise SplitRefusedError("nothing_moves")
    if moved == sum(there.values()):
        raise SplitRefusedError("nothing_stays")


def _make_part(shipment: Shipment, later: LaterPart) -> Shipment:
    """Return a shipment of the same orders; planning fills in where it goes."""
    part_id = new_id()
    return Shipment(
        id=part_id,
        plan_key=f"split:{part_id}",
        split_from_id=shipment.id,
        later_from=later.not_before,
        is_apart=True,
        **copy_values(shipment, ORIGIN),
    )


def _move(session: Session, source: Shipment, target: Shipment, quantities: Mapping[UUID, int]) -> None:
    """Move so many of these order lines, as far as the source holds them."""
    held = {line.order_line_id: line for line in _load_lines(session, source.id)}
    there = {line.order_line_id: line for line in _load_lines(session, target.id)}
    for order_line_id, wanted in quantities.items():
        line = held.get(order_line_id)
        if line is None or wanted <= 0:
            continue
        quantity = min(wanted, line.quantity)
        line.quantity -= quantity
        if order_line_id in there:
            there[order_line_id].quantity += quantity
        else:
            session.add(_copy_line(line, target.id, quantity))
    session.flush()
    session.execute(delete(ShipmentLine).where(ShipmentLine.shipment_id == source.id, ShipmentLine.quantity <= 0))
    session.expire(source, ["lines"])
    session.expire(target, ["lines"])


def _copy_line(line: ShipmentLine, shipment_id: UUID, quantity: int) -> ShipmentLine:
    return ShipmentLine(
        shop_id=line.shop_id,
        shipment_id=shipment_id,
        order_id=line.order_id,
        order_line_id=line.order_line_id,
        product_id=line.product_id,
        position=line.position,
        quantity=quantity,
    )


def _remember(
    session: Session,
    kind: RearrangementKind,
    kept: Shipment,
    other: Shipment,
    moved: Mapping[UUID, int],
    reason: str,
) -> None:
    lines = [dump_line(order_line_id, quantity) for order_line_id, quantity in moved.items()]
    by = get_context().actor.id
    session.add(
        Rearrangement(
            shop_id=kept.shop_id, kind=kind, kept_id=kept.id, other_id=other.id, lines=lines, reason=reason, by=by
        )
    )
    details = {"part": str(other.id), "pieces": sum(moved.values())}
    record(session, "fulfillment:shipment:split", shop_id=kept.shop_id, subject_id=kept.id, details=details)


def _share_holds(session: Session, shipment: Shipment, part: Shipment, waiting: str | None) -> None:
    """A person's hold holds for the part as well; the order's own and those of decisions are placed anew."""
    note = waiting
    if note is None:
        held = select(ShipmentHold.note).where(
            ShipmentHold.shipment_id == shipment.id,
            ShipmentHold.reason == HoldReason.PERSON,
            ShipmentHold.released_at.is_(None),
        )
        row = session.execute(held).first()
        if row is None:
            return
        note = row.note
    place_holds(session, shipment.shop_id, [HoldIn(part.id, HoldReason.PERSON, note=note)])


def _merge_into(session: Session, source: Shipment, target: Shipment, reason: str) -> None:
    lines = take_lines(session, source)
    there = {line.order_line_id: line for line in _load_lines(session, target.id)}
    for line in lines:
        if line.order_line_id in there:
            there[line.order_line_id].quantity += line.quantity
        else:
            session.add(_copy_line(line, target.id, line.quantity))
    session.flush()
    join_box(session, source, target, [dump_line(line.order_line_id, line.quantity) for line in lines], reason=reason)


def _claim_undo(session: Session, found: Rearrangement) -> None:
    """Mark it undone; of two who undo at once one is refused."""
    claimed = session.execute(
        update(Rearrangement)
        .where(Rearrangement.id == found.id, Rearrangement.undone_at.is_(None))
        .values(undone_at=clock.now(), undone_by=get_context().actor.id)
        .returning(Rearrangement.id)
    ).scalar_one_or_none()
    if claimed is None:
        raise UndoRefusedError("undone_already")


def _take_out(session: Session, found: Rearrangement, kept: Shipment, other: Shipment) -> None:
    """Let a shipment that was merged be one of its own again, with what is still there of its lines."""
    require_change(
        session, kept.shop_id, [other.id], ShipmentAct.TAKE_OUT, merged_into_id=None, is_apart=True, content_digest=None
    )
    _move(session, kept, other, {UUID(line["order_line_id"]): int(line["quantity"]) for line in found.lines})
    if not _load_lines(session, other.id) or not _load_lines(session, kept.id):
        raise UndoRefusedError("nothing_left")


def _plan_and_decide(session: Session, shop_id: UUID, order_ids: Collection[UUID], also: Collection[UUID]) -> None:
    session.flush()
    undecided = plan_orders(session, shop_id, order_ids)
    decide_shipments(session, shop_id, {*undecided, *also})
