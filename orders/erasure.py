"""What happens to orders when a customer is erased or joined.

Amounts and goods stay for the legal term of tax records.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, null, or_, select, update
from sqlalchemy.orm import Session

from core.db import Base
from core.events import publish
from crm_link.events import CustomerErased, CustomersMoved
from crm_link.records import PersonIn
from crm_link.sightings import Sighting, find_sightings
from orders.events import OrderChange, OrdersRecorded
from orders.intake.models import RawEvent
from orders.kinds import ContactRole, OrderChangeKind
from orders.models import Order, OrderContact, OrderLine

_ROLES: Final = ("buyer_customer_id", "recipient_customer_id", "sender_customer_id")


def forget_customer(session: Session, event: CustomerErased) -> None:
    """Empty what is personal in every order of this customer, in whatever role, and the events it came by."""
    shop_id, customer_id = event.shop_id, event.customer_id
    named = [getattr(Order, role) == customer_id for role in _ROLES]
    order_ids = session.scalars(select(Order.id).where(Order.shop_id == shop_id, or_(*named))).all()
    if not order_ids:
        return
    contact = (OrderContact.customer_id == customer_id) | _left_without_customer(customer_id)
    _empty(session, OrderContact, OrderContact.shop_id == shop_id, OrderContact.order_id.in_(order_ids), contact)
    # Notes, messages and engravings may name either person of a gift.
    _empty(session, Order, Order.shop_id == shop_id, Order.id.in_(order_ids))
    _empty(session, OrderLine, OrderLine.shop_id == shop_id, OrderLine.order_id.in_(order_ids))
    _empty(session, RawEvent, RawEvent.shop_id == shop_id, RawEvent.order_id.in_(order_ids))


def _left_without_customer(customer_id: UUID) -> ColumnElement[bool]:
    """Contacts without a customer of their own go with the buyer they were told by."""
    bought = select(Order.id).where(Order.buyer_customer_id == customer_id)
    return OrderContact.customer_id.is_(None) & OrderContact.order_id.in_(bought)


def _empty(session: Session, table: type[Base], *conditions: ColumnElement[bool]) -> None:
    values: dict[str, Any] = {column.name: null() for column in table.__table__.columns if column.info.get("personal")}
    session.execute(update(table).where(*conditions).values(values).execution_options(synchronize_session=False))


def follow_customer(session: Session, event: CustomersMoved) -> None:
    """Let orders follow a customer that was joined into another as a whole, or, where only some identities went, those
    whose contacts are found as the other one now.
    """
    if not event.whole:
        _follow_identities(session, event)
        return
    targets: list[tuple[type[Order | OrderContact], str]] = [(Order, role) for role in _ROLES]
    targets.append((OrderContact, "customer_id"))
    for table, name in targets:
        column = getattr(table, name)
        session.execute(
            update(table)
            .where(table.shop_id == event.shop_id, column == event.from_customer_id)
            .values({name: event.to_customer_id})
            .execution_options(synchronize_session=False)
        )


def _follow_identities(session: Session, event: CustomersMoved) -> None:
    """A separation, or the undoing of a join, takes its orders along; who packs or prints them hears of it."""
    statement = select(OrderContact, Order.source).join(Order, Order.id == OrderContact.order_id)
    rows = session.execute(
        statement.where(OrderContact.shop_id == event.shop_id, OrderContact.customer_id == event.from_customer_id)
    ).all()
    seen = find_sightings(session, event.shop_id, [_describe(contact, source) for contact, source in rows])
    moved = [row[0] for row, person in zip(rows, seen, strict=True) if _is_found(person, event.to_customer_id)]
    for contact in moved:
        contact.customer_id = event.to_customer_id
    for role in ContactRole:
        column = getattr(Order, f"{role}_customer_id")
        session.execute(
            update(Order)
            .where(Order.shop_id == event.shop_id, column == event.from_customer_id)
            .where(Order.id.in_([contact.order_id for contact in moved if contact.role is role]))
            .values({column.key: event.to_customer_id})
        )
    told = select(Order.id, Order.version).where(Order.id.in_({contact.order_id for contact in moved}))
    changes = tuple(OrderChange(id_, OrderChangeKind.RECHECKED, version) for id_, version in session.execute(told))
    if changes:
        publish(session, OrdersRecorded(event.shop_id, changes))


def _describe(contact: OrderContact, source: str) -> PersonIn:
    return PersonIn(
        source=source,
        external_id=contact.external_id,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        country=contact.country or "JP",
    )


def _is_found(person: Sighting, customer_id: UUID) -> bool:
    """The surest of a person's keys tells who it is, as when the order came."""
    return (person.by_id or person.by_email or person.by_phone) == customer_id
