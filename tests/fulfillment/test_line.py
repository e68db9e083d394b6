"""One parcel from order to hand-over, and every way in which it may not leave."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from core import clock as core_clock
from core.db import session_scope
from core.ids import new_id
from core.storage.service import read_file
from crm_link.kinds import TouchpointKind
from crm_link.models import Touchpoint
from fulfillment.dispatch.hand_over import HandOverResult, hand_over
from fulfillment.models import HoldReason, Parcel, Shipment, ShipmentHold
from fulfillment.packing.models import PackingException, PrintFile, PrintFileKind, PrintJob, Scan, UnitKind
from fulfillment.packing.scanning import ScanIn
from fulfillment.packing.verification import ScanOutcome
from fulfillment.printing.reprinting import reprint
from fulfillment.service import cancel_shipment, hold_shipment, release_shipment
from fulfillment.states import ParcelState, ShipmentState
from orders.normalised import PaymentState
from orders.service import record_order, record_orders
from personalization.models import Allotment, AllotmentState
from tests.factories.documents import read_pages
from tests.factories.fulfillment import (
    ShippingShop,
    code_of,
    get_parcel,
    list_units,
    make_shipping_shop,
    pack,
    print_all,
    publish,
    scan,
    send,
    take_order,
)
from tests.factories.orders import make_cancellation, make_line, make_order

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")


def state_of(shop: ShippingShop, shipment_id: object) -> ShipmentState:
    with session_scope([shop.shop_id]) as session:
        return session.execute(select(Shipment.state).where(Shipment.id == shipment_id)).scalar_one()


def leave(shop: ShippingShop, *parcel_ids: object) -> HandOverResult:
    with session_scope([shop.shop_id]) as session:
        return hand_over(session, shop.shop_id, list(parcel_ids))  # type: ignore[arg-type]


def test_an_order_becomes_a_proven_parcel_that_the_customer_record_knows(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    assert state_of(shop, shipment_id) is ShipmentState.PLANNED

    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    results = pack(shop, parcel_id)
    assert results[-1].outcome is ScanOutcome.LABEL_BOUND
    assert state_of(shop, shipment_id) is ShipmentState.VERIFIED

    assert leave(shop, parcel_id).handed_over == [parcel_id]
    run_jobs()
    assert state_of(shop, shipment_id) is ShipmentState.HANDED_OVER
    with session_scope([shop.shop_id]) as session:
        touchpoint = session.scalars(select(Touchpoint).where(Touchpoint.kind == TouchpointKind.PARCEL)).one()
        assert [insert["key"] for insert in touchpoint.attributes["inserts"]] == ["leaflet"]
        assert {goods["key"]: goods["quantity"] for goods in touchpoint.attributes["goods"]} == {"SKU-1": 2, "SKU-2": 1}
        states = session.scalars(select(Allotment.state).where(Allotment.state != AllotmentState.RETURNED)).all()
        assert states == [AllotmentState.PACKED]


def test_a_parcel_with_one_unit_unproven_does_not_leave(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    scan(shop, None, code_of(shop, parcel_id, UnitKind.SLIP))
    refused = scan(shop, parcel_id, code_of(shop, parcel_id, UnitKind.LABEL))
    assert refused[0].outcome is ScanOutcome.INCOMPLETE
    assert leave(shop, parcel_id).refused[0].reason == "not_verified"


def test_the_database_itself_refuses_a_parcel_without_proof(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    with pytest.raises(DBAPIError, match="may not leave"), session_scope([shop.shop_id]) as session:
        session.execute(update(Parcel).where(Parcel.id == parcel_id).values(state=ParcelState.HANDED_OVER))
    with pytest.raises(DBAPIError, match="permission denied"), session_scope([shop.shop_id]) as session:
        session.execute(text("UPDATE scans SET outcome = 'accepted'"))


def test_a_held_parcel_is_refused_at_the_bench_and_at_the_door_and_goes_on_with_its_papers(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    pack(shop, parcel_id)
    with session_scope([shop.shop_id]) as session:
        hold_shipment(session, shop.shop_id, shipment_id, note="電話あり")
    assert leave(shop, parcel_id).refused[0].reason == "held"
    assert scan(shop, None, code_of(shop, parcel_id, UnitKind.SLIP))[0].outcome is ScanOutcome.HELD

    with session_scope([shop.shop_id]) as session:
        release_shipment(session, shop.shop_id, shipment_id)
    assert state_of(shop, shipment_id) is ShipmentState.VERIFIED
    assert leave(shop, parcel_id).handed_over == [parcel_id]


def test_an_order_changed_after_printing_stops_the_old_papers(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    order = make_order()
    [shipment_id] = take_order(shop, run_jobs, order)
    print_all(shop, run_jobs)
    old = get_parcel(shop, shipment_id)
    slip = code_of(shop, old, UnitKind.SLIP)
    changed = make_order(number=order.number, minutes=5, lines=(make_line(1, quantity=3),))
    take_order(shop, run_jobs, changed)

    assert scan(shop, None, slip)[0].outcome is ScanOutcome.CHANGED_SINCE_PRINT
    print_all(shop, run_jobs)
    assert scan(shop, None, slip)[0].outcome is ScanOutcome.VOID_COPY
    new = get_parcel(shop, shipment_id)
    assert [unit.quantity for unit in list_units(shop, new) if unit.kind is UnitKind.GOODS] == [3]
    assert pack(shop, new)[-1].outcome is ScanOutcome.LABEL_BOUND


def test_a_cancelled_order_cancels_its_parcel_and_gives_its_inserts_back(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    order = make_order()
    [shipment_id] = take_order(shop, run_jobs, order)
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    with session_scope([shop.shop_id]) as session:
        record_orders(session, shop.shop_id, [make_cancellation(order)])
    run_jobs()
    assert state_of(shop, shipment_id) is ShipmentState.CANCELLED
    assert scan(shop, None, code_of(shop, parcel_id, UnitKind.SLIP))[0].outcome is ScanOutcome.CANCELLED
    assert leave(shop, parcel_id).refused[0].reason == "cancelled"
    with session_scope([shop.shop_id]) as session:
        assert set(session.scalars(select(Allotment.state))) <= {AllotmentState.RETURNED}


def test_a_letter_of_another_parcel_is_refused(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    take_order(shop, run_jobs)
    first, second = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    mine, other = get_parcel(shop, first), get_parcel(shop, second)
    scan(shop, None, code_of(shop, mine, UnitKind.SLIP))
    for kind in (UnitKind.SLIP, UnitKind.DOCUMENT, UnitKind.LABEL):
        assert scan(shop, mine, code_of(shop, other, kind))[0].outcome is ScanOutcome.BELONGS_TO_OTHER_PARCEL


def test_a_reprint_voids_the_copies_before_and_has_to_be_scanned_again(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    pack(shop, parcel_id)
    old = code_of(shop, parcel_id, UnitKind.DOCUMENT)
    with session_scope([shop.shop_id]) as session:
        reprint(session, shop.shop_id, shipment_id, reason="紙づまり", kinds=["letter"])
    assert state_of(shop, shipment_id) is ShipmentState.PRINTED
    assert leave(shop, parcel_id).refused[0].reason == "not_verified"
    assert scan(shop, parcel_id, old)[0].outcome is ScanOutcome.VOID_COPY
    new = code_of(shop, parcel_id, UnitKind.DOCUMENT)
    label = code_of(shop, parcel_id, UnitKind.LABEL)
    assert [r.outcome for r in scan(shop, parcel_id, new, label)] == [ScanOutcome.ACCEPTED, ScanOutcome.LABEL_BOUND]


def test_a_repeated_scan_counts_once_and_tells_its_first_outcome(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    scan(shop, None, code_of(shop, parcel_id, UnitKind.SLIP))
    once = ScanIn(id=new_id(), at=core_clock.now(), text="SKU-1", parcel_id=parcel_id)
    assert send(shop, [once])[0].outcome is ScanOutcome.ACCEPTED
    again = send(shop, [once, once])
    assert [(r.outcome, r.original) for r in again] == [(ScanOutcome.REPEATED, ScanOutcome.ACCEPTED)] * 2
    assert [u.verified_quantity for u in list_units(shop, parcel_id) if u.sku == "SKU-1"] == [1]
    with session_scope([shop.shop_id]) as session:
        assert len(session.scalars(select(Scan.id).where(Scan.id == once.id)).all()) == 1


def test_a_bench_that_let_pass_what_the_server_refuses_stops_the_parcel(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    scan(shop, None, code_of(shop, parcel_id, UnitKind.SLIP))
    wrong = scan(shop, parcel_id, "4999999999996", outcome="accepted")
    assert wrong[0].outcome is ScanOutcome.UNKNOWN
    assert state_of(shop, shipment_id) is ShipmentState.HELD
    with session_scope([shop.shop_id]) as session:
        assert session.scalars(select(ShipmentHold.reason)).all() == [HoldReason.SCAN_CONFLICT]
        assert session.scalars(select(PackingException.code)).all() == ["conflict:unknown"]


def test_an_unpaid_order_waits_and_goes_on_when_it_is_paid(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    order = make_order(payment_state=PaymentState.PENDING)
    [shipment_id] = take_order(shop, run_jobs, order)
    assert state_of(shop, shipment_id) is ShipmentState.HELD
    with session_scope([shop.shop_id]) as session:
        paid = make_order(number=order.number, minutes=5, payment_state=PaymentState.PAID)
        record_order(session, shop.shop_id, paid)
    run_jobs()
    assert state_of(shop, shipment_id) is ShipmentState.PLANNED


def test_what_cannot_be_drawn_is_held_by_name_and_the_rest_of_the_wave_is_printed(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    order = make_order()
    assert order.recipient is not None
    take_order(shop, run_jobs, make_order(gift=None, recipient=None, buyer=order.buyer))
    take_order(shop, run_jobs, make_order(recipient=replace(order.recipient, name="寿限無" * 60)))
    ids = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    states = [state_of(shop, shipment_id) for shipment_id in ids]
    assert states == [ShipmentState.HELD, ShipmentState.HELD, ShipmentState.PRINTED]
    with session_scope([shop.shop_id]) as session:
        hold = session.scalars(select(ShipmentHold).where(ShipmentHold.reason == HoldReason.CANNOT_DRAW)).one()
        assert (hold.details["code"], hold.details["field"]) == ("too_long", "recipient_name")
        [printing] = session.scalars(select(PrintJob)).all()
        assert [(each["shipment"], each["reasons"]) for each in printing.held] == [(str(ids[1]), ["cannot_draw"])]
        assert printing.held[0]["details"]["character"] == hold.details["character"]


def test_a_person_cancels_what_is_not_sent(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        cancel_shipment(session, shop.shop_id, shipment_id)
    assert state_of(shop, shipment_id) is ShipmentState.CANCELLED


def test_new_rules_hold_for_every_box_that_is_not_printed_yet(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    quiet = {
        "key": "quiet",
        "name": {"ja": "印だけ", "en": "A tag only"},
        "when": {"always": True},
        "then": [{"do": "tag", "tag": "seen"}],
    }
    publish(shop.shop_id, {"format": 1, "rules": [quiet]})
    run_jobs()
    print_all(shop, run_jobs)
    kinds = {unit.kind for unit in list_units(shop, get_parcel(shop, shipment_id))}
    assert kinds == {UnitKind.SLIP, UnitKind.GOODS, UnitKind.LABEL}


def test_a_wave_has_a_cover_with_what_to_fetch_papers_and_labels(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    take_order(shop, run_jobs)
    take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        files = {row.kind: row.file_id for row in session.scalars(select(PrintFile))}
        assert set(files) == {PrintFileKind.COVER, PrintFileKind.PAPERS, PrintFileKind.LABELS}
        words = "".join(read_pages(read_file(session, files[PrintFileKind.COVER])))
    assert all(name in words for name in ("商品 SKU-1", "季節のたより", "S-"))
