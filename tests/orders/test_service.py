"""Recording orders: one record however often and in whatever sequence its events come."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db import session_scope
from core.events import subscribe
from crm_link.kinds import TouchpointState
from crm_link.models import Touchpoint
from orders.events import OrdersRecorded
from orders.kinds import ContactRole, OrderChangeKind
from orders.models import Order
from orders.normalised import Contact, NormalisedOrder, OrderEvent, PaymentState
from orders.queries import OrderRecord, get_order, load_orders, orders_of_customer
from orders.service import record_order, record_orders
from tests.factories.core import make_shop
from tests.factories.orders import (
    HANAKO,
    PLACED,
    TARO,
    make_cancellation,
    make_line,
    make_order,
    make_products,
    make_refund,
    make_selling_shop,
)

pytestmark = pytest.mark.usefixtures("database", "clock")


@pytest.fixture
def shop_id(database: str) -> UUID:
    del database
    return make_selling_shop("SKU-1", "SKU-2")


def record_all(shop_id: UUID, *events: OrderEvent) -> OrderRecord:
    """Record each event in a transaction of its own, and return the one order they are about."""
    for event in events:
        with session_scope([shop_id]) as session:
            outcomes = record_orders(session, shop_id, [event])
    with session_scope([shop_id]) as session:
        return get_order(session, shop_id, next(iter(outcomes.values())).order_id)


def list_codes(record: OrderRecord) -> set[str]:
    return {problem["code"] for problem in record.order.problems}


def read_purchases(shop_id: UUID) -> list[Touchpoint]:
    with session_scope([shop_id]) as session:
        return list(session.scalars(select(Touchpoint).where(Touchpoint.state != TouchpointState.SUPERSEDED)))


def test_a_new_order_is_recorded_whole(shop_id: UUID) -> None:
    record = record_all(shop_id, make_order(note="置き配希望", coupon_codes=("WELCOME",)))

    assert record.order.total == 4000
    assert record.order.coupon_codes == ["WELCOME"]
    assert record.order.version == 1
    assert [line.quantity for line in record.lines] == [2, 1]
    assert all(line.product_id for line in record.lines)
    assert record.contacts[ContactRole.BUYER].email == "hanako@example.jp"
    assert record.order.buyer_customer_id == record.order.recipient_customer_id is not None
    assert record.order.problems == []


def test_the_same_order_told_twice_is_one_order_of_one_version(shop_id: UUID) -> None:
    order = make_order()

    record = record_all(shop_id, order, order)

    assert record.order.version == 1
    assert len(record.lines) == 2


def test_an_older_state_that_arrives_late_changes_nothing(shop_id: UUID) -> None:
    order = make_order(number="#1", minutes=10, note="new")
    older = make_order(number="#1", minutes=5, note="old", lines=(make_line(1),))

    record = record_all(shop_id, order, older)

    assert record.order.note == "new"
    assert len(record.lines) == 2


def test_a_newer_state_replaces_lines_fees_and_contacts(shop_id: UUID) -> None:
    order = make_order(number="#1", sender=TARO)
    newer = make_order(number="#1", minutes=5, lines=(make_line(2, quantity=3),), recipient=TARO)

    record = record_all(shop_id, order, newer)

    assert [(line.external_id, line.quantity) for line in record.lines] == [("l2", 3)]
    assert record.contacts.keys() == {ContactRole.BUYER, ContactRole.RECIPIENT}
    assert record.order.is_gift
    assert record.order.version == 2


def test_a_line_keeps_its_identity_when_the_order_changes(shop_id: UUID) -> None:
    before = record_all(shop_id, make_order(number="#1"))
    after = record_all(shop_id, make_order(number="#1", minutes=1, lines=(make_line(1, quantity=5),)))

    assert after.lines[0].id == before.lines[0].id


def test_a_refund_before_its_order_waits_for_it(shop_id: UUID) -> None:
    order = make_order(number="#1")

    record = record_all(shop_id, make_refund(order), order)

    assert record.order.refunded_total == 1000
    assert record.lines[0].open_quantity == 1


def test_refunds_count_once_however_often_they_are_told(shop_id: UUID) -> None:
    order = make_order(number="#1")
    refund = make_refund(order)

    record = record_all(shop_id, order, refund, refund, make_order(number="#1", minutes=3, refunds=(refund,)))

    assert record.order.refunded_total == 1000
    assert record.lines[0].refunded_quantity == 1


def test_the_earliest_notice_of_cancellation_counts(shop_id: UUID) -> None:
    order = make_order(number="#1")

    record = record_all(shop_id, make_cancellation(order, 5, "late"), order, make_cancellation(order, 3, "early"))

    assert record.order.cancelled_at == PLACED + timedelta(hours=3)
    assert record.order.cancel_reason == "early"


def test_the_purchase_is_corrected_by_refund_and_cancellation(shop_id: UUID) -> None:
    order = make_order(number="#1")
    record_all(shop_id, order)
    (purchase,) = read_purchases(shop_id)
    assert (purchase.source, purchase.external_id, purchase.amount, purchase.quantity) == ("standard", "#1", 4000, 3)
    assert purchase.categories == ["日本茶"]

    record_all(shop_id, make_refund(order))
    (purchase,) = read_purchases(shop_id)
    assert (purchase.amount, purchase.quantity) == (3000, 2)

    record_all(shop_id, make_cancellation(order))
    (purchase,) = read_purchases(shop_id)
    assert purchase.state is TouchpointState.CANCELLED


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (make_order(lines=(make_line(9),)), "unknown_sku"),
        (make_order(buyer=Contact(name="名無し")), "customer_missing"),
        (make_order(buyer=None), "customer_missing"),
        (make_order(recipient=None), "address_missing"),
        (make_order(recipient=Contact(name="架空 花子")), "address_incomplete"),
        (make_order(payment_state=PaymentState.PENDING), "unpaid"),
        (make_order(recipient=TARO), "gift_to_other"),
        (make_order(is_test=True), "test_order"),
        (make_order(total=1), "total_differs"),
        (make_order(shipped_elsewhere=True), "shipped_elsewhere"),
        (make_order(lines=(make_line(1, cancelled_quantity=2),)), "nothing_to_ship"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_person_should_know_is_recorded(shop_id: UUID, order: NormalisedOrder, code: str) -> None:
    record = record_all(shop_id, order)

    assert code in list_codes(record)


def test_an_order_is_rechecked_when_its_sku_becomes_known(shop_id: UUID) -> None:
    told: list[OrdersRecorded] = []
    record = record_all(shop_id, make_order(number="#1", lines=(make_line(7),)))
    assert list_codes(record) == {"unknown_sku"}
    subscribe(OrdersRecorded, lambda _, event: told.append(event))

    make_products(shop_id, "SKU-7")

    with session_scope([shop_id]) as session:
        assert get_order(session, shop_id, record.order.id).order.problems == []
    assert [(change.order_id, change.change) for change in told[0].orders] == [
        (record.order.id, OrderChangeKind.RECHECKED)
    ]


def test_a_gift_with_the_buyers_telephone_number_is_not_taken_for_the_buyer(shop_id: UUID) -> None:
    recipient = Contact(name="仮名 太郎", postal_code="530-0001", address1="仮町4-5", phone=HANAKO.phone)

    record = record_all(shop_id, make_order(recipient=recipient))

    assert record.order.is_gift
    assert record.order.recipient_customer_id is None


def test_changes_are_told_once_per_batch(shop_id: UUID) -> None:
    told: list[OrdersRecorded] = []
    subscribe(OrdersRecorded, lambda _, event: told.append(event))
    orders = [make_order() for _ in range(3)]

    with session_scope([shop_id]) as session:
        record_orders(session, shop_id, orders)
    with session_scope([shop_id]) as session:
        record_orders(session, shop_id, orders)

    assert [len(event.orders) for event in told] == [3]
    assert {change.change for change in told[0].orders} == {OrderChangeKind.CREATED}


def test_orders_of_a_customer_come_latest_first(shop_id: UUID) -> None:
    with session_scope([shop_id]) as session:
        for days in (1, 3, 2):
            record_order(session, shop_id, make_order(placed_at=PLACED - timedelta(days=days)))
    with session_scope([shop_id]) as session:
        customer_id = session.scalars(select(Touchpoint.customer_id)).first()
        assert customer_id is not None
        first = orders_of_customer(session, shop_id, customer_id, limit=2)
        rest = orders_of_customer(session, shop_id, customer_id, before=(first[-1].placed_at, first[-1].id))

    assert [(PLACED - order.placed_at).days for order in [*first, *rest]] == [1, 2, 3]


def test_another_shop_sees_nothing(shop_id: UUID) -> None:
    record = record_all(shop_id, make_order())

    with session_scope([make_shop()]) as session:
        assert session.get(type(record.order), record.order.id) is None


def test_a_refund_and_its_order_that_come_at_once_see_each_other(shop_id: UUID) -> None:
    orders = [make_order(number=f"#{number}") for number in range(12)]

    def tell(event: OrderEvent) -> None:
        with session_scope([shop_id]) as session:
            record_orders(session, shop_id, [event])

    events: list[OrderEvent] = [
        event for order in orders for event in (order, make_refund(order), make_cancellation(order))
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, events))

    with session_scope([shop_id]) as session:
        found = load_orders(session, shop_id, session.scalars(select(Order.id)).all())
    assert len(found) == len(orders)
    assert {record.order.refunded_total for record in found} == {1000}
    assert {record.lines[0].refunded_quantity for record in found} == {1}
    assert all(record.order.cancelled_at for record in found)


def test_two_who_are_told_the_same_batch_at_once_record_it_once(shop_id: UUID) -> None:
    orders = [make_order(number=f"#{number}") for number in range(20)]

    def tell(batch: list[NormalisedOrder]) -> None:
        with session_scope([shop_id]) as session:
            record_orders(session, shop_id, batch)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, [orders, orders[::-1], orders[5:], orders[:15]]))

    with session_scope([shop_id]) as session:
        found = load_orders(session, shop_id, session.scalars(select(Order.id)).all())
    assert len(found) == len(orders)
    assert {record.order.version for record in found} == {1}
    assert {len(record.lines) for record in found} == {2}
