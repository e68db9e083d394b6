"""The count of what left unproven does not believe the gate: it asks the scans."""

from uuid import UUID

import psycopg
import pytest

from app.demo.proof import count_run
from core.db import session_scope
from fulfillment.dispatch.hand_over import hand_over
from tests.conftest import FixedClock
from tests.factories.fulfillment import (
    RunJobs,
    ShippingShop,
    get_parcel,
    make_shipping_shop,
    pack,
    print_all,
    take_order,
)


@pytest.fixture
def gone(database: str, clock: FixedClock, run_jobs: RunJobs) -> tuple[ShippingShop, UUID]:
    """A shop and a parcel of it that was packed and handed over."""
    shop = make_shipping_shop()
    (shipment_id,) = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    pack(shop, parcel_id)
    with session_scope([shop.shop_id]) as session:
        hand_over(session, shop.shop_id, [parcel_id])
    run_jobs()
    return shop, parcel_id


def test_a_parcel_packed_by_scans_is_proven(gone: tuple[ShippingShop, UUID]) -> None:
    found = count_run(gone[0].shop_id)
    assert found.unproven == 0
    assert found.counts["dispatched"] == found.counts["orders_in"] == found.counts["decided"] == 1
    assert found.counts["inserts_enclosed"] == 1


@pytest.mark.parametrize(
    "tampering",
    [
        "DELETE FROM scans WHERE unit_id = (SELECT id FROM units WHERE kind = 'insert')",
        "DELETE FROM scans WHERE unit_id = (SELECT id FROM units WHERE kind = 'label')",
        "UPDATE scans SET text = '4569951119996' WHERE unit_id = (SELECT id FROM units WHERE kind = 'insert')",
        "UPDATE scans SET outcome = 'wrong_item' WHERE unit_id = (SELECT id FROM units WHERE kind = 'document')",
        "UPDATE scans SET kind = 'manual', reason = '', text = '' WHERE outcome = 'parcel_opened'",
        "DELETE FROM units",
    ],
)
def test_a_missing_or_changed_scan_is_seen_although_the_parcel_left(
    gone: tuple[ShippingShop, UUID], database: str, tampering: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET session_replication_role = 'replica'")
        connection.execute(tampering)
    assert count_run(gone[0].shop_id).unproven == 1
