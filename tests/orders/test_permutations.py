"""The law of intake: any sequence, repetition or division into batches of an order's events gives the same record."""

import os
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from core.db import session_scope, system_scope
from crm_link.kinds import TouchpointState
from crm_link.models import Touchpoint, TouchpointLine
from orders.models import Cancellation, Order, OrderContact, OrderDiscount, OrderFee, OrderKey, OrderLine, Refund
from orders.normalised import OrderEvent
from orders.queries import find_orders_by_number, load_orders
from orders.service import record_orders
from tests.factories.orders import TARO, make_cancellation, make_line, make_order, make_refund, make_selling_shop

pytestmark = pytest.mark.usefixtures("database", "clock")

# What differs by the way, not by the state: when we wrote it, how often it changed, and the ids we drew.
WAY = {"id", "order_id", "recorded_at", "version", "content_digest", "shop_id", "product_id", "removed_at"}
WAY |= {"buyer_customer_id", "recipient_customer_id", "sender_customer_id", "customer_id"}


def make_history() -> list[OrderEvent]:
    """Every kind of event of one order; two states of one moment among them."""
    first = make_order(number="#1", accepted_at=None)
    refunds = (make_refund(first, 1), make_refund(first, 2, line="l2"))
    return [
        first,
        make_order(number="#1", minutes=5, lines=(make_line(1, quantity=4), make_line(2)), note="五分後"),
        make_order(number="#1", minutes=9, recipient=TARO, tags=("a",)),
        make_order(number="#1", minutes=9, recipient=TARO, tags=("b",), refunds=refunds[:1]),
        *refunds,
        make_cancellation(first, 4, "b"),
        make_cancellation(first, 3, "a"),
    ]


def describe(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in WAY}


def read_record(shop_id: UUID) -> dict[str, Any]:
    """Return all that stands of the one order, but for the way it came to be."""
    with session_scope([shop_id]) as session:
        (order,) = find_orders_by_number(session, shop_id, "#1")
        (record,) = load_orders(session, shop_id, [order.id])
        purchase = session.query(Touchpoint).filter(Touchpoint.state != TouchpointState.SUPERSEDED).one()
        return {
            "order": describe(order) | {"accepted_at": None},
            "contacts": {role: describe(contact) for role, contact in record.contacts.items()},
            "lines": [describe(line) | {"known": line.product_id is not None} for line in record.lines],
            "fees": [describe(fee) for fee in record.fees],
            "discounts": [describe(discount) for discount in record.discounts],
            "purchase": (purchase.amount, purchase.quantity, purchase.skus, purchase.state, purchase.occurred_at),
        }


def forget_orders(shop_id: UUID) -> None:
    tables = (TouchpointLine, Touchpoint, OrderContact, OrderLine, OrderFee, OrderDiscount, Refund, Cancellation)
    with system_scope() as session:
        for table in (*tables, Order, OrderKey):
            session.execute(delete(table).where(table.shop_id == shop_id))


def record_in_batches(shop_id: UUID, batches: Sequence[Sequence[OrderEvent]]) -> None:
    for batch in batches:
        with session_scope([shop_id]) as session:
            record_orders(session, shop_id, batch)


HISTORY = make_history()


@given(st.data())
@settings(
    max_examples=250 if os.environ.get("SOEGAKI_PROVE") else 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_sequence_of_events_gives_the_same_record(
    shop_id: UUID, expected: dict[str, Any], data: st.DataObject
) -> None:
    repeated = HISTORY + data.draw(st.lists(st.sampled_from(HISTORY), max_size=4))
    told = data.draw(st.permutations(repeated))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(told) - 1), max_size=6)))
    batches = [told[start:end] for start, end in zip([0, *cuts], [*cuts, len(told)], strict=True)]
    forget_orders(shop_id)

    record_in_batches(shop_id, batches)

    assert read_record(shop_id) == expected


@pytest.fixture
def shop_id(database: str) -> UUID:
    del database
    return make_selling_shop("SKU-1", "SKU-2")


@pytest.fixture
def expected(shop_id: UUID) -> dict[str, Any]:
    record_in_batches(shop_id, [[event] for event in HISTORY])
    return read_record(shop_id)
