"""What the customer record learns of a shipment that left: what was really enclosed, from proven units only."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.outbox.service import send_later
from core.tenancy import get_shop
from crm_link.kinds import TouchpointKind
from crm_link.records import TouchpointIn
from crm_link.service import record_touchpoints
from fulfillment.models import Parcel, Shipment, ShipmentLine
from fulfillment.packing.models import Unit, UnitKind
from fulfillment.states import SENT, ParcelState
from orders.models import Order
from personalization.service import settle_packed

SOURCE = "soegaki"
SENDER = "shipment_notices"


def record_dispatches(session: Session, shop_id: UUID, shipment_ids: Sequence[UUID]) -> None:
    """Settle allotments, write touchpoints and queue the notice to the shop. Repeating it changes nothing."""
    shipments = session.scalars(
        select(Shipment).where(
            Shipment.shop_id == shop_id, Shipment.id.in_(shipment_ids), Shipment.state.in_(list(SENT))
        )
    ).all()
    units = _load_units(session, shop_id, [shipment.id for shipment in shipments])
    parcels = _load_parcels(session, shop_id, [shipment.id for shipment in shipments])
    orders = _load_order_numbers(session, shop_id, [shipment.id for shipment in shipments])
    for shipment in shipments:
        settle_packed(session, shop_id, shipment.id, _count_packed(units[shipment.id]))
    touchpoints = [
        to_touchpoint(shipment, customer_id, units[shipment.id], parcels[shipment.id])
        for shipment in shipments
        if (customer_id := shipment.recipient_customer_id or shipment.customer_id)
    ]
    record_touchpoints(session, shop_id, touchpoints)
    if get_shop(session, shop_id).profile.get("notices_url"):
        for shipment in shipments:
            _announce(session, shipment, parcels[shipment.id], orders[shipment.id])


def to_touchpoint(shipment: Shipment, customer_id: UUID, units: list[Unit], parcels: list[Parcel]) -> TouchpointIn:
    """Say what this customer got: goods by SKU, inserts by key, papers by kind."""
    when = shipment.handed_over_at or shipment.updated_at
    return TouchpointIn(
        customer_id=customer_id,
        kind=TouchpointKind.PARCEL,
        source=SOURCE,
        external_id=str(shipment.id),
        occurred_at=when,
        known_at=when,
        channel=shipment.channel,
        quantity=len(parcels),
        title=shipment.number,
        attributes={
            "shipment": str(shipment.id),
            "number": shipment.number,
            "goods": _list_names(units, (UnitKind.GOODS,)),
            "inserts": _list_names(units, (UnitKind.INSERT, UnitKind.TASK)),
            "papers": [unit.copy_kind for unit in units if unit.kind in (UnitKind.SLIP, UnitKind.DOCUMENT)],
            "tracking": [parcel.tracking_number for parcel in parcels if parcel.tracking_number],
        },
    )


def _list_names(units: list[Unit], kinds: tuple[UnitKind, ...]) -> list[dict[str, Any]]:
    return [
        {"key": unit.sku, "name": unit.name, "name_en": unit.name_en, "quantity": unit.verified_quantity}
        for unit in units
        if unit.kind in kinds
    ]


def _count_packed(units: list[Unit]) -> dict[UUID, int]:
    packed: dict[UUID, int] = defaultdict(int)
    for unit in units:
        if unit.allotment_id is not None:
            packed[unit.allotment_id] += unit.verified_quantity
    return packed


def _load_units(session: Session, shop_id: UUID, shipment_ids: list[UUID]) -> dict[UUID, list[Unit]]:
    rows = session.execute(
        select(Parcel.shipment_id, Unit)
        .join(Unit, Unit.parcel_id == Parcel.id)
        .where(Parcel.shop_id == shop_id, Parcel.shipment_id.in_(shipment_ids))
        .where(Parcel.state.in_([ParcelState.HANDED_OVER, ParcelState.RETURNED]))
        .order_by(Parcel.number, Unit.position)
    )
    units: dict[UUID, list[Unit]] = defaultdict(list)
    for shipment_id, unit in rows:
        units[shipment_id].append(unit)
    return units


def _load_parcels(session: Session, shop_id: UUID, shipment_ids: list[UUID]) -> dict[UUID, list[Parcel]]:
    parcels: dict[UUID, list[Parcel]] = defaultdict(list)
    statement = select(Parcel).where(
        Parcel.shop_id == shop_id, Parcel.shipment_id.in_(shipment_ids), Parcel.state != ParcelState.VOID
    )
    for parcel in session.scalars(statement.order_by(Parcel.number)):
        parcels[parcel.shipment_id].append(parcel)
    return parcels


def _load_order_numbers(session: Session, shop_id: UUID, shipment_ids: list[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    rows = session.execute(
        select(ShipmentLine.shipment_id, Order.source, Order.external_id)
        .join(Order, Order.id == ShipmentLine.order_id)
        .where(ShipmentLine.shop_id == shop_id, ShipmentLine.shipment_id.in_(shipment_ids))
        .distinct()
    )
    numbers: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for shipment_id, source, external_id in rows:
        numbers[shipment_id].append((source, external_id))
    return numbers


def _announce(session: Session, shipment: Shipment, parcels: list[Parcel], orders: list[tuple[str, str]]) -> None:
    """出荷確定: tell the shop which orders left, by ids and tracking numbers only."""
    payload = {
        "type": "shipment.handed_over",
        "shipment": str(shipment.id),
        "number": shipment.number,
        "orders": [{"source": source, "external_id": external_id} for source, external_id in orders],
        "tracking_numbers": [parcel.tracking_number for parcel in parcels if parcel.tracking_number],
        "handed_over_at": shipment.handed_over_at.isoformat() if shipment.handed_over_at else None,
    }
    key = f"shipment.handed_over:{shipment.id}"
    send_later(session, shipment.shop_id, sender=SENDER, idempotency_key=key, payload=payload)
