"""What may be merged with a shipment, and what was split or merged already."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.tenancy import get_shop
from fulfillment.models import Rearrangement, RearrangementKind, Shipment, ShipmentLine
from fulfillment.planning.contents import list_terms
from fulfillment.planning.loading import load_plans
from fulfillment.rearranging.checks import Obstacle, Side, find_obstacles, may_be_split
from fulfillment.service import get_shipment
from fulfillment.states import UNFROZEN, ShipmentState


@dataclass(frozen=True)
class Mergeable:
    """`obstacles` empty: it may be merged."""

    shipment: Shipment
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Rearranged:
    """One act as a shipment's page shows it; `other` is the shipment at the other end."""

    id: UUID
    kind: RearrangementKind
    is_kept: bool
    other: Shipment
    reason: str | None
    at: datetime
    by: UUID | None
    undone_at: datetime | None
    may_undo: bool


def load_sides(session: Session, shop_id: UUID, shipments: Sequence[Shipment]) -> list[Side]:
    """Return these shipments with what their orders ask for."""
    rows = session.execute(
        select(ShipmentLine.shipment_id, ShipmentLine.order_id)
        .where(ShipmentLine.shop_id == shop_id, ShipmentLine.shipment_id.in_([s.id for s in shipments]))
        .distinct()
    ).all()
    orders: dict[UUID, list[UUID]] = defaultdict(list)
    for shipment_id, order_id in rows:
        orders[shipment_id].append(order_id)
    language = get_shop(session, shop_id).language
    plans = {plan.order_id: plan for plan in load_plans(session, shop_id, [r[1] for r in rows], language=language)}
    return [
        Side(
            shipment,
            [
                list_terms(plans[order_id], share)
                for order_id in orders[shipment.id]
                for share in plans[order_id].shipments[:1]
            ],
        )
        for shipment in shipments
    ]


def list_mergeable(session: Session, shop_id: UUID, shipment_id: UUID, *, limit: int = 10) -> list[Mergeable]:
    """Return the same customer's other shipments that wait in the house, each with what forbids one box."""
    shipment = get_shipment(session, shop_id, shipment_id)
    if shipment.customer_id is None or shipment.state not in UNFROZEN:
        return []
    statement = (
        select(Shipment)
        .where(Shipment.shop_id == shop_id, Shipment.customer_id == shipment.customer_id, Shipment.id != shipment_id)
        .where(Shipment.state.in_([*UNFROZEN, ShipmentState.HELD]), Shipment.resend_of_id.is_(None))
        .order_by(Shipment.id.desc())
        .limit(limit)
    )
    others = session.scalars(statement).all()
    mine, *sides = load_sides(session, shop_id, [shipment, *others])
    return [Mergeable(side.shipment, tuple(find_obstacles([mine, side]))) for side in sides]


def list_rearranged(session: Session, shop_id: UUID, shipment_id: UUID) -> list[Rearranged]:
    """Return the splits and merges of a shipment, the newest first."""
    get_shipment(session, shop_id, shipment_id)
    found = session.scalars(
        select(Rearrangement)
        .where(Rearrangement.shop_id == shop_id)
        .where(or_(Rearrangement.kept_id == shipment_id, Rearrangement.other_id == shipment_id))
        .order_by(Rearrangement.id.desc())
    ).all()
    ids = {row.kept_id for row in found} | {row.other_id for row in found}
    shipments = _load_shipments(session, shop_id, ids)
    return [_show(row, shipment_id, shipments) for row in found]


def _load_shipments(session: Session, shop_id: UUID, ids: Collection[UUID]) -> dict[UUID, Shipment]:
    statement = select(Shipment).where(Shipment.shop_id == shop_id, Shipment.id.in_(ids))
    return {shipment.id: shipment for shipment in session.scalars(statement)}


def _show(row: Rearrangement, shipment_id: UUID, shipments: dict[UUID, Shipment]) -> Rearranged:
    kept, other = shipments[row.kept_id], shipments[row.other_id]
    is_kept = row.kept_id == shipment_id
    return Rearranged(
        row.id,
        row.kind,
        is_kept,
        other if is_kept else kept,
        row.reason,
        row.at,
        row.by,
        row.undone_at,
        row.undone_at is None and can_undo(row.kind, kept, other),
    )


def can_undo(kind: RearrangementKind, kept: Shipment, other: Shipment) -> bool:
    """Tell whether both ends still are where the act left them, as far as states say it."""
    if kind is RearrangementKind.MERGE:
        return may_be_split(kept) and other.state is ShipmentState.MERGED and other.merged_into_id == kept.id
    return kept.state in UNFROZEN and other.state in UNFROZEN
