"""What happens to orders when a customer is erased.

Amounts and goods stay for the legal term of tax records.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, null, or_, select, update
from sqlalchemy.orm import Session

from core.db import Base
from crm_link.events import CustomerErased
from orders.intake.models import RawEvent
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
