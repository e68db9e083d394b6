"""One shipment goes into the box of another: what its row, its promises and its history say afterwards."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.audit.service import record
from core.context import get_context
from fulfillment.models import Rearrangement, RearrangementKind, Shipment, ShipmentLine
from fulfillment.states import ShipmentAct
from fulfillment.transitions import require_change
from personalization.service import return_allotments


def join_box(
    session: Session, source: Shipment, target: Shipment, lines: list[dict[str, Any]], *, reason: str | None = None
) -> None:
    """End a shipment whose lines (see `dump_line`) went into another one's box.

    What it was promised goes back: the box that stays is decided as a whole. Raises ActNotPossibleError.
    """
    shop_id = source.shop_id
    values = {"merged_into_id": target.id, "revision": Shipment.revision + 1}
    require_change(session, shop_id, [source.id], ShipmentAct.MERGE, wave_id=None, wave_position=None, **values)
    return_allotments(session, shop_id, [source.id])
    # Nobody's act, when the shop's rule merges while an order is planned.
    by = get_context().actor.id if reason is not None else None
    session.add(
        Rearrangement(
            shop_id=shop_id, kind=RearrangementKind.MERGE, kept_id=target.id, other_id=source.id, lines=lines,
            reason=reason, by=by,
        )
    )  # fmt: skip
    details = {"from": str(source.id), "by_rule": reason is None}
    record(session, "fulfillment:shipment:take_in", shop_id=shop_id, subject_id=target.id, details=details)


def take_lines(session: Session, shipment: Shipment) -> list[ShipmentLine]:
    """Take all lines off a shipment; returns them as they were."""
    lines = list(session.scalars(select(ShipmentLine).where(ShipmentLine.shipment_id == shipment.id)))
    for line in lines:
        session.expunge(line)
    session.execute(delete(ShipmentLine).where(ShipmentLine.shipment_id == shipment.id))
    session.expire(shipment, ["lines"])
    return lines


def dump_line(order_line_id: object, quantity: int) -> dict[str, Any]:
    return {"order_line_id": str(order_line_id), "quantity": quantity}
