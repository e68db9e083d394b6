"""A wave asked for again while the first asking is still on its way."""

import time
from threading import Event

import pytest
from sqlalchemy import select

from core.db import session_scope
from fulfillment.models import Shipment
from fulfillment.printing.waves import WaveChoice, create_wave
from fulfillment.states import ShipmentState
from tests.factories.fulfillment import RunJobs, ShippingShop, make_shipping_shop, take_order
from tests.racing import run_at_once

pytestmark = pytest.mark.usefixtures("database")


def gather(shop: ShippingShop) -> int:
    with session_scope([shop.shop_id]) as session:
        return create_wave(session, shop.shop_id, WaveChoice()).shipment_count


def test_who_asks_again_gathers_all_that_a_lost_answer_let_go(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    for _ in range(3):
        take_order(shop, run_jobs)
    gathered, asked = Event(), Event()

    def lose() -> int:
        with session_scope([shop.shop_id]) as session:
            create_wave(session, shop.shop_id, WaveChoice())
            gathered.set()
            asked.wait()
            # Time for the other one to come to the same rows.
            time.sleep(0.3)
            # The process that gathered is gone, and with it what it had not committed.
            session.rollback()
        return 0

    def ask_again() -> int:
        gathered.wait()
        asked.set()
        return gather(shop)

    assert run_at_once([lose, ask_again]) == [0, 3]
    with session_scope([shop.shop_id]) as session:
        assert set(session.scalars(select(Shipment.state))) == {ShipmentState.WAVED}
