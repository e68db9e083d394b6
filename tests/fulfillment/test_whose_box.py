"""A box speaks to whom its order names now, also when goods and address stay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db import session_scope
from crm_link.joins import join_customers, undo_join
from fulfillment.models import Shipment
from fulfillment.states import ShipmentState
from orders.models import Order
from orders.normalised import NormalisedOrder
from orders.service import record_order
from personalization.models import Decision
from tests.factories.fulfillment import ShippingShop, make_shipping_shop, print_all, take_order
from tests.factories.orders import HANAKO, TARO, make_order
from tests.fulfillment.test_interrupting import customer_of
from tests.fulfillment.test_line import state_of

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")
NOBODY = replace(HANAKO, external_id=None, email=None, phone=None)


def tell_again(shop: ShippingShop, run_jobs: RunJobs, order: NormalisedOrder, **changes: Any) -> None:
    later = order.source_updated_at + timedelta(hours=1)
    with session_scope([shop.shop_id]) as session:
        record_order(session, shop.shop_id, replace(order, source_updated_at=later, **changes))
    run_jobs()


def people_of(shop: ShippingShop, shipment_id: UUID) -> tuple[UUID | None, UUID | None, UUID | None]:
    """Return the buyer by the order, by the shipment, and by its decision."""
    with session_scope([shop.shop_id]) as session:
        order = session.scalars(select(Order)).one()
        shipment = session.get_one(Shipment, shipment_id)
        decision = session.get_one(Decision, shipment.decision_id)
        return order.buyer_customer_id, shipment.customer_id, decision.customer_id


def test_a_printed_box_whose_order_proves_to_be_somebody_elses_is_printed_again(run_jobs: RunJobs) -> None:
    shop, order = make_shipping_shop(), make_order()
    [shipment_id] = take_order(shop, run_jobs, order)
    [hanako] = set(people_of(shop, shipment_id))
    print_all(shop, run_jobs)
    tell_again(shop, run_jobs, order, buyer=replace(HANAKO, external_id="c-2", email="namesake@example.jp"))
    assert state_of(shop, shipment_id) is ShipmentState.PLANNED
    [namesake] = set(people_of(shop, shipment_id))
    assert namesake != hanako


def test_a_box_of_nobody_is_decided_for_whom_the_shop_names_later(run_jobs: RunJobs) -> None:
    shop, order = make_shipping_shop(), make_order(buyer=NOBODY, recipient=NOBODY)
    [shipment_id] = take_order(shop, run_jobs, order)
    assert state_of(shop, shipment_id) is ShipmentState.HELD
    tell_again(shop, run_jobs, order, buyer=replace(NOBODY, email=HANAKO.email))
    assert state_of(shop, shipment_id) is ShipmentState.PLANNED
    [found] = set(people_of(shop, shipment_id))
    assert found is not None


def test_boxes_of_two_customers_taken_for_one_are_their_own_again(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [first] = take_order(shop, run_jobs)
    second = replace(TARO, external_id="c-9", email="taro@example.jp")
    other = take_order(shop, run_jobs, make_order(buyer=second, recipient=second))[1]
    hanako, taro = customer_of(shop, first), customer_of(shop, other)
    with session_scope([shop.shop_id]) as session:
        join_id = join_customers(session, shop.shop_id, hanako, taro, made_by="user:1", reason="like names")
    run_jobs()
    print_all(shop, run_jobs)
    assert customer_of(shop, first) == taro
    with session_scope([shop.shop_id]) as session:
        undo_join(session, shop.shop_id, join_id, made_by="user:1")
    run_jobs()
    assert (customer_of(shop, first), customer_of(shop, other)) == (hanako, taro)
    # The papers of one spoke to the other.
    assert state_of(shop, first) is ShipmentState.PLANNED
    assert state_of(shop, other) is ShipmentState.PRINTED


def test_a_box_speaks_the_language_that_its_order_asks_for_now(run_jobs: RunJobs) -> None:
    shop, order = make_shipping_shop(), make_order(locale="ja")
    [shipment_id] = take_order(shop, run_jobs, order)
    print_all(shop, run_jobs)
    tell_again(shop, run_jobs, order, locale="en")
    assert state_of(shop, shipment_id) is ShipmentState.PLANNED
    with session_scope([shop.shop_id]) as session:
        assert session.get_one(Shipment, shipment_id).language == "en"
