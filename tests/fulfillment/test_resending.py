"""Sent again: the same choices as the first time, or chosen things only, and no limit charged twice."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db import session_scope
from core.ids import new_id
from fulfillment.dispatch.returns import take_back
from fulfillment.errors import NothingToResendError
from fulfillment.models import ReturnKind, ShipmentLine
from fulfillment.packing.models import UnitKind
from fulfillment.packing.verification import ScanOutcome
from fulfillment.resending import ResendChoice, resend_shipment
from personalization.models import Allotment, AllotmentState, Decision
from personalization.queries import get_decision
from personalization.replaying import ReplayState, replay
from tests.factories.fulfillment import (
    ShippingShop,
    get_parcel,
    list_units,
    make_shipping_shop,
    pack,
    print_all,
    take_order,
)
from tests.factories.orders import make_order
from tests.fulfillment.test_line import leave
from tests.fulfillment.test_rearranging import ONCE, enclosed

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")
FIRST_TWO: dict[str, Any] = {"format": 1, "rules": [{**ONCE["rules"][0], "limits": [{"overall": 2}]}]}


def send_first(shop: ShippingShop, run_jobs: RunJobs) -> UUID:
    """Take an order, pack it, hand it over; returns its shipment."""
    shipment_id = take_order(shop, run_jobs)[-1]
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    pack(shop, parcel_id)
    assert leave(shop, parcel_id).handed_over
    run_jobs()
    return shipment_id


def again(
    shop: ShippingShop,
    shipment_id: UUID,
    *,
    lines: Mapping[int, int] | None = None,
    inserts: Mapping[str, int] | None = None,
    letter: bool = False,
) -> UUID:
    with session_scope([shop.shop_id]) as session:
        ids = session.scalars(
            select(ShipmentLine.id).where(ShipmentLine.shipment_id == shipment_id).order_by(ShipmentLine.position)
        ).all()
        chosen = {ids[place]: count for place, count in (lines or {}).items()}
        choice = ResendChoice(lines=chosen, inserts=inserts or {}, letter=letter)
        whole = lines is None and inserts is None
        return resend_shipment(session, shop.shop_id, shipment_id, reason="破損", choice=None if whole else choice).id


@pytest.mark.parametrize("comes_back", [False, True])
@pytest.mark.parametrize("rules", [ONCE, FIRST_TWO])
def test_a_whole_parcel_is_decided_as_the_first_one_and_counts_with_it(
    run_jobs: RunJobs, rules: dict[str, Any], comes_back: bool
) -> None:
    shop = make_shipping_shop(rules=rules)
    first = send_first(shop, run_jobs)
    if comes_back:
        with session_scope([shop.shop_id]) as session:
            take_back(session, shop.shop_id, first, ReturnKind.UNDELIVERED)
    second = again(shop, first)
    assert enclosed(shop)[second] == enclosed(shop)[first] == ["leaflet"]
    # One use so far, whichever of the two is looked at: the second of two is still free, the third is none.
    others = [take_order(shop, run_jobs, make_order())[-1] for _ in range(2)]
    expected = [["leaflet"], []] if rules is FIRST_TWO else [[], []]
    assert [enclosed(shop)[other] for other in others] == expected


def test_what_is_asked_twice_is_sent_again_once(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    first, asked = send_first(shop, run_jobs), new_id()
    chosen = ResendChoice(inserts={"leaflet": 1})

    def ask(choice: ResendChoice | None, asked: UUID | None) -> UUID:
        with session_scope([shop.shop_id]) as session:
            return resend_shipment(session, shop.shop_id, first, reason="破損", choice=choice, asked=asked).id

    with ThreadPoolExecutor(2) as pool:
        at_once = list(pool.map(lambda _: ask(None, asked), range(2)))
    made = [*at_once, ask(None, asked), ask(chosen, asked), ask(chosen, new_id()), ask(None, None), ask(None, None)]
    assert made[0] == made[1] == made[2]
    assert len(set(made)) == 5


def test_what_is_sent_again_can_be_replayed(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    first = send_first(shop, run_jobs)
    second = again(shop, first, inserts={"leaflet": 1})
    with session_scope([shop.shop_id]) as session:
        decision = get_decision(session, shop.shop_id, second)
        assert replay(session, decision.id).state is ReplayState.IDENTICAL


def test_only_what_was_chosen_goes_into_the_box(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    first = send_first(shop, run_jobs)
    goods, insert, letter = (
        again(shop, first, lines={0: 1}),
        again(shop, first, inserts={"leaflet": 1}),
        again(shop, first, inserts={"leaflet": 1}, letter=True),
    )
    found = enclosed(shop)
    assert [found[each] for each in (goods, insert, letter)] == [[], ["leaflet"], ["leaflet", "thank_you_letter"]]
    print_all(shop, run_jobs)
    kinds = [
        [(unit.kind, unit.quantity) for unit in list_units(shop, get_parcel(shop, each))] for each in (goods, insert)
    ]
    assert kinds == [
        [(UnitKind.SLIP, 1), (UnitKind.GOODS, 1), (UnitKind.LABEL, 1)],
        [(UnitKind.SLIP, 1), (UnitKind.INSERT, 1), (UnitKind.LABEL, 1)],
    ]
    assert pack(shop, get_parcel(shop, insert))[-1].outcome is ScanOutcome.LABEL_BOUND


def test_a_chosen_insert_takes_stock_and_no_second_use(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop(rules=ONCE)
    first = send_first(shop, run_jobs)
    again(shop, first, inserts={"leaflet": 1})
    with session_scope([shop.shop_id]) as session:
        states = session.scalars(select(Allotment.state).order_by(Allotment.id)).all()
        assert [state for state in states if state is not AllotmentState.RETURNED] == [
            AllotmentState.PACKED,
            AllotmentState.RESERVED,
        ]
        assert len(session.scalars(select(Decision.id)).all()) >= 2


@pytest.mark.parametrize(
    "wrong", [{"lines": {0: 9}}, {"inserts": {"leaflet": 2}}, {"inserts": {"nothing": 1}}, {"lines": {}}]
)
def test_nothing_goes_again_that_was_not_sent(run_jobs: RunJobs, wrong: dict[str, Any]) -> None:
    shop = make_shipping_shop()
    first = send_first(shop, run_jobs)
    with pytest.raises(NothingToResendError):
        again(shop, first, **wrong)
