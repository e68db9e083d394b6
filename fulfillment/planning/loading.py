"""Reads a batch of orders as plans: a handful of statements, whatever the number of orders."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from fulfillment.models import Shipment, ShipmentLine
from fulfillment.planning.plans import Address, PlannableLine, PlannedShipment, group_lines
from fulfillment.states import SENT, ShipmentState
from orders.catalogue.models import Product
from orders.kinds import ContactRole
from orders.models import Order, OrderContact, OrderLine


@dataclass(frozen=True)
class OrderPlan:
    """What one order asks for. `shipments` is empty for a cancelled order."""

    order_id: UUID
    buyer_customer_id: UUID | None
    recipient_customer_id: UUID | None
    recipient_key: str | None
    channel: str
    language: str
    accepted_at: datetime
    is_cancelled: bool
    problems: tuple[dict[str, Any], ...]
    shipments: tuple[PlannedShipment, ...] = field(default=())


def load_plans(session: Session, shop_id: UUID, order_ids: Sequence[UUID], *, language: str) -> list[OrderPlan]:
    """Lock the orders, so that two planners of one order follow each other, and return their plans."""
    orders = session.scalars(
        select(Order)
        .where(Order.shop_id == shop_id, Order.id.in_(order_ids))
        .order_by(Order.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    ids = [order.id for order in orders]
    contacts = _load_contacts(session, shop_id, ids)
    lines = _load_lines(session, shop_id, ids)
    return [_to_plan(order, contacts[order.id], lines[order.id], language) for order in orders]


def _to_plan(
    order: Order, contacts: dict[ContactRole, OrderContact], lines: list[PlannableLine], language: str
) -> OrderPlan:
    recipient = contacts.get(ContactRole.RECIPIENT)
    zones = {} if order.cancelled_at else group_lines(lines)
    printed = {
        "number": order.number,
        "gift_message": order.gift_message,
        "wrapping": order.gift_wrapping,
        "noshi": order.gift_noshi,
        "noshi_name": order.gift_noshi_name,
        "total": order.total,
    }
    shipments = tuple(
        PlannedShipment(
            temperature_zone=zone,
            lines=planned,
            recipient=_to_address(recipient),
            sender=_to_address(contacts.get(ContactRole.SENDER)),
            is_gift=order.is_gift,
            desired_on=order.desired_on,
            desired_slot=order.desired_slot,
            ship_not_before=order.ship_not_before,
            printed=printed,
        )
        for zone, planned in sorted(zones.items())
    )
    return OrderPlan(
        order_id=order.id,
        buyer_customer_id=order.buyer_customer_id,
        recipient_customer_id=order.recipient_customer_id,
        recipient_key=recipient.name_folded if recipient else None,
        channel=order.channel or order.source,
        language=_choose_language(order.locale, language),
        accepted_at=order.accepted_at,
        is_cancelled=order.cancelled_at is not None,
        problems=tuple(order.problems),
        shipments=shipments,
    )


def _choose_language(locale: str | None, default: str) -> str:
    """Papers speak Japanese or English: the order's own language where it is one of them."""
    spoken = (locale or default).lower()[:2]
    return spoken if spoken in ("ja", "en") else "en"


def _to_address(contact: OrderContact | None) -> Address | None:
    if contact is None:
        return None
    return Address(**{name: getattr(contact, name) for name in Address.__dataclass_fields__})


def _load_contacts(session: Session, shop_id: UUID, ids: list[UUID]) -> dict[UUID, dict[ContactRole, OrderContact]]:
    found: dict[UUID, dict[ContactRole, OrderContact]] = defaultdict(dict)
    statement = select(OrderContact).where(OrderContact.shop_id == shop_id, OrderContact.order_id.in_(ids))
    for contact in session.scalars(statement.execution_options(populate_existing=True)):
        found[contact.order_id][contact.role] = contact
    return found


def _load_lines(session: Session, shop_id: UUID, ids: list[UUID]) -> dict[UUID, list[PlannableLine]]:
    sent = _load_sent_quantities(session, shop_id, ids)
    rows = session.execute(
        select(OrderLine, Product.temperature_zone, Order.temperature_zone)
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.shop_id == shop_id, OrderLine.order_id.in_(ids))
        .where(OrderLine.removed_at.is_(None), OrderLine.requires_shipping)
        .where(or_(OrderLine.product_id.is_(None), Product.ships))
        .execution_options(populate_existing=True)
    ).all()
    lines: dict[UUID, list[PlannableLine]] = defaultdict(list)
    for line, product_zone, order_zone in rows:
        lines[line.order_id].append(
            PlannableLine(
                order_line_id=line.id,
                product_id=line.product_id,
                position=line.position,
                open_quantity=line.open_quantity,
                sent_quantity=sent.get(line.id, 0),
                temperature_zone=str(product_zone or order_zone or "ambient"),
            )
        )
    return lines


def _load_sent_quantities(session: Session, shop_id: UUID, order_ids: list[UUID]) -> dict[UUID, int]:
    """Return, per order line, what left already or was given up with a cancelled shipment; re-sent things do not
    count.
    """
    settled = [*SENT, ShipmentState.CANCELLED]
    rows = session.execute(
        select(ShipmentLine.order_line_id, func.sum(ShipmentLine.quantity))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(ShipmentLine.shop_id == shop_id, ShipmentLine.order_id.in_(order_ids))
        .where(Shipment.state.in_(settled), Shipment.resend_of_id.is_(None))
        .group_by(ShipmentLine.order_line_id)
    )
    return {line_id: int(quantity) for line_id, quantity in rows}
