"""Erasing a customer empties every personal column of their orders; amounts and goods stay."""

from collections.abc import Callable

from sqlalchemy import select

from core.db import Base, session_scope
from crm_link.models import Customer
from crm_link.service import erase_customer
from orders.intake.models import RawEvent
from orders.intake.queries import read_event_body
from orders.models import Order, OrderContact, OrderLine
from tests.factories.orders import make_plain_order
from tests.orders.intake.conftest import Doors, Knock

GIFT = {"name": "仮名 太郎", "postal_code": "530-0001", "address1": "大阪市仮町4-5", "phone": "06-9999-0000"}


def list_personal(row: Base) -> set[str]:
    return {
        column.key
        for column in row.__table__.columns
        if column.info.get("personal") and getattr(row, column.key) is not None
    }


def test_an_erased_buyer_is_gone_from_orders_and_events(
    doors: Doors, message: Callable[..., bytes], run_jobs: Callable[..., int]
) -> None:
    document = make_plain_order(note="玄関先へ", gift={"message": "おめでとう"}, attributes={"seat": "A-1"})
    doors.knock("standard", Knock(message(document)))
    run_jobs()
    with session_scope([doors.shop_id]) as session:
        order = session.scalars(select(Order)).one()
        assert {"note", "gift_message", "attributes"} <= list_personal(order)
        buyer_id = order.buyer_customer_id
        assert buyer_id is not None

    with session_scope([doors.shop_id]) as session:
        erase_customer(session, doors.shop_id, buyer_id)
    run_jobs()

    with session_scope([doors.shop_id]) as session:
        order = session.scalars(select(Order)).one()
        event = session.scalars(select(RawEvent)).one()
        rows: list[Base] = [order, event, *session.scalars(select(OrderContact)), *session.scalars(select(OrderLine))]
        assert [list_personal(row) for row in rows] == [set()] * len(rows)
        assert order.total == 4320
        assert read_event_body(session, event) is None


def test_an_erased_recipient_leaves_the_buyer(
    doors: Doors, message: Callable[..., bytes], run_jobs: Callable[..., int]
) -> None:
    doors.knock("standard", Knock(message(make_plain_order(recipient=GIFT))))
    run_jobs()
    with session_scope([doors.shop_id]) as session:
        recipient_id = session.scalars(select(Order.recipient_customer_id)).one()
        assert recipient_id is not None
        assert len(session.scalars(select(Customer.id)).all()) == 2

    with session_scope([doors.shop_id]) as session:
        erase_customer(session, doors.shop_id, recipient_id)

    with session_scope([doors.shop_id]) as session:
        names = {row.role.value: row.name for row in session.scalars(select(OrderContact))}
        assert names == {"buyer": "架空 花子", "recipient": None}
        assert session.scalars(select(RawEvent)).one().body is None
