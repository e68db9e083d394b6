"""A box that leaves while its order changes: nothing is sent twice, nothing is taken for sent that was not."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.db import session_scope
from fulfillment.dispatch.hand_over import HandOverResult
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.planning import service as planning
from fulfillment.states import SENT, ShipmentState
from orders.normalised import NormalisedOrder
from orders.service import record_order
from tests.factories.fulfillment import ShippingShop, get_parcel, make_shipping_shop, pack, print_all, take_order
from tests.factories.orders import make_line, make_order
from tests.fulfillment.test_line import leave

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")
# Long enough for a box that nobody keeps from leaving.
PATIENCE = 1


@pytest.fixture
def crew() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def add_line(shop: ShippingShop, order: NormalisedOrder) -> None:
    """The customer wants two pieces more."""
    more = make_line(3, sku="SKU-1")
    later = order.source_updated_at + timedelta(hours=1)
    changed = replace(order, lines=(*order.lines, more), total=order.total + more.amount, source_updated_at=later)
    with session_scope([shop.shop_id]) as session:
        record_order(session, shop.shop_id, changed)


def count_pieces(shop: ShippingShop) -> tuple[int, int]:
    """Return how many pieces left, and how many still go."""
    with session_scope([shop.shop_id]) as session:
        rows = session.execute(
            select(Shipment.state, func.sum(ShipmentLine.quantity)).join(ShipmentLine).group_by(Shipment.state)
        ).all()
    sent = sum(pieces for state, pieces in rows if state in SENT)
    return sent, sum(pieces for state, pieces in rows if state not in SENT and state != ShipmentState.CANCELLED)


@pytest.mark.parametrize("after", ["load_boxes", "load_plans"])
def test_a_box_that_leaves_while_its_order_is_planned_again_took_what_was_in_it(
    run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, crew: ThreadPoolExecutor, after: str
) -> None:
    shop, order = make_shipping_shop(), make_order()
    [shipment_id] = take_order(shop, run_jobs, order)
    print_all(shop, run_jobs)
    parcel_id: UUID = get_parcel(shop, shipment_id)
    pack(shop, parcel_id)
    leaving: list[Future[HandOverResult]] = []
    read = getattr(planning, after)

    def read_and_leave(*given: Any, **named: Any) -> object:
        found = read(*given, **named)
        leaving.append(crew.submit(leave, shop, parcel_id))
        _wait(leaving[0])
        return found

    with monkeypatch.context() as patch:
        patch.setattr(planning, after, read_and_leave)
        add_line(shop, order)
        run_jobs()
    left = leaving[0].result()
    run_jobs()
    assert count_pieces(shop) == ((3, 2) if left.handed_over else (0, 5))


def _wait(leaving: Future[HandOverResult]) -> None:
    """Let it leave, if it can; whoever plans may have locked it."""
    try:
        leaving.result(PATIENCE)
    except TimeoutError:
        return
