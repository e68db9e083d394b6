"""What no font can draw is told when the shipment is decided, with field and character, not when it is printed."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db import session_scope
from fulfillment.models import HoldReason, Shipment, ShipmentHold
from fulfillment.service import release_shipment
from fulfillment.states import ShipmentState
from orders.normalised import GiftWishes
from tests.factories.fulfillment import ShippingShop, make_shipping_shop, take_order
from tests.factories.orders import HANAKO, make_line, make_order

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")


def _holds(shop: ShippingShop, shipment_id: UUID) -> list[tuple[str, str]]:
    """Return field and character of the open holds of what cannot be drawn."""
    with session_scope([shop.shop_id]) as session:
        rows = session.scalars(
            select(ShipmentHold.details).where(
                ShipmentHold.shipment_id == shipment_id,
                ShipmentHold.reason == HoldReason.CANNOT_DRAW,
                ShipmentHold.released_at.is_(None),
            )
        )
        return [(details["field"], details["character"]) for details in rows]


def _state(shop: ShippingShop, shipment_id: UUID) -> ShipmentState:
    with session_scope([shop.shop_id]) as session:
        return session.scalars(select(Shipment.state).where(Shipment.id == shipment_id)).one()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"recipient": replace(HANAKO, name="山田 𛀂子")}, ("recipient_name", "U+1B002 HENTAIGANA LETTER A-1")),
        ({"gift": GiftWishes(message="おめでとう\U000f1234")}, ("gift_message", "U+F1234 UNNAMED")),
        (
            {"lines": (make_line(1), make_line(2, title="渡邊\U000e0112 監修"))},
            ("lines[2].name", "U+908A CJK UNIFIED IDEOGRAPH-908A U+E0112 VARIATION SELECTOR-35"),
        ),
    ],
)
def test_a_shipment_is_held_when_decided_and_goes_on_when_corrected(
    changes: dict[str, object], told: tuple[str, str], run_jobs: RunJobs
) -> None:
    shop = make_shipping_shop()
    order = make_order(**changes)
    [shipment_id] = take_order(shop, run_jobs, order)

    assert _state(shop, shipment_id) is ShipmentState.HELD
    assert _holds(shop, shipment_id) == [told]

    corrected = make_order(number=order.number, minutes=5)
    take_order(shop, run_jobs, corrected)
    assert _state(shop, shipment_id) is ShipmentState.PLANNED
    assert _holds(shop, shipment_id) == []


def test_names_of_the_world_are_not_held_and_what_a_person_released_stays_released(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    recipient = replace(HANAKO, name="𠮷田 محمد 刘洋 Nguyễn")
    take_order(shop, run_jobs, make_order(recipient=recipient, gift=GiftWishes(message="🎉")))
    ids = take_order(shop, run_jobs, make_order(gift=GiftWishes(message="\ue000")))

    assert [_holds(shop, shipment_id) for shipment_id in ids] == [[], [("gift_message", "U+E000 UNNAMED")]]
    with session_scope([shop.shop_id]) as session:
        release_shipment(session, shop.shop_id, ids[1])
    run_jobs()
    assert _holds(shop, ids[1]) == []
    assert _state(shop, ids[1]) is ShipmentState.PLANNED
