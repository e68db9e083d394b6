"""What was for somebody who is erased goes nowhere, whichever way it is asked for: there is no address and no paper."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db import session_scope
from crm_link.service import erase_customer
from fulfillment.errors import ShipmentErasedError
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.rearranging.service import split_shipment
from fulfillment.resending import resend_shipment
from fulfillment.states import ShipmentState
from tests.factories.fulfillment import ShippingShop, make_shipping_shop, take_order
from tests.fulfillment.test_interrupting import customer_of
from tests.fulfillment.test_line import state_of
from tests.fulfillment.test_rearranging import merge, undo_last
from tests.fulfillment.test_resending import send_first

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")


def erase_buyer(shop: ShippingShop, shipment_id: UUID, run_jobs: RunJobs) -> None:
    with session_scope([shop.shop_id]) as session:
        erase_customer(session, shop.shop_id, customer_of(shop, shipment_id))
    run_jobs()


def test_it_is_not_split(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    erase_buyer(shop, shipment_id, run_jobs)
    with session_scope([shop.shop_id]) as session:
        [line_id, *_] = session.scalars(select(ShipmentLine.id).where(ShipmentLine.shipment_id == shipment_id))
    with session_scope([shop.shop_id]) as session, pytest.raises(ShipmentErasedError):
        split_shipment(session, shop.shop_id, shipment_id, {line_id: 1}, reason="二箱に")
    assert state_of(shop, shipment_id) is ShipmentState.HELD


def test_what_was_merged_is_not_taken_out_again(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    take_order(shop, run_jobs)
    first, second = take_order(shop, run_jobs)
    kept = merge(shop, first, second)
    erase_buyer(shop, kept, run_jobs)
    with pytest.raises(ShipmentErasedError):
        undo_last(shop)
    other = second if kept == first else first
    assert [state_of(shop, each) for each in (kept, other)] == [ShipmentState.HELD, ShipmentState.MERGED]


def test_what_was_sent_is_not_sent_again(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    shipment_id = send_first(shop, run_jobs)
    erase_buyer(shop, shipment_id, run_jobs)
    with session_scope([shop.shop_id]) as session, pytest.raises(ShipmentErasedError):
        resend_shipment(session, shop.shop_id, shipment_id, reason="破損")
    with session_scope([shop.shop_id]) as session:
        assert session.scalars(select(Shipment.id)).all() == [shipment_id]
