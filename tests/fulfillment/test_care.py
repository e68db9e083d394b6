"""Care flags of the customer record, set at any moment of a parcel's way."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from core.context import Actor, using_context
from core.db import session_scope
from crm_link.care import end_care_flag, set_care_flag
from crm_link.kinds import CareKind
from crm_link.models import CareFlag
from fulfillment.interrupting import keep_as_printed
from fulfillment.models import HoldReason, Shipment, ShipmentHold
from fulfillment.packing.models import UnitKind
from fulfillment.packing.verification import ScanOutcome
from fulfillment.states import ShipmentState
from tests.factories.core import make_user
from tests.factories.fulfillment import (
    ShippingShop,
    code_of,
    get_parcel,
    make_shipping_shop,
    print_all,
    scan,
    take_order,
)

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")


def flag_buyer(shop: ShippingShop, shipment_id: UUID, kind: CareKind, run_jobs: RunJobs) -> None:
    with session_scope([shop.shop_id]) as session:
        customer_id = session.execute(select(Shipment.customer_id).where(Shipment.id == shipment_id)).scalar_one()
        assert customer_id is not None
        set_care_flag(session, shop.shop_id, customer_id, kind)
    run_jobs()


def read_state(shop: ShippingShop, shipment_id: UUID) -> tuple[ShipmentState, list[HoldReason]]:
    with session_scope([shop.shop_id]) as session:
        state = session.execute(select(Shipment.state).where(Shipment.id == shipment_id)).scalar_one()
        return state, list(session.scalars(select(ShipmentHold.reason)))


@pytest.mark.parametrize("printed", [False, True])
def test_who_must_not_be_sent_anything_is_not(run_jobs: RunJobs, printed: bool) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    if printed:
        print_all(shop, run_jobs)
    flag_buyer(shop, shipment_id, CareKind.DO_NOT_SEND, run_jobs)
    assert read_state(shop, shipment_id) == (ShipmentState.HELD, [HoldReason.CARE_FLAG])
    if printed:
        slip = code_of(shop, get_parcel(shop, shipment_id), UnitKind.SLIP)
        assert scan(shop, None, slip)[0].outcome is ScanOutcome.CARE_FLAG


def test_a_flag_that_is_set_again_holds_again_what_nobody_has_answered_for(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    flag_buyer(shop, shipment_id, CareKind.DO_NOT_SEND, run_jobs)
    with session_scope([shop.shop_id]) as session:
        end_care_flag(session, shop.shop_id, session.scalars(select(CareFlag.id)).one())
    run_jobs()
    assert read_state(shop, shipment_id)[0] is ShipmentState.PLANNED
    flag_buyer(shop, shipment_id, CareKind.DO_NOT_SEND, run_jobs)
    assert read_state(shop, shipment_id)[0] is ShipmentState.HELD


def test_a_flag_after_printing_stops_the_parcel_and_its_insert_is_refused_even_when_the_papers_stand(
    run_jobs: RunJobs,
) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    flag_buyer(shop, shipment_id, CareKind.NO_INSERTS, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    assert scan(shop, None, code_of(shop, parcel_id, UnitKind.SLIP))[0].outcome is ScanOutcome.HELD

    with using_context(actor=Actor("user", make_user().id)), session_scope([shop.shop_id]) as session:
        keep_as_printed(session, shop.shop_id, shipment_id, reason="お客様に確認済み")
    scan(shop, None, code_of(shop, parcel_id, UnitKind.SLIP))
    assert scan(shop, parcel_id, "LEAFLET")[0].outcome is ScanOutcome.CARE_FLAG
