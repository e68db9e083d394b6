"""Reads a batch of orders as plans: a handful of statements, whatever the number of orders."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from fulfillment.errors import OvertakenError
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.planning.contents import Box, OrderPlan
from fulfillment.planning.plans import Address, PlannableLine, PlannedShipment, group_lines
from fulfillment.states import PENDING, SENT, ShipmentState
from orders.catalogue.models import Product
from orders.kinds import ContactRole
from orders.models import Order, OrderContact, OrderLine


def lock_orders(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> set[UUID]:
    """Lock these orders, and those that share a box with them, in one order; returns them all.

    Raises OvertakenError (try again) when somebody changed meanwhile which orders share a box.
    """
    wanted = _find_companions(session, shop_id, set(order_ids))
    statement = select(Order).where(Order.shop_id == shop_id, Order.id.in_(wanted)).order_by(Order.id)
    locking = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.scalars(locking).all()
    if _find_companions(session, shop_id, wanted) != wanted:
        raise OvertakenError("Which orders share a box was changed meanwhile.")
    return {order.id for order in found}


def _find_companions(session: Session, shop_id: UUID, order_ids: set[UUID]) -> set[UUID]:
    """Return these orders and all that pending shipments hold together with one of them."""
    mine, other = aliased(ShipmentLine), aliased(ShipmentLine)
    found, fresh = set(order_ids), set(order_ids)
    while fresh:
        rows = session.scalars(
            select(other.order_id)
            .join(mine, mine.shipment_id == other.shipment_id)
            .join(Shipment, Shipment.id == mine.shipment_id)
            .where(mine.shop_id == shop_id, mine.order_id.in_(fresh), other.order_id != mine.order_id)
            .where(Shipment.state.in_(list(PENDING)), Shipment.resend_of_id.is_(None))
            .distinct()
        )
        fresh = set(rows) - found
        found |= fresh
    return found


def find_neighbours(session: Session, shop_id: UUID, order_ids: Collection[UUID], within: timedelta) -> set[UUID]:
    """Return the orders that the shop's rule may put into one box with these: of the same buyers, placed near them,
    waiting for a wave.
    """
    asked, near = aliased(Order), aliased(Order)
    return set(
        session.scalars(
            select(near.id)
            .join(asked, (asked.buyer_customer_id == near.buyer_customer_id) & (near.id != asked.id))
            .join(ShipmentLine, (ShipmentLine.order_id == near.id) & (ShipmentLine.shop_id == shop_id))
            .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
            .where(asked.shop_id == shop_id, asked.id.in_(order_ids), near.shop_id == shop_id)
            .where(near.placed_at.between(asked.placed_at - within, asked.placed_at + within))
            .where(Shipment.state == ShipmentState.PLANNED, Shipment.resend_of_id.is_(None))
            .distinct()
        )
    )


def load_boxes(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> dict[UUID, tuple[Shipment, Box]]:
    """Lock and return the pending shipments of these orders, with what they hold.

    What is locked does not leave the house meanwhile. What left before is found by plans that are loaded after this.
    """
    rows = session.execute(
        select(Shipment, ShipmentLine.order_id, ShipmentLine.order_line_id, ShipmentLine.quantity)
        .join(ShipmentLine, ShipmentLine.shipment_id == Shipment.id)
        .where(ShipmentLine.shop_id == shop_id, ShipmentLine.order_id.in_(order_ids))
        .where(Shipment.state.in_(list(PENDING)), Shipment.resend_of_id.is_(None))
        .order_by(Shipment.id)
        .with_for_update(of=Shipment, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    held: dict[UUID, dict[UUID, dict[UUID, int]]] = {}
    for shipment, order_id, line_id, quantity in rows:
        held.setdefault(shipment.id, {}).setdefault(order_id, {})[line_id] = quantity
    shipments = {row[0].id: row[0] for row in rows}
    return {id_: (shipment, _to_box(shipment, held[id_])) for id_, shipment in shipments.items()}


def _to_box(shipment: Shipment, held: dict[UUID, dict[UUID, int]]) -> Box:
    is_waiting = shipment.state is ShipmentState.PLANNED and shipment.later_from is None
    return Box(
        shipment_id=shipment.id,
        serial=shipment.serial,
        zone=shipment.temperature_zone,
        is_frozen=shipment.printed_revision == shipment.revision,
        may_take=is_waiting and not shipment.is_apart,
        held=held,
        later_from=shipment.later_from,
    )


def load_plans(session: Session, shop_id: UUID, order_ids: Sequence[UUID], *, language: str) -> list[OrderPlan]:
    """Return the plans of orders that the caller has locked, so that two planners of one order follow each other."""
    orders = session.scalars(select(Order).where(Order.shop_id == shop_id, Order.id.in_(order_ids))).all()
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
        placed_at=order.placed_at,
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
    rows = session.execute(
        select(ShipmentLine.order_line_id, func.sum(ShipmentLine.quantity))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(ShipmentLine.shop_id == shop_id, ShipmentLine.order_id.in_(order_ids))
        .where(or_(Shipment.state.in_(list(SENT)), Shipment.is_given_up), Shipment.resend_of_id.is_(None))
        .group_by(ShipmentLine.order_line_id)
    )
    return {line_id: int(quantity) for line_id, quantity in rows}
