"""Moves shipments from state to state, by the table in `states` and by compare-and-set."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record_many
from core.db import is_among
from fulfillment.errors import ActNotPossibleError
from fulfillment.models import Shipment, format_number
from fulfillment.states import TRANSITIONS, ShipmentAct, ShipmentState


def change_states(
    session: Session, shop_id: UUID, shipment_ids: Collection[UUID], act: ShipmentAct, **values: Any
) -> dict[UUID, ShipmentState]:
    """Do an act on those of the shipments whose state allows it, one statement; returns where each went.

    Of two callers who race for one shipment, one finds it moved and gets nothing for it. `values` are set as well.
    """
    moves = {source: target for (source, possible), target in TRANSITIONS.items() if possible is act}
    if not shipment_ids:
        return {}
    moved = session.execute(
        update(Shipment)
        .where(Shipment.shop_id == shop_id, is_among(Shipment.id, set(shipment_ids)), Shipment.state.in_(list(moves)))
        .values(
            state=case({s.value: t.value for s, t in moves.items()}, value=Shipment.state),
            updated_at=clock.now(),
            **values,
        )
        .returning(Shipment.id, Shipment.state)
        .execution_options(synchronize_session=False)
    ).all()
    _expire(session, [row.id for row in moved], ["state", "updated_at", *values])
    record_many(
        session,
        f"fulfillment:shipment:{act}",
        shop_id=shop_id,
        subjects=[(row.id, {"state": row.state}) for row in moved],
    )
    return {row.id: ShipmentState(row.state) for row in moved}


def _expire(session: Session, shipment_ids: Sequence[UUID], written: Sequence[str]) -> None:
    """Make loaded shipments read what the statement wrote, when it is asked for."""
    for shipment_id in shipment_ids:
        loaded = session.identity_map.get(session.identity_key(Shipment, shipment_id))
        if loaded is not None:
            session.expire(loaded, written)


def require_change(
    session: Session, shop_id: UUID, shipment_ids: Collection[UUID], act: ShipmentAct, **values: Any
) -> dict[UUID, ShipmentState]:
    """Do an act on all of the shipments, or raise ActNotPossibleError naming those that stand in the way."""
    moved = change_states(session, shop_id, shipment_ids, act, **values)
    left = set(shipment_ids) - moved.keys()
    if left:
        rows = session.execute(select(Shipment.serial, Shipment.state).where(Shipment.id.in_(left))).all()
        raise ActNotPossibleError(act, [format_number(row.serial) for row in rows], [row.state for row in rows])
    return moved
