"""Orders follow their customers: when two are joined, when a join is undone, when an identity is separated."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.events import publish
from crm_link.events import CustomersMoved
from crm_link.sightings import Sighting, find_sightings
from orders.events import OrderChange, OrdersRecorded
from orders.kinds import ContactRole, OrderChangeKind
from orders.models import Order, OrderContact
from orders.people import make_person


def follow_customer(session: Session, event: CustomersMoved) -> None:
    """Let orders follow a customer that was joined into another as a whole, or, where only some identities went, those
    whose contacts are found as the other one now.
    """
    if not event.whole:
        _follow_identities(session, event)
        return
    targets: list[tuple[type[Order | OrderContact], str]] = [(OrderContact, "customer_id")]
    targets += [(Order, f"{role}_customer_id") for role in ContactRole]
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
    statement = select(OrderContact, Order.source, Order.source_updated_at)
    statement = statement.join(Order, Order.id == OrderContact.order_id)
    rows = session.execute(
        statement.where(OrderContact.shop_id == event.shop_id, OrderContact.customer_id == event.from_customer_id)
    ).all()
    seen = find_sightings(
        session, event.shop_id, [make_person(source, contact, known_at) for contact, source, known_at in rows]
    )
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


def _is_found(person: Sighting, customer_id: UUID) -> bool:
    """The surest of a person's keys tells who it is, as when the order came."""
    return (person.by_id or person.by_email or person.by_phone) == customer_id
