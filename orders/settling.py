"""What follows for an order from all that was told of it: refunded quantities, cancellation, problems.

Derived anew each time.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.types import Uuid

from orders.bulk import update_rows
from orders.kinds import ContactRole
from orders.models import Cancellation, Order, OrderContact, OrderLine, Refund
from orders.normalised import Contact
from orders.problems import OrderFacts, find_problems, pack_problems
from orders.queries import OrderRecord, load_orders

_SPREAD_REFUNDS = text(
    """
    UPDATE order_lines l SET refunded_quantity = told.quantity
      FROM (
        SELECT l.id, least(l.quantity, coalesce(sum(r.quantity), 0)) AS quantity
          FROM order_lines l
          LEFT JOIN (
            SELECT refunds.order_id, part.line, part.quantity
              FROM refunds, jsonb_to_recordset(refunds.lines) AS part(line text, quantity integer)
             WHERE refunds.shop_id = :shop_id AND refunds.order_id = ANY(:ids)
          ) r ON r.order_id = l.order_id AND r.line = l.external_id
         WHERE l.shop_id = :shop_id AND l.order_id = ANY(:ids)
         GROUP BY l.id
      ) told
     WHERE l.id = told.id AND l.refunded_quantity <> told.quantity
    """
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))


@dataclass(frozen=True, slots=True)
class Told:
    """What refunds and notices of cancellation say of one order."""

    refunded_total: int = 0
    refunded_at: datetime | None = None
    cancelled_at: datetime | None = None
    reason: str | None = None


def settle_orders(
    session: Session, shop_id: UUID, order_ids: Collection[UUID], told_more: Collection[UUID] = ()
) -> tuple[list[OrderRecord], Mapping[UUID, Told], set[UUID]]:
    """Bring derived columns up to date; `told_more` are those with a new refund or cancellation: a new version.

    Returns the orders as they are now, what was told, and whose problems changed.
    """
    told = _sum_told(session, shop_id, order_ids)
    if told:
        session.execute(_SPREAD_REFUNDS, {"shop_id": shop_id, "ids": list(told)})
    records = load_orders(session, shop_id, order_ids)
    settled = [_settle(record, told.get(record.order.id, Told()), told_more) for record in records]
    pairs = [(record.order, values) for record, values in zip(records, settled, strict=True)]
    rechecked = {order.id for order, values in pairs if order.problems != values["problems"]}
    update_rows(session, Order, [values for order, values in pairs if _differs(order, values)])
    for order, values in pairs:
        for name, value in values.items():
            set_committed_value(order, name, value)
    return records, told, rechecked


def _sum_told(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> dict[UUID, Told]:
    refunds = session.execute(
        select(Refund.order_id, func.sum(Refund.amount), func.max(Refund.refunded_at))
        .where(Refund.shop_id == shop_id, Refund.order_id.in_(order_ids))
        .group_by(Refund.order_id)
    )
    told = {order_id: Told(int(amount), latest) for order_id, amount, latest in refunds}
    notices = session.execute(
        select(Cancellation.order_id, Cancellation.cancelled_at, Cancellation.reason).where(
            Cancellation.shop_id == shop_id, Cancellation.order_id.in_(order_ids)
        )
    )
    for order_id, cancelled_at, reason in notices:
        told[order_id] = replace(told.get(order_id, Told()), cancelled_at=cancelled_at, reason=reason)
    return told


def _differs(order: Order, values: Mapping[str, Any]) -> bool:
    return any(getattr(order, name) != value for name, value in values.items())


def _settle(record: OrderRecord, told: Told, told_more: Collection[UUID]) -> dict[str, Any]:
    order = record.order
    cancels = [
        (order.snapshot_cancelled_at, order.snapshot_cancel_reason),
        (told.cancelled_at, told.reason),
    ]
    moments = sorted((moment, reason or "") for moment, reason in cancels if moment is not None)
    cancelled_at, reason = moments[0] if moments else (None, None)
    return {
        "id": order.id,
        "version": order.version + (order.id in told_more),
        "refunded_total": told.refunded_total,
        "cancelled_at": cancelled_at,
        "cancel_reason": reason or None,
        "problems": pack_problems(find_problems(collect_facts(record))),
    }


def collect_facts(record: OrderRecord) -> OrderFacts:
    order = record.order
    recipient = record.contacts.get(ContactRole.RECIPIENT)
    return OrderFacts(
        payment_state=order.payment_state,
        total=order.total,
        buyer_known=order.buyer_customer_id is not None,
        recipient=_read_contact(recipient) if recipient else None,
        is_gift=order.is_gift,
        is_test=order.is_test,
        shipped_elsewhere=order.shipped_elsewhere,
        open_lines=_list_open_lines(record.lines),
        computed_total=order.computed_total,
    )


def _read_contact(row: OrderContact) -> Contact:
    return Contact(**{name: getattr(row, name) for name in Contact.__slots__})


def _list_open_lines(lines: Sequence[OrderLine]) -> list[tuple[str, bool, bool]]:
    return [
        (line.sku or line.title, line.product_id is not None, line.requires_shipping)
        for line in lines
        if line.open_quantity > 0
    ]
