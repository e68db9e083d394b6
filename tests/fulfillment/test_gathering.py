"""Waves gathered at one moment."""

import pytest
from sqlalchemy import func, select

from core.db import session_scope
from fulfillment.errors import EmptyWaveError
from fulfillment.models import Shipment
from fulfillment.packing.models import Wave
from fulfillment.printing.waves import WaveChoice, create_wave
from fulfillment.states import ShipmentState
from tests.factories.fulfillment import RunJobs, ShippingShop, make_shipping_shop, take_order
from tests.racing import run_at_once

pytestmark = pytest.mark.usefixtures("database")


def gather(shop: ShippingShop) -> int:
    try:
        with session_scope([shop.shop_id]) as session:
            return create_wave(session, shop.shop_id, WaveChoice()).shipment_count
    except EmptyWaveError:
        return 0


def test_of_those_who_gather_at_one_moment_one_has_all_of_it(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    for _ in range(12):
        take_order(shop, run_jobs)

    counts = run_at_once([lambda: gather(shop)] * 4)

    assert sorted(counts) == [0, 0, 0, 12]
    with session_scope([shop.shop_id]) as session:
        assert session.scalar(select(func.count(Wave.id))) == 1
        assert set(session.scalars(select(Shipment.state))) == {ShipmentState.WAVED}
