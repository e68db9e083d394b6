"""The last decision of a part of a wave.

It is taken and committed before the part is printed: whoever decides meanwhile, another worker's part or a new order,
waits for the choosing only and not for the drawing.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import is_among, plan_for_any_values, session_scope
from fulfillment.deciding import decide_locked
from fulfillment.models import Shipment
from fulfillment.packing.models import PrintJob
from fulfillment.printing.leaving_out import name_shipments, note_left_out
from fulfillment.states import ShipmentState
from personalization.models import DecisionMode
from personalization.plan import DecisionOutcome

Outcomes = Mapping[UUID, DecisionOutcome]


def freeze_part(shop_id: UUID, print_job_id: UUID) -> Outcomes:
    """Decide what waits in a part, and note what must not be printed, in a transaction of its own; returns what was
    chosen by shipment.
    """
    with session_scope([shop_id]) as session:
        plan_for_any_values(session)
        printing = session.get_one(PrintJob, print_job_id)
        shipments = lock_part(session, printing)
        named = name_shipments(shipments)
        outcomes = _freeze(session, shop_id, shipments)
        going = list_waved(session, named)
        note_left_out(session, printing, {key: number for key, number in named.items() if key not in going})
        return outcomes


def freeze_changed(
    session: Session, shop_id: UUID, shipments: Sequence[Shipment], frozen: Outcomes
) -> tuple[Outcomes, Collection[UUID]]:
    """Return what stands for each of these locked shipments, and which of them go on; what was decided anew since
    `frozen` is decided here, and may be held by it.
    """
    stands = {s.id: frozen[s.id] for s in shipments if s.id in frozen and frozen[s.id].decision_id == s.decision_id}
    changed = [shipment for shipment in shipments if shipment.id not in stands]
    if not changed:
        return stands, stands.keys()
    outcomes = stands | _freeze(session, shop_id, changed)
    return outcomes, list_waved(session, outcomes)


def _freeze(session: Session, shop_id: UUID, shipments: Sequence[Shipment]) -> dict[UUID, DecisionOutcome]:
    decided = decide_locked(session, shop_id, shipments, DecisionMode.FREEZE)
    return {outcome.shipment_id: outcome for outcome in decided}


def lock_part(session: Session, printing: PrintJob) -> list[Shipment]:
    """Return what waits in a part, in packing order, locked until the transaction ends."""
    statement = (
        select(Shipment)
        .where(Shipment.shop_id == printing.shop_id, Shipment.wave_id == printing.wave_id)
        .where(Shipment.state == ShipmentState.WAVED)
        .where(Shipment.wave_position.between(printing.first_position, printing.last_position))
        .order_by(Shipment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return sorted(session.scalars(statement), key=lambda shipment: shipment.wave_position or 0)


def list_waved(session: Session, shipment_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these shipments still wait for their papers."""
    waved = select(Shipment.id).where(is_among(Shipment.id, shipment_ids), Shipment.state == ShipmentState.WAVED)
    return set(session.scalars(waved))
