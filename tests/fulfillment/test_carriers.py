"""Shipping data out, tracking numbers in: a label that a carrier made for an earlier address binds to nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core.db import session_scope
from fulfillment.carriers.service import TrackingReport, read_tracking_file, write_carrier_file
from fulfillment.models import Parcel
from orders.service import record_order
from tests.factories.fulfillment import ShippingShop, get_parcel, make_shipping_shop, print_all, take_order
from tests.factories.orders import HANAKO, make_order

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")
TRACKING = "1234-5678-9012"


def write_reference(shop: ShippingShop, wave_id: UUID) -> str:
    """Return the number by which the carrier's program knows the wave's only parcel."""
    with session_scope([shop.shop_id]) as session:
        _, data = write_carrier_file(session, shop.shop_id, wave_id)
    return data.decode("utf-8-sig").splitlines()[1].split(",")[0]


def read_back(shop: ShippingShop, reference: str) -> TrackingReport:
    data = f"お客様管理番号,送り状番号\r\n{reference},{TRACKING}\r\n".encode()
    with session_scope([shop.shop_id]) as session:
        return read_tracking_file(session, shop.shop_id, data)


def test_a_label_for_the_former_address_binds_to_nothing(run_jobs: RunJobs) -> None:
    shop, order = make_shipping_shop(), make_order()
    [shipment_id] = take_order(shop, run_jobs, order)
    former = write_reference(shop, print_all(shop, run_jobs))
    later = order.source_updated_at + timedelta(hours=1)
    moved = replace(order, recipient=replace(HANAKO, address1="新町9-9"), source_updated_at=later)
    with session_scope([shop.shop_id]) as session:
        record_order(session, shop.shop_id, moved)
    run_jobs()
    present = write_reference(shop, print_all(shop, run_jobs))

    assert [row["reason"] for row in read_back(shop, former).refused] == ["changed_since_print"]
    assert read_back(shop, present).bound == 1
    assert read_back(shop, present).unchanged == 1
    with session_scope([shop.shop_id]) as session:
        assert session.get_one(Parcel, get_parcel(shop, shipment_id)).tracking_number == TRACKING
