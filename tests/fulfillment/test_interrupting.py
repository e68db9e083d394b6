"""What arrives after printing stops the parcel when it would change it in substance; a person says how it goes on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core import clock as core_clock
from core.audit.models import AuditEntry
from core.context import Actor, using_context
from core.db import session_scope
from core.ids import new_id
from crm_link.care import set_care_flag
from crm_link.kinds import CareKind, TouchpointKind
from crm_link.records import TouchpointIn
from crm_link.service import record_touchpoints
from fulfillment.errors import (
    ChangedAgainError,
    ChangeNotAnsweredError,
    NothingChangedError,
    PersonNeededError,
    ReasonMissingError,
)
from fulfillment.interrupting import keep_as_printed, mark_differences, print_anew
from fulfillment.models import HoldReason, Shipment, ShipmentHold
from fulfillment.packing.models import UnitKind
from fulfillment.packing.verification import ScanOutcome
from fulfillment.service import release_shipment
from fulfillment.states import ShipmentState
from orders.service import record_order
from tests.factories.core import make_user
from tests.factories.fulfillment import (
    RULES,
    ShippingShop,
    code_of,
    get_parcel,
    list_units,
    make_shipping_shop,
    pack,
    print_all,
    publish,
    scan,
    take_order,
)
from tests.factories.orders import HANAKO, make_order
from tests.fulfillment.test_line import leave, state_of

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")
APOLOGY: dict[str, Any] = {
    "key": "apology",
    "name": {"ja": "お詫び状", "en": "Apology"},
    "when": {"fact": "history.has_open_complaint", "op": "equals", "value": True},
    "then": [
        {
            "do": "letter",
            "template": "apology_letter",
            "slots": {"apology_reason": {"ja": "申し訳ございません。", "en": "We are sorry."}},
        }
    ],
}
WITH_APOLOGY = {"format": 1, "rules": [APOLOGY, *RULES["rules"]]}


def customer_of(shop: ShippingShop, shipment_id: UUID) -> UUID:
    with session_scope([shop.shop_id]) as session:
        customer_id = session.get_one(Shipment, shipment_id).customer_id
        assert customer_id is not None
        return customer_id


def complain(shop: ShippingShop, customer_id: UUID, *, status: str = "open", **changes: Any) -> None:
    """A ticket arrives from the support system."""
    values: dict[str, Any] = {"kind": TouchpointKind.SUPPORT_TICKET, "categories": ("complaint",)}
    touchpoint = TouchpointIn(
        **(values | changes),
        customer_id=customer_id,
        source="desk",
        external_id="T-1",
        occurred_at=core_clock.now(),
        known_at=core_clock.now(),
        status=status,
    )
    with session_scope([shop.shop_id]) as session:
        record_touchpoints(session, shop.shop_id, [touchpoint])


def open_holds(shop: ShippingShop, shipment_id: UUID) -> dict[HoldReason, Any]:
    with session_scope([shop.shop_id]) as session:
        holds = session.scalars(
            select(ShipmentHold).where(ShipmentHold.shipment_id == shipment_id, ShipmentHold.released_at.is_(None))
        )
        return {hold.reason: hold.details.get("differences") for hold in holds}


def letter_of(shop: ShippingShop, shipment_id: UUID) -> list[str]:
    units = list_units(shop, get_parcel(shop, shipment_id))
    return [unit.name for unit in units if unit.kind in (UnitKind.DOCUMENT, UnitKind.INSERT)]


@pytest.fixture
def printed(run_jobs: RunJobs) -> tuple[ShippingShop, UUID]:
    shop = make_shipping_shop(rules=WITH_APOLOGY)
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    return shop, shipment_id


@pytest.fixture
def person() -> Any:
    with using_context(actor=Actor("user", make_user().id)):
        yield


def test_a_complaint_before_printing_chooses_the_apology_and_leaves_the_leaflet_out(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop(rules=WITH_APOLOGY)
    [shipment_id] = take_order(shop, run_jobs)
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    print_all(shop, run_jobs)
    assert letter_of(shop, shipment_id) == ["お詫び状"]


def test_a_complaint_after_printing_stops_the_parcel_everywhere_and_says_what_differs(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    parcel_id = get_parcel(shop, shipment_id)
    pack(shop, parcel_id)
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    assert open_holds(shop, shipment_id) == {
        HoldReason.CHANGED_AFTER_PRINT: [
            {
                "what": "letter",
                "before": {"template": "thank_you_letter", "rule": "letter-and-leaflet"},
                "now": {"template": "apology_letter", "rule": "apology"},
            },
            {"what": "insert", "insert": "leaflet", "before": 1, "now": None},
        ]
    }
    assert scan(shop, None, code_of(shop, parcel_id, UnitKind.SLIP))[0].outcome is ScanOutcome.HELD
    assert leave(shop, parcel_id).refused[0].reason == "held"
    with session_scope([shop.shop_id]) as session, pytest.raises(ChangeNotAnsweredError):
        release_shipment(session, shop.shop_id, shipment_id, reasons=[HoldReason.CHANGED_AFTER_PRINT])


@pytest.mark.usefixtures("person")
def test_a_named_person_may_keep_it_as_printed_and_is_not_asked_again(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    pack(shop, get_parcel(shop, shipment_id))
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    with session_scope([shop.shop_id]) as session, pytest.raises(ReasonMissingError):
        keep_as_printed(session, shop.shop_id, shipment_id, reason=" ")
    with session_scope([shop.shop_id]) as session:
        keep_as_printed(session, shop.shop_id, shipment_id, reason="電話でお詫び済み")
    assert state_of(shop, shipment_id) is ShipmentState.VERIFIED
    with session_scope([shop.shop_id]) as session:
        tags = session.scalars(select(AuditEntry.tag).where(AuditEntry.subject_id == shipment_id)).all()
    assert "fulfillment:shipment:keep_as_printed" in tags
    complain(shop, customer_of(shop, shipment_id), title="追記")
    run_jobs()
    assert open_holds(shop, shipment_id) == {}
    assert leave(shop, get_parcel(shop, shipment_id)).handed_over


@pytest.mark.usefixtures("person")
def test_an_answer_to_what_the_page_no_longer_shows_is_refused(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    seen = mark_differences({"differences": open_holds(shop, shipment_id)[HoldReason.CHANGED_AFTER_PRINT]})
    with session_scope([shop.shop_id]) as session:
        set_care_flag(session, shop.shop_id, customer_of(shop, shipment_id), CareKind.NO_LETTERS)
    run_jobs()
    with session_scope([shop.shop_id]) as session, pytest.raises(ChangedAgainError):
        keep_as_printed(session, shop.shop_id, shipment_id, reason="電話済み", seen=seen)
    assert HoldReason.CHANGED_AFTER_PRINT in open_holds(shop, shipment_id)
    seen = mark_differences({"differences": open_holds(shop, shipment_id)[HoldReason.CHANGED_AFTER_PRINT]})
    with session_scope([shop.shop_id]) as session:
        keep_as_printed(session, shop.shop_id, shipment_id, reason="電話済み", seen=seen)
    assert open_holds(shop, shipment_id) == {}


@pytest.mark.usefixtures("person")
def test_taken_out_it_is_printed_anew_and_its_old_copies_are_void(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    old = get_parcel(shop, shipment_id)
    slip = code_of(shop, old, UnitKind.SLIP)
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    with session_scope([shop.shop_id]) as session:
        print_anew(session, shop.shop_id, shipment_id, reason="お詫び状に替える")
    assert state_of(shop, shipment_id) is ShipmentState.PLANNED
    assert scan(shop, None, slip)[0].outcome is ScanOutcome.VOID_COPY
    print_all(shop, run_jobs)
    assert letter_of(shop, shipment_id) == ["お詫び状"]
    assert pack(shop, get_parcel(shop, shipment_id))[-1].outcome is ScanOutcome.LABEL_BOUND
    with session_scope([shop.shop_id]) as session, pytest.raises(NothingChangedError):
        keep_as_printed(session, shop.shop_id, shipment_id, reason="なし")


def test_a_program_cannot_answer_for_a_person(printed: tuple[ShippingShop, UUID], run_jobs: RunJobs) -> None:
    shop, shipment_id = printed
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    for act in (keep_as_printed, print_anew):
        with (
            using_context(actor=Actor("api_key", new_id())),
            session_scope([shop.shop_id]) as session,
            pytest.raises(PersonNeededError),
        ):
            act(session, shop.shop_id, shipment_id, reason="急ぎ")


def test_what_does_not_change_the_parcel_lets_it_pass(printed: tuple[ShippingShop, UUID], run_jobs: RunJobs) -> None:
    shop, shipment_id = printed
    complain(shop, customer_of(shop, shipment_id), categories=("delivery",))
    publish(shop.shop_id, {"format": 1, "rules": [APOLOGY]})
    complain(shop, customer_of(shop, shipment_id), kind=TouchpointKind.WEB, categories=())
    take_order(shop, run_jobs)
    assert state_of(shop, shipment_id) is ShipmentState.PRINTED


def test_a_complaint_that_is_closed_lets_the_parcel_go_on(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    assert state_of(shop, shipment_id) is ShipmentState.HELD
    complain(shop, customer_of(shop, shipment_id), status="closed")
    run_jobs()
    assert state_of(shop, shipment_id) is ShipmentState.PRINTED


def test_a_complaint_that_is_opened_again_stops_the_parcel_again(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    for status, state in [("open", ShipmentState.HELD), ("closed", ShipmentState.PRINTED)] * 2:
        complain(shop, customer_of(shop, shipment_id), status=status)
        run_jobs()
        assert state_of(shop, shipment_id) is state


def test_nobody_is_asked_about_papers_that_a_change_of_the_order_has_made_void(run_jobs: RunJobs) -> None:
    shop, order = make_shipping_shop(rules=WITH_APOLOGY), make_order()
    [shipment_id] = take_order(shop, run_jobs, order)
    print_all(shop, run_jobs)
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    assert set(open_holds(shop, shipment_id)) == {HoldReason.CHANGED_AFTER_PRINT}
    later = order.source_updated_at + timedelta(hours=1)
    moved = replace(order, recipient=replace(HANAKO, address1="新町9-9"), source_updated_at=later)
    with session_scope([shop.shop_id]) as session:
        record_order(session, shop.shop_id, moved)
    run_jobs()
    assert state_of(shop, shipment_id) is ShipmentState.PLANNED
    print_all(shop, run_jobs)
    assert letter_of(shop, shipment_id) == ["お詫び状"]


@pytest.mark.usefixtures("person")
def test_an_answer_about_earlier_papers_is_none_about_new_ones(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    with session_scope([shop.shop_id]) as session:
        print_anew(session, shop.shop_id, shipment_id, reason="お詫び状に替える")
    complain(shop, customer_of(shop, shipment_id), status="closed")
    run_jobs()
    print_all(shop, run_jobs)
    complain(shop, customer_of(shop, shipment_id))
    run_jobs()
    assert set(open_holds(shop, shipment_id)) == {HoldReason.CHANGED_AFTER_PRINT}


def test_a_care_flag_after_printing_stops_what_it_forbids(
    printed: tuple[ShippingShop, UUID], run_jobs: RunJobs
) -> None:
    shop, shipment_id = printed
    with session_scope([shop.shop_id]) as session:
        set_care_flag(session, shop.shop_id, customer_of(shop, shipment_id), CareKind.NO_INSERTS)
    run_jobs()
    [differences] = open_holds(shop, shipment_id).values()
    assert [(each["what"], each["now"]) for each in differences] == [("letter", None), ("insert", None)]
