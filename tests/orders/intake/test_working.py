"""Working events: from a delivery to the order, and every failure kept where a person can see and repeat it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

import orders.tasks  # noqa: F401 (registers the job)
from core.db import session_scope
from crm_link.models import Customer
from orders.catalogue.records import ProductIn
from orders.catalogue.service import upsert_products
from orders.intake.models import RawEvent
from orders.intake.queries import events_of_order, list_failed_events, read_event_body
from orders.intake.service import retry_events
from orders.kinds import EventState
from orders.models import Order
from tests.factories.orders import make_plain_order
from tests.orders.intake.conftest import Doors, Knock

Make = Callable[..., bytes]
Run = Callable[..., int]


def read_events(doors: Doors) -> list[RawEvent]:
    with session_scope([doors.shop_id]) as session:
        return list(session.scalars(select(RawEvent).order_by(RawEvent.id)))


def test_a_delivery_becomes_an_order(doors: Doors, message: Make, run_jobs: Run) -> None:
    doors.knock("standard", Knock(message(make_plain_order(id="A-7", number="1007"))))
    run_jobs()

    (event,) = read_events(doors)
    assert (event.state, event.topic) == (EventState.WORKED, "order.created")
    with session_scope([doors.shop_id]) as session:
        order = session.scalars(select(Order)).one()
        assert (order.number, order.source, order.problems) == ("1007", "standard", [])
        assert order.accepted_at == event.received_at
        assert [found.id for found in events_of_order(session, doors.shop_id, order.id)] == [event.id]


def test_a_worked_body_is_sealed_under_its_customers_key(doors: Doors, message: Make, run_jobs: Run) -> None:
    body = message(make_plain_order())
    doors.knock("standard", Knock(body))
    run_jobs()

    with session_scope([doors.shop_id]) as session:
        event = session.scalars(select(RawEvent)).one()
        customer = session.scalars(select(Customer)).one()
        assert event.body_key_id == customer.key_id
        assert read_event_body(session, event) == body


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (b"{not json", "malformed_json", "$"),
        (b"[]", "not_an_object", "$"),
        (b"\xff\xfe", "malformed_json", "$"),
        (b'{"type": "order.created", "data": {"id": "1"}}', "missing", "data.placed_at"),
        (b'{"type": "order.created", "data": null}', "not_an_object", "data."),
    ],
)
def test_what_cannot_be_read_is_kept_and_told(doors: Doors, run_jobs: Run, body: bytes, code: str, field: str) -> None:
    doors.knock("standard", Knock(body))
    run_jobs()

    with session_scope([doors.shop_id]) as session:
        (event,) = list_failed_events(session, doors.shop_id)
        assert (event.state, event.error_code) == (EventState.FAILED, code)
        assert event.faults is not None
        assert event.faults[0]["field"] == field
        assert read_event_body(session, event) == body


def test_one_unreadable_event_does_not_hinder_the_others(doors: Doors, message: Make, run_jobs: Run) -> None:
    good = [Knock(message(make_plain_order()), f"msg_{number}") for number in range(3)]
    doors.knock("standard", Knock(b"{", "msg_bad"), *good)
    run_jobs()

    states = [event.state for event in read_events(doors)]
    assert states.count(EventState.WORKED) == 3
    assert states.count(EventState.FAILED) == 1


def test_a_notice_of_another_kind_is_kept_and_ignored(doors: Doors, message: Make, run_jobs: Run) -> None:
    doors.knock("standard", Knock(message({}, "customer.created")))
    run_jobs()

    (event,) = read_events(doors)
    assert (event.state, event.topic) == (EventState.IGNORED, "customer.created")


def test_a_failed_event_can_be_tried_again(doors: Doors, run_jobs: Run) -> None:
    doors.knock("standard", Knock(b"{"))
    run_jobs()
    (event,) = read_events(doors)

    with session_scope([doors.shop_id]) as session:
        assert retry_events(session, doors.shop_id, [event.id]) == [event.id]
        assert retry_events(session, doors.shop_id, [event.id]) == []
    run_jobs()

    (event,) = read_events(doors)
    assert (event.state, event.attempts) == (EventState.FAILED, 2)


def test_an_order_with_an_unknown_sku_waits_and_is_mended_by_its_product(
    doors: Doors, message: Make, run_jobs: Run
) -> None:
    line = {"id": "1", "sku": "NEW-1", "title": "新茶", "quantity": 1, "unit_price": 100}
    doors.knock("standard", Knock(message(make_plain_order(lines=[line], total=100))))
    run_jobs()
    with session_scope([doors.shop_id]) as session:
        assert [p["code"] for p in session.scalars(select(Order)).one().problems] == ["unknown_sku"]

    with session_scope([doors.shop_id]) as session:
        upsert_products(session, doors.shop_id, [ProductIn(sku="NEW-1", name="新茶")])

    with session_scope([doors.shop_id]) as session:
        assert session.scalars(select(Order)).one().problems == []


def test_refund_and_cancellation_before_the_order_are_joined_to_it(doors: Doors, message: Make, run_jobs: Run) -> None:
    order = make_plain_order(id="A-9")
    refund: dict[str, Any] = {
        "id": "R-1",
        "order_id": "A-9",
        "refunded_at": "2026-11-18T12:00:00+09:00",
        "amount": 1620,
    }
    refund["lines"] = [{"line_id": "1", "quantity": 1, "amount": 1620}]
    cancel = {"order_id": "A-9", "cancelled_at": "2026-11-18T13:00:00+09:00", "reason": "customer"}
    for number, (kind, data) in enumerate([("refunded", refund), ("cancelled", cancel), ("created", order)]):
        doors.knock("standard", Knock(message(data, f"order.{kind}"), f"msg_{number}"))
        run_jobs()

    with session_scope([doors.shop_id]) as session:
        found = session.scalars(select(Order)).one()
        assert (found.refunded_total, found.cancel_reason) == (1620, "customer")
        assert {event.order_id for event in session.scalars(select(RawEvent))} == {found.id}


def test_a_shopify_order_and_its_refund_come_through_the_same_normaliser(doors: Doors, run_jobs: Run) -> None:
    order: dict[str, Any] = {
        "id": 5678901234,
        "name": "#1001",
        "created_at": "2026-11-18T10:00:00+09:00",
        "updated_at": "2026-11-18T10:00:05+09:00",
        "currency": "JPY",
        "total_price": "1620",
        "financial_status": "paid",
        "line_items": [{"id": 9, "sku": "SKU-1", "title": "煎茶", "quantity": 1, "price": "1620"}],
        "shipping_address": None,
        "email": "guest@example.jp",
    }
    doors.knock("shopify", Knock(json.dumps(order).encode(), "d1"))
    run_jobs()

    with session_scope([doors.shop_id]) as session:
        found = session.scalars(select(Order)).one()
        assert (found.number, found.total) == ("#1001", 1620)
        assert [problem["code"] for problem in found.problems] == ["address_missing"]
        assert found.buyer_customer_id is not None
