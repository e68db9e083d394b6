"""Named reads of orders."""

from collections import defaultdict, namedtuple
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from core.db import Base, is_among
from orders.errors import OrderNotFoundError
from orders.kinds import ContactRole
from orders.models import Order, OrderContact, OrderDiscount, OrderFee, OrderKey, OrderLine

Part = TypeVar("Part", OrderLine, OrderFee, OrderDiscount, OrderContact)
# What nobody reads who reads orders by the hundred, and what takes longest to load.
_UNREAD = frozenset(("attributes", "problems", "content_digest", "name_folded"))
Read = Callable[[Session, type[Base], Iterable[ColumnElement[bool]]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One order with everything that belongs to it; removed lines are left out."""

    order: Order
    contacts: dict[ContactRole, OrderContact]
    lines: list[OrderLine]
    fees: list[OrderFee]
    discounts: list[OrderDiscount]


def load_orders(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> list[OrderRecord]:
    """Return these orders whole, in five statements, by id;
    ids of refunds whose order has not arrived are passed over.
    """
    return _load_orders(_read_entities, session, shop_id, order_ids)


def read_orders(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> list[OrderRecord]:
    """Return the same to be read only: rows with the fields of the tables, not known to the session, but for `_UNREAD`.
    For batches.
    """
    return _load_orders(_read_rows, session, shop_id, order_ids)


def _load_orders(read: Read, session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> list[OrderRecord]:
    if not order_ids:
        return []
    orders = read(session, Order, (Order.shop_id == shop_id, is_among(Order.id, order_ids)))
    lines = _read_parts(read, session, shop_id, OrderLine, order_ids)
    contacts = _read_parts(read, session, shop_id, OrderContact, order_ids)
    fees = _read_parts(read, session, shop_id, OrderFee, order_ids)
    discounts = _read_parts(read, session, shop_id, OrderDiscount, order_ids)
    return [
        OrderRecord(
            order,
            {contact.role: contact for contact in contacts[order.id]},
            sorted((line for line in lines[order.id] if line.removed_at is None), key=lambda line: line.position),
            sorted(fees[order.id], key=lambda fee: fee.position),
            sorted(discounts[order.id], key=lambda discount: discount.position),
        )
        for order in sorted(orders, key=lambda order: order.id)
    ]


def _read_parts(
    read: Read, session: Session, shop_id: UUID, kind: type[Part], order_ids: Collection[UUID]
) -> dict[UUID, list[Part]]:
    found: dict[UUID, list[Part]] = defaultdict(list)
    for part in read(session, kind, (kind.shop_id == shop_id, is_among(kind.order_id, order_ids))):
        found[part.order_id].append(part)
    return found


def _read_entities(session: Session, kind: type[Base], conditions: Iterable[ColumnElement[bool]]) -> Iterable[Any]:
    # Plain statements write beside the session: what it has read before must be read again.
    return session.scalars(select(kind).where(*conditions).execution_options(populate_existing=True))


def _read_rows(session: Session, kind: type[Base], conditions: Iterable[ColumnElement[bool]]) -> Iterable[Any]:
    # Named tuples: fields of SQLAlchemy's own rows are found by name, which takes five times as long.
    make = _make_row_type(kind)._make
    return [make(row) for row in session.execute(_select_fields(kind).where(*conditions))]


def _list_fields(kind: type[Base]) -> list[str]:
    return [each.key for each in kind.__mapper__.column_attrs if each.key not in _UNREAD]


@cache
def _select_fields(kind: type[Base]) -> Select[Any]:
    return select(*(getattr(kind, name) for name in _list_fields(kind)))


@cache
def _make_row_type(kind: type[Base]) -> Any:
    return namedtuple(f"{kind.__name__}Row", _list_fields(kind))


def get_order(session: Session, shop_id: UUID, order_id: UUID) -> OrderRecord:
    found = load_orders(session, shop_id, [order_id])
    if not found:
        raise OrderNotFoundError(order_id)
    return found[0]


def find_order_ids(session: Session, shop_id: UUID, source: str, external_ids: Iterable[str]) -> dict[str, UUID]:
    """Return the ids of the orders of a source that have arrived, by the source's own ids."""
    rows = session.execute(
        select(Order.external_id, Order.id).where(
            Order.shop_id == shop_id, Order.source == source, Order.external_id.in_(list(external_ids))
        )
    )
    return {row.external_id: row.id for row in rows}


def find_orders_by_number(session: Session, shop_id: UUID, number: str) -> list[Order]:
    return list(session.scalars(select(Order).where(Order.shop_id == shop_id, Order.number == number)))


def orders_of_customer(
    session: Session, shop_id: UUID, customer_id: UUID, *, before: tuple[datetime, UUID] | None = None, limit: int = 50
) -> Sequence[Order]:
    """Return orders this customer placed, latest first; `before` is (placed_at, id) of the last one seen."""
    statement = (
        select(Order)
        .where(Order.shop_id == shop_id, Order.buyer_customer_id == customer_id)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(tuple_(Order.placed_at, Order.id) < before)
    return session.scalars(statement).all()


def list_orders(
    session: Session, shop_id: UUID, *, before: tuple[datetime, UUID] | None = None, limit: int = 50
) -> Sequence[Order]:
    """Return the shop's orders, latest first, paged by key."""
    statement = select(Order).where(Order.shop_id == shop_id)
    if before is not None:
        statement = statement.where(tuple_(Order.placed_at, Order.id) < before)
    return session.scalars(statement.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)).all()


def find_key(session: Session, shop_id: UUID, source: str, external_id: str) -> UUID | None:
    """Return the id an order has or will have; None when nothing was ever told of it."""
    return session.scalars(
        select(OrderKey.id).where(
            OrderKey.shop_id == shop_id, OrderKey.source == source, OrderKey.external_id == external_id
        )
    ).one_or_none()
