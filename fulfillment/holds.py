"""Holding shipments and letting them go on. A shipment waits as long as one of its holds is open."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record_many
from core.context import get_context
from core.db import is_among
from core.ids import new_id
from fulfillment.errors import ShipmentErasedError
from fulfillment.models import HoldReason, Shipment, ShipmentHold
from fulfillment.states import ShipmentAct, ShipmentState, resume_act
from fulfillment.transitions import change_states

# A shipment held before its papers exist is planned anew when it is released.
_RESUMABLE = (ShipmentState.PRINTED, ShipmentState.VERIFIED)
# Added to the details of a hold that nobody looked at: it went by itself, and comes back with its cause.
CAUSE_GONE = {"cause_gone": True}


@dataclass(frozen=True)
class HoldIn:
    """`details` hold codes and places only; a note may be personal."""

    shipment_id: UUID
    reason: HoldReason
    details: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None


def place_holds(session: Session, shop_id: UUID, holds: Sequence[HoldIn]) -> list[UUID]:
    """Hold these shipments; a reason that is open already is left as it is. Returns the shipments that stopped just
    now.

    What has left the house or was cancelled is passed over: the caller asks `change_states` when it must not be.
    """
    pending = _lock_holdable(session, shop_id, {hold.shipment_id for hold in holds})
    rows = [
        {
            "id": new_id(),
            "shop_id": shop_id,
            "shipment_id": hold.shipment_id,
            "reason": hold.reason,
            "details": dict(hold.details),
            "note": hold.note,
            "placed_at": clock.now(),
            "placed_by": get_context().actor.id,
        }
        for hold in holds
        if hold.shipment_id in pending
    ]
    if not rows:
        return []
    statement = insert(ShipmentHold).on_conflict_do_nothing(
        index_elements=["shop_id", "shipment_id", "reason"], index_where=text("released_at IS NULL")
    )
    session.execute(statement, rows)
    subjects = [(hold.shipment_id, {"reason": hold.reason.value}) for hold in holds if hold.shipment_id in pending]
    record_many(session, "fulfillment:hold:place", shop_id=shop_id, subjects=subjects)
    stopped: list[UUID] = []
    for state in ShipmentState:
        ids = [shipment_id for shipment_id, now in pending.items() if now is state]
        origin = state if state in _RESUMABLE else ShipmentState.PLANNED
        leave = {} if state in _RESUMABLE else {"wave_id": None, "wave_position": None}
        stopped += change_states(session, shop_id, ids, ShipmentAct.HOLD, held_from=origin, **leave)
    return stopped


def _lock_holdable(session: Session, shop_id: UUID, shipment_ids: set[UUID]) -> dict[UUID, ShipmentState]:
    rows = session.execute(
        select(Shipment.id, Shipment.state)
        .where(Shipment.shop_id == shop_id, Shipment.id.in_(shipment_ids))
        .where(Shipment.state.in_([*_RESUMABLE, ShipmentState.PLANNED, ShipmentState.WAVED, ShipmentState.HELD]))
        .order_by(Shipment.id)
        .with_for_update()
    )
    return {row.id: ShipmentState(row.state) for row in rows}


def lift_holds(
    session: Session,
    shop_id: UUID,
    shipment_ids: Collection[UUID],
    reasons: Collection[HoldReason] | None = None,
    *,
    cause_gone: bool = False,
) -> list[UUID]:
    """Close the open holds (of these reasons); shipments without any left go on. Returns those that went on.

    `cause_gone`: no person answered for it, so that the same is held again when its cause is back.
    """
    _lock_holdable(session, shop_id, set(shipment_ids))
    closing = update(ShipmentHold).where(
        ShipmentHold.shop_id == shop_id,
        ShipmentHold.shipment_id.in_(set(shipment_ids)),
        ShipmentHold.released_at.is_(None),
    )
    if reasons is not None:
        closing = closing.where(ShipmentHold.reason.in_(list(reasons)))
    if cause_gone:
        closing = closing.values(details=ShipmentHold.details.op("||")(literal(CAUSE_GONE, JSONB)))
    closed = session.execute(
        closing.values(released_at=clock.now(), released_by=get_context().actor.id).returning(
            ShipmentHold.shipment_id, ShipmentHold.reason
        )
    ).all()
    subjects = [(row.shipment_id, {"reason": str(row.reason)}) for row in closed]
    record_many(session, "fulfillment:hold:lift", shop_id=shop_id, subjects=subjects)
    return _resume(session, shop_id, {row.shipment_id for row in closed})


def _resume(session: Session, shop_id: UUID, shipment_ids: set[UUID]) -> list[UUID]:
    open_hold = select(ShipmentHold.id).where(
        ShipmentHold.shop_id == shop_id, ShipmentHold.shipment_id == Shipment.id, ShipmentHold.released_at.is_(None)
    )
    rows = session.execute(
        select(Shipment.id, Shipment.held_from, Shipment.revision, Shipment.printed_revision).where(
            Shipment.shop_id == shop_id,
            Shipment.id.in_(shipment_ids),
            Shipment.state == ShipmentState.HELD,
            ~open_hold.exists(),
        )
    ).all()
    gone_on: list[UUID] = []
    for act in (ShipmentAct.RELEASE, ShipmentAct.RESUME_PRINTED, ShipmentAct.RESUME_VERIFIED):
        ids = [row.id for row in rows if _choose_act(row.held_from, row.revision == row.printed_revision) is act]
        gone_on += change_states(session, shop_id, ids, act, held_from=None)
    return gone_on


def _choose_act(held_from: ShipmentState | None, papers_stand: bool) -> ShipmentAct:
    return resume_act(held_from) if papers_stand else ShipmentAct.RELEASE


def need_unerased(session: Session, shop_id: UUID, shipments: Sequence[Shipment]) -> None:
    """Raise ShipmentErasedError for one that waits for somebody who is erased: it can only be cancelled."""
    held = find_open_holds(session, shop_id, [shipment.id for shipment in shipments])
    for shipment in shipments:
        if (shipment.id, HoldReason.ERASED) in held:
            raise ShipmentErasedError(shipment.number)


def find_open_holds(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> list[tuple[UUID, HoldReason]]:
    rows = session.execute(
        select(ShipmentHold.shipment_id, ShipmentHold.reason).where(
            ShipmentHold.shop_id == shop_id,
            is_among(ShipmentHold.shipment_id, shipment_ids),
            ShipmentHold.released_at.is_(None),
        )
    )
    return [(row.shipment_id, row.reason) for row in rows]
