"""Facts about the orders of each shipment, from at most three statements: orders, lines, shipping fees."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.rowsets import pack_rows, rowset
from personalization.columns import Column, make_column
from personalization.facts.question import Question
from personalization.requests import DecisionRequest

WANTED: Final = rowset("wanted", {"position": "integer", "order_id": "uuid"})
ORDERS: Final = f"""
    SELECT wanted.position, o.placed_at, o.number, o.total - o.refunded_total AS total,
           o.discount_total + o.points_total AS discount_total, o.coupon_codes, o.tags, o.channel, o.payment_method,
           o.subscription_id, o.subscription_cycle, o.temperature_zone, o.desired_on, o.attributes,
           coalesce(o.note, '') <> '' AS has_note
      FROM {WANTED} JOIN orders o ON o.shop_id = :shop_id AND o.id = wanted.order_id
     ORDER BY wanted.position, o.placed_at, o.number
"""
# What was paid for the pieces that still stand, with tax: excluded tax is added at the line's rate.
LINES: Final = f"""
    SELECT wanted.position, l.sku, p.category, l.quantity,
           greatest(0, l.quantity - l.cancelled_quantity - l.refunded_quantity) AS open,
           l.amount - l.discount_amount - l.points_amount AS paid,
           CASE WHEN l.tax_included THEN 0 ELSE coalesce(l.tax_rate, 0) END AS added_tax
      FROM {WANTED} JOIN order_lines l ON l.shop_id = :shop_id AND l.order_id = wanted.order_id AND l.removed_at IS NULL
      LEFT JOIN products p ON p.shop_id = :shop_id AND p.id = l.product_id
     ORDER BY wanted.position, l.position
"""
FEES: Final = f"""
    SELECT wanted.position, sum(f.amount - f.discount_amount) AS amount
      FROM {WANTED} JOIN order_fees f ON f.shop_id = :shop_id AND f.order_id = wanted.order_id AND f.kind = 'shipping'
     GROUP BY wanted.position
"""


@dataclass(slots=True)
class Basket:
    """The orders of one shipment, the earliest first, and what was asked of their lines and fees."""

    orders: list[Any] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)
    shipping: int = 0

    def first(self, name: str) -> Any:
        """Return the first value that any of the orders has."""
        return next((value for order in self.orders if (value := getattr(order, name)) is not None), None)

    def attribute(self, name: str) -> Any:
        return next((order.attributes[name] for order in self.orders if name in (order.attributes or {})), None)

    def goods_total(self) -> int:
        return sum(int(line.paid * line.open // line.quantity * (1 + line.added_tax)) for line in self.lines)


def _attribute_text(basket: Basket, question: Question) -> str | None:
    value = basket.attribute(question.get("name"))
    return None if value is None or isinstance(value, dict | list) else str(value)


def _attribute_number(basket: Basket, question: Question) -> float | None:
    value = basket.attribute(question.get("name"))
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _words(basket: Basket, name: str) -> set[str]:
    return {word for order in basket.orders for word in getattr(order, name) or ()}


FROM_ORDERS: Final[Mapping[str, Callable[[Basket, Question], Any]]] = {
    "order.total": lambda basket, _: sum(order.total for order in basket.orders),
    "order.discount_total": lambda basket, _: sum(order.discount_total for order in basket.orders),
    "order.coupon_codes": lambda basket, _: _words(basket, "coupon_codes"),
    "order.tags": lambda basket, _: _words(basket, "tags"),
    "order.has_note": lambda basket, _: any(order.has_note for order in basket.orders),
    "order.channel": lambda basket, _: basket.first("channel"),
    "order.payment_method": lambda basket, _: basket.first("payment_method"),
    "order.is_subscription": lambda basket, _: basket.first("subscription_id") is not None,
    "order.subscription_cycle": lambda basket, _: basket.first("subscription_cycle"),
    "order.temperature_zone": lambda basket, _: basket.first("temperature_zone"),
    "order.has_desired_date": lambda basket, _: basket.first("desired_on") is not None,
    "order.desired_date": lambda basket, _: basket.first("desired_on"),
    "order.attribute": _attribute_text,
    "order.attribute_number": _attribute_number,
}
FROM_LINES: Final[Mapping[str, Callable[[Basket, Question], Any]]] = {
    "order.goods_total": lambda basket, _: basket.goods_total(),
    "order.line_count": lambda basket, _: sum(1 for line in basket.lines if line.open),
    "order.quantity": lambda basket, _: sum(line.open for line in basket.lines),
    "order.skus": lambda basket, _: {line.sku for line in basket.lines if line.open and line.sku},
    "order.categories": lambda basket, _: {line.category for line in basket.lines if line.open and line.category},
}
FROM_FEES: Final[Mapping[str, Callable[[Basket, Question], Any]]] = {
    "order.shipping_fee": lambda basket, _: basket.shipping
}
READERS: Final = {**FROM_ORDERS, **FROM_LINES, **FROM_FEES}


@dataclass(frozen=True, slots=True)
class Baskets:
    """The baskets of a batch by position; shipments without an order have none."""

    found: Mapping[int, Basket]
    size: int

    def find_first_order(self, position: int, request: DecisionRequest) -> tuple[datetime, str]:
        """Return when the first order was placed and its number: what came before it is history."""
        basket = self.found.get(position)
        return (request.accepted_at, "") if basket is None else (basket.orders[0].placed_at, basket.orders[0].number)

    def make_columns(self, questions: Sequence[Question]) -> dict[Question, Column]:
        return {question: self._make_column(question) for question in questions}

    def _make_column(self, question: Question) -> Column:
        values: list[Any] = [None] * self.size
        for position, basket in self.found.items():
            values[position] = READERS[question.key](basket, question)
        return make_column(question.fact.type, values)


def load_baskets(
    session: Session, shop_id: UUID, requests: Sequence[DecisionRequest], questions: Sequence[Question]
) -> Baskets:
    """Read the orders, and lines and fees only if one of the questions needs them."""
    rows = [
        {"position": position, "order_id": order_id}
        for position, request in enumerate(requests)
        for order_id in request.order_ids
    ]
    parameters = {"shop_id": shop_id, "wanted": pack_rows(rows)}
    found: dict[int, Basket] = defaultdict(Basket)
    for row in session.execute(text(ORDERS), parameters):
        found[row.position].orders.append(row)
    asked = {question.key for question in questions}
    if asked & FROM_LINES.keys():
        for row in session.execute(text(LINES), parameters):
            found[row.position].lines.append(row)
    if asked & FROM_FEES.keys():
        for row in session.execute(text(FEES), parameters):
            found[row.position].shipping = int(row.amount)
    return Baskets(dict(found), len(requests))
