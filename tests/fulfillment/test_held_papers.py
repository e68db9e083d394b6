"""What bears valid papers is decided no more, also while it is held; news that crosses the printing is seen."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db import session_scope
from crm_link.care import set_care_flag
from crm_link.kinds import CareKind
from crm_link.service import erase_customer
from fulfillment.deciding import decide_shipments
from fulfillment.errors import ShipmentErasedError
from fulfillment.holds import lift_holds
from fulfillment.models import HoldReason, Shipment
from fulfillment.packing.models import Copy
from fulfillment.printing.freezing import Outcomes, freeze_part
from fulfillment.service import cancel_shipment, hold_shipment, release_shipment
from fulfillment.states import ShipmentState
from personalization.models import Decision, DecisionMode
from tests.factories.fulfillment import (
    ShippingShop,
    get_parcel,
    make_shipping_shop,
    pack,
    print_all,
    publish,
    take_order,
)
from tests.factories.orders import TARO, make_order
from tests.fulfillment.test_interrupting import (
    APOLOGY,
    WITH_APOLOGY,
    complain,
    customer_of,
    letter_of,
    open_holds,
    printed,
)
from tests.fulfillment.test_line import leave, state_of

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")
__all__ = ["printed"]  # The fixture.


def mode_of(shop: ShippingShop, shipment_id: UUID) -> DecisionMode:
    """Return how the decision was taken that the shipment goes by."""
    with session_scope([shop.shop_id]) as session:
        statement = select(Decision.mode).join(Shipment, Shipment.decision_id == Decision.id)
        return session.execute(statement.where(Shipment.id == shipment_id)).scalar_one()


def test_new_rules_leave_a_held_parcel_as_it_was_printed(printed: tuple[ShippingShop, UUID], run_jobs: RunJobs) -> None:
    shop, shipment_id = printed
    with session_scope([shop.shop_id]) as session:
        hold_shipment(session, shop.shop_id, shipment_id, note="様子を見る")
    publish(shop.shop_id, {"format": 1, "rules": [APOLOGY]})
    run_jobs()
    assert mode_of(shop, shipment_id) is DecisionMode.FREEZE
    with session_scope([shop.shop_id]) as session:
        release_shipment(session, shop.shop_id, shipment_id)
    run_jobs()
    assert state_of(shop, shipment_id) is ShipmentState.PRINTED
    assert mode_of(shop, shipment_id) is DecisionMode.FREEZE


def test_a_complaint_about_a_held_parcel_is_seen_beside_its_other_hold(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    with session_scope([shop.shop_id]) as session:
        hold_shipment(session, shop.shop_id, shipment_id, note="様子を見る")
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    assert set(open_holds(shop, shipment_id)) == {HoldReason.PERSON, HoldReason.CHANGED_AFTER_PRINT}
    assert mode_of(shop, shipment_id) is DecisionMode.FREEZE


def take_two(shop: ShippingShop, run_jobs: RunJobs) -> tuple[UUID, UUID]:
    """Take an order of Hanako's and one of somebody else's."""
    [first] = take_order(shop, run_jobs)
    ids = take_order(shop, run_jobs, make_order(buyer=TARO, recipient=TARO))
    return first, next(each for each in ids if each != first)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """Do these once, after the last decision of a part and before its papers."""
    acts: list[Callable[[], object]] = []

    def freeze_and_act(shop_id: UUID, print_job_id: UUID) -> Outcomes:
        frozen = freeze_part(shop_id, print_job_id)
        while acts:
            acts.pop(0)()
        return frozen

    monkeypatch.setattr("fulfillment.printing.part_printing.freeze_part", freeze_and_act)
    return acts


def test_what_is_decided_anew_between_freeze_and_papers_is_printed(
    run_jobs: RunJobs, between: list[Callable[[], object]]
) -> None:
    shop = make_shipping_shop(rules=WITH_APOLOGY)
    first, other = take_two(shop, run_jobs)

    def decide() -> None:
        with session_scope([shop.shop_id]) as session:
            decide_shipments(session, shop.shop_id, [first])

    between += [lambda: complain(shop, customer_of(shop, first)), decide]
    print_all(shop, run_jobs)
    assert letter_of(shop, first) == ["お詫び状"]
    assert "お詫び状" not in letter_of(shop, other)
    assert [mode_of(shop, each) for each in (first, other)] == [DecisionMode.FREEZE] * 2


def test_a_complaint_whose_decision_comes_after_the_papers_stops_the_parcel(
    run_jobs: RunJobs, between: list[Callable[[], object]]
) -> None:
    shop = make_shipping_shop(rules=WITH_APOLOGY)
    [shipment_id] = take_order(shop, run_jobs)
    between.append(lambda: complain(shop, customer_of(shop, shipment_id)))
    print_all(shop, run_jobs)
    assert letter_of(shop, shipment_id) != ["お詫び状"]
    assert set(open_holds(shop, shipment_id)) == {HoldReason.CHANGED_AFTER_PRINT}


@pytest.mark.parametrize("kind", [CareKind.DO_NOT_SEND, CareKind.CHECK_BY_HAND])
def test_a_care_flag_that_crosses_the_printing_stops_the_parcel(
    run_jobs: RunJobs, between: list[Callable[[], object]], kind: CareKind
) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)

    def flag() -> None:
        with session_scope([shop.shop_id]) as session:
            set_care_flag(session, shop.shop_id, customer_of(shop, shipment_id), kind)

    between.append(flag)
    print_all(shop, run_jobs)
    assert set(open_holds(shop, shipment_id)) == {HoldReason.CARE_FLAG}


def test_who_is_stopped_between_freeze_and_papers_is_not_printed(
    run_jobs: RunJobs, between: list[Callable[[], object]]
) -> None:
    shop = make_shipping_shop()
    first, other = take_two(shop, run_jobs)

    def hold() -> None:
        with session_scope([shop.shop_id]) as session:
            hold_shipment(session, shop.shop_id, first, note="電話あり")

    between.append(hold)
    print_all(shop, run_jobs)
    assert [state_of(shop, each) for each in (first, other)] == [ShipmentState.HELD, ShipmentState.PRINTED]
    with session_scope([shop.shop_id]) as session:
        assert session.scalars(select(Copy.shipment_id).distinct()).all() == [other]


def test_papers_that_an_erasure_made_void_do_not_leave_the_house(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    parcel_id = get_parcel(shop, shipment_id)
    pack(shop, parcel_id)
    with session_scope([shop.shop_id]) as session:
        erase_customer(session, shop.shop_id, customer_of(shop, shipment_id))
    run_jobs()
    with session_scope([shop.shop_id]) as session:
        lift_holds(session, shop.shop_id, [shipment_id], [HoldReason.ERASED])
    run_jobs()
    [refused] = leave(shop, parcel_id).refused
    assert refused.reason == "changed_since_print"


def test_nobody_releases_what_was_held_because_somebody_was_erased(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    with session_scope([shop.shop_id]) as session:
        erase_customer(session, shop.shop_id, customer_of(shop, shipment_id))
    run_jobs()
    with session_scope([shop.shop_id]) as session, pytest.raises(ShipmentErasedError):
        release_shipment(session, shop.shop_id, shipment_id)
    assert state_of(shop, shipment_id) is ShipmentState.HELD
    with session_scope([shop.shop_id]) as session:
        cancel_shipment(session, shop.shop_id, shipment_id)
    assert state_of(shop, shipment_id) is ShipmentState.CANCELLED
