"""Each order's own purchase touchpoint: keyed by source and number, corrected by cancel and refund. Pure."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from crm_link.kinds import TouchpointKind
from crm_link.records import TouchpointIn, TouchpointLineIn
from orders.models import OrderLine
from orders.queries import OrderRecord


def make_purchase(
    record: OrderRecord, refunded_at: datetime | None, categories: Mapping[UUID, str | None]
) -> TouchpointIn | None:
    """Return the purchase of an order as it stands; None without a customer, and for test orders.

    Amounts are after refunds. It was known when the last thing was told of it: state, refund or cancellation.
    """
    order = record.order
    if order.buyer_customer_id is None or order.is_test:
        return None
    told = [moment for moment in (order.source_updated_at, refunded_at, order.cancelled_at) if moment is not None]
    return TouchpointIn(
        customer_id=order.buyer_customer_id,
        kind=TouchpointKind.PURCHASE,
        source=order.source,
        external_id=order.number,
        occurred_at=order.placed_at,
        known_at=max(told),
        cancelled=order.cancelled_at is not None,
        amount=max(0, order.total - order.refunded_total),
        currency=order.currency,
        channel=order.channel,
        lines=tuple(_make_line(line, categories) for line in record.lines if line.open_quantity > 0),
        quantity=sum(line.open_quantity for line in record.lines),
    )


def _make_line(line: OrderLine, categories: Mapping[UUID, str | None]) -> TouchpointLineIn:
    paid = line.amount - line.discount_amount - line.points_amount
    return TouchpointLineIn(
        sku=line.sku or line.title,
        quantity=line.open_quantity,
        amount=paid * line.open_quantity // line.quantity,
        category=categories.get(line.product_id) if line.product_id else None,
    )
