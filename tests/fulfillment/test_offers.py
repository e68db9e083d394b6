"""From rule to paper and box: codes and recommended products are printed, tasks confirmed, all ways of being out of
stock, and a merged box counts once.
"""

import copy
import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import session_scope
from core.ids import new_id
from core.storage.service import read_file
from documents.catalogue import load_gallery
from documents.service import publish_template
from fulfillment.backtest.past import load_named_requests
from fulfillment.backtest.rulebooks import load_live
from fulfillment.deciding import decide_shipments
from fulfillment.dispatch.hand_over import hand_over
from fulfillment.interrupting import review_printed
from fulfillment.models import HoldReason, Shipment, ShipmentHold
from fulfillment.packing.models import PrintFile, PrintFileKind, UnitKind
from fulfillment.packing.scanning import ScanIn
from fulfillment.packing.verification import ScanOutcome
from fulfillment.paper_places import load_places
from fulfillment.rearranging.service import merge_shipments
from fulfillment.states import ShipmentState
from personalization.coupons.queries import list_coupons
from personalization.coupons.service import save_series
from personalization.explaining import explain
from personalization.inserts import count_stock, save_inserts
from personalization.models import FittedModel
from personalization.past_state import load_past_state
from personalization.plan import Plan, Reason
from personalization.publishing import find_live_id
from personalization.queries import get_decision, open_decision
from personalization.recommendations.fitting import dump, fit
from personalization.recommendations.service import KIND
from personalization.simulating import load_past_batch, simulate
from tests.conftest import MORNING, FixedClock
from tests.factories.documents import read_pages
from tests.factories.fulfillment import (
    ShippingShop,
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
from tests.factories.orders import TARO, make_line, make_order
from tests.factories.personalization import enclose, rule, ruleset

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database", "clock")
SERIES = {
    "key": "winter",
    "title": {"ja": "次回のお買い物で", "en": "On your next order"},
    "value": {"ja": "500円引き", "en": "¥500 off"},
    "terms": {"ja": "5,000円以上のご注文に。", "en": "On orders of ¥5,000 or more."},
    "source": "pattern",
    "pattern": "CHA-******",
    "valid_days": 60,
}
COUPON = {"do": "coupon", "series": "winter"}
LETTER = {"do": "letter", "template": "thank_you_letter", "slots": {"body": {"ja": "御礼", "en": "Thanks"}}}


@pytest.fixture
def shop() -> ShippingShop:
    found = make_shipping_shop(rules=None)
    with session_scope([found.shop_id]) as session:
        save_series(session, found.shop_id, SERIES)
    return found


def read_papers(shop: ShippingShop) -> str:
    with session_scope([shop.shop_id]) as session:
        papers = session.scalars(select(PrintFile).where(PrintFile.kind == PrintFileKind.PAPERS)).all()
        return "\n".join(page for paper in papers for page in read_pages(read_file(session, paper.file_id)))


def order(number: int, **changes: Any) -> Any:
    return make_order(external_id=f"x{number}", number=f"#{number}", lines=(make_line(1),), **changes)


@pytest.mark.parametrize("paper", ["packing_slip", "thank_you_letter", "coupon_card"])
def test_the_code_is_printed_and_is_the_one_that_was_reserved(
    shop: ShippingShop, run_jobs: RunJobs, paper: str
) -> None:
    letter = {"do": "letter", "template": paper, **({"slots": LETTER["slots"]} if paper == "thank_you_letter" else {})}
    publish(shop.shop_id, ruleset(rule("r", COUPON, *([] if paper == "packing_slip" else [letter]))))
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        [coupon] = list_coupons(session, shop.shop_id, [shipment_id])
    words = read_papers(shop)
    assert words.count(coupon.code) == (1 if paper == "packing_slip" else 2)
    assert "500円引き" in words
    assert "2027年1月18日" in words
    assert "5,000円以上のご注文に。" in words


def test_a_gift_slip_has_no_place_for_a_coupon_and_no_code_is_used_up(shop: ShippingShop, run_jobs: RunJobs) -> None:
    publish(shop.shop_id, ruleset(rule("r", COUPON, enclose("leaflet"), gifts="always")))
    [shipment_id] = take_order(shop, run_jobs, order(1, recipient=TARO))
    with session_scope([shop.shop_id]) as session:
        assert session.get_one(Shipment, shipment_id).is_gift
        assert list_coupons(session, shop.shop_id, [shipment_id]) == []
        told = explain(session, shop.shop_id, shipment_id, "ja")
        tried = try_again(session, shop.shop_id, shipment_id)
    assert "「ギフト明細書（金額なし）」に載せる場所がありません" in told.rules[0].sentences
    assert (tried.fired, [lost.reason for lost in tried.lost]) == ((), [Reason.NO_PLACE])
    print_all(shop, run_jobs)


def test_a_template_that_changes_after_printing_stops_no_printed_parcel(
    shop: ShippingShop, run_jobs: RunJobs, clock: FixedClock
) -> None:
    publish(shop.shop_id, ruleset(rule("r", COUPON)))
    [printed] = take_order(shop, run_jobs, order(1))
    print_all(shop, run_jobs)
    clock.advance(hours=1)
    document = copy.deepcopy(load_gallery()["packing_slip", "ja"])
    for part in (document, document["flow"]):
        part["elements"] = [element for element in part["elements"] if "coupon" not in json.dumps(element)]
    with session_scope([shop.shop_id]) as session:
        publish_template(session, shop.shop_id, document)
    *_, waiting = take_order(shop, run_jobs, order(2))
    with session_scope([shop.shop_id]) as session:
        assert review_printed(session, shop.shop_id, [printed]) == {printed: []}
        assert [coupon.shipment_id for coupon in list_coupons(session, shop.shop_id, [printed, waiting])] == [printed]


def try_again(session: Session, shop_id: UUID, shipment_id: UUID) -> Plan:
    """Return what a trial over the past chooses for it by the live rules."""
    requests = load_named_requests(session, shop_id, [shipment_id])
    rulebook = load_live(session, shop_id, find_live_id(session, shop_id))
    batch = load_past_batch(session, shop_id, requests, [rulebook.document])
    state = load_past_state(session, shop_id, requests[0].accepted_at, [], [rulebook])
    [found] = simulate(session, shop_id, rulebook, batch, state, places=partial(load_places, session, shop_id))
    return found.resolved.plan


def test_recommended_products_are_printed_and_explained(shop: ShippingShop, run_jobs: RunJobs) -> None:
    model = fit([["SKU-1", "SKU-2"]] * 9 + [["SKU-3"]] * 9)
    with session_scope([shop.shop_id]) as session:
        values = {"kind": KIND, "known_until": MORNING, "customers": 9, "parameters": dump(model)}
        session.add(FittedModel(shop_id=shop.shop_id, **values))
    publish(shop.shop_id, ruleset(rule("r", {"do": "recommend", "count": 3}, LETTER)))
    [shipment_id] = take_order(shop, run_jobs, order(1))
    print_all(shop, run_jobs)
    # As a card on the slip and in the letter, with its price.
    assert read_papers(shop).count("商品 SKU-2\n¥1,000") == 2
    with session_scope([shop.shop_id]) as session:
        told = explain(session, shop.shop_id, shipment_id, "ja")
    assert told.rules[0].sentences[0].endswith("におすすめ: 商品 SKU-2")


def test_gift_wrap_and_noshi_are_confirmed_at_the_bench(shop: ShippingShop, run_jobs: RunJobs) -> None:
    tasks = [
        {"key": key, "name": {"ja": ja, "en": key}, "kind": "task", "stocked": False}
        for key, ja in (("gift-wrap", "ギフト包装"), ("noshi", "のし掛け"))
    ]
    with session_scope([shop.shop_id]) as session:
        save_inserts(session, shop.shop_id, tasks)
    publish(shop.shop_id, ruleset(rule("r", *({"do": "task", "insert": task["key"]} for task in tasks))))
    [shipment_id] = take_order(shop, run_jobs, order(1))
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    units = list_units(shop, parcel_id)
    asked = [unit for unit in units if unit.kind is UnitKind.TASK]
    assert [unit.name for unit in asked] == ["ギフト包装", "のし掛け"]
    slip, label = (next(unit for unit in units if unit.kind is kind) for kind in (UnitKind.SLIP, UnitKind.LABEL))
    goods = [unit.barcodes[0] for unit in units if unit.kind is UnitKind.GOODS for _ in range(unit.quantity)]
    scan(shop, None, slip.barcodes[0])
    assert scan(shop, parcel_id, *goods, label.barcodes[0])[-1].outcome is not ScanOutcome.LABEL_BOUND
    done = [ScanIn(id=new_id(), at=MORNING, parcel_id=parcel_id, unit_id=unit.id, reason="done") for unit in asked]
    send(shop, done)
    assert scan(shop, parcel_id, label.barcodes[0])[-1].outcome is ScanOutcome.LABEL_BOUND


def save_scarce(shop: ShippingShop, when_out: str, **more: Any) -> None:
    scarce = {"key": "scarce", "name": {"ja": "限定品", "en": "Rare"}, "kind": "sample", "gtin": "4900000000023"}
    with session_scope([shop.shop_id]) as session:
        save_inserts(session, shop.shop_id, [{**scarce, "when_out": when_out, **more}])
        count_stock(session, shop.shop_id, shop.warehouse_id, {"scarce": 0})
    publish(shop.shop_id, ruleset(rule("r", enclose("scarce"), limits=[{"per_customer": 1}])))


def send_off(shop: ShippingShop, run_jobs: RunJobs, shipment_id: UUID) -> list[str | None]:
    """Print, pack and hand over one shipment; return the inserts that were in the box."""
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    pack(shop, parcel_id)
    with session_scope([shop.shop_id]) as session:
        assert hand_over(session, shop.shop_id, [parcel_id]).handed_over == [parcel_id]
    run_jobs()
    return [unit.sku for unit in list_units(shop, parcel_id) if unit.kind is UnitKind.INSERT]


def test_skip_sends_the_parcel_without_it(shop: ShippingShop, run_jobs: RunJobs) -> None:
    save_scarce(shop, "skip")
    [shipment_id] = take_order(shop, run_jobs, order(1))
    assert send_off(shop, run_jobs, shipment_id) == []


def test_substitute_sends_the_other_one(shop: ShippingShop, run_jobs: RunJobs) -> None:
    save_scarce(shop, "substitute", substitute="leaflet")
    [shipment_id] = take_order(shop, run_jobs, order(1))
    assert send_off(shop, run_jobs, shipment_id) == ["leaflet"]
    with session_scope([shop.shop_id]) as session:
        [chosen] = open_decision(session, get_decision(session, shop.shop_id, shipment_id)).dossier.plan.enclosures
    assert (chosen.insert_key, chosen.substitute_for) == ("leaflet", "scarce")


def test_hold_waits_for_a_person_and_goes_on_when_there_is_stock_again(shop: ShippingShop, run_jobs: RunJobs) -> None:
    save_scarce(shop, "hold")
    [shipment_id] = take_order(shop, run_jobs, order(1))
    with session_scope([shop.shop_id]) as session:
        assert session.get_one(Shipment, shipment_id).state is ShipmentState.HELD
        hold = session.scalars(select(ShipmentHold)).one()
        assert (hold.reason, hold.details["texts"][0]["ja"]) == (HoldReason.RULE, "「限定品」の在庫切れ")
        count_stock(session, shop.shop_id, shop.warehouse_id, {"scarce": 5})
    with session_scope([shop.shop_id]) as session:
        decide_shipments(session, shop.shop_id, [shipment_id])
        assert session.get_one(Shipment, shipment_id, populate_existing=True).state is ShipmentState.PLANNED
    assert send_off(shop, run_jobs, shipment_id) == ["scarce"]


def test_back_order_comes_with_the_next_shipment(shop: ShippingShop, run_jobs: RunJobs) -> None:
    save_scarce(shop, "back_order")
    [first] = take_order(shop, run_jobs, order(1))
    assert send_off(shop, run_jobs, first) == []
    with session_scope([shop.shop_id]) as session:
        count_stock(session, shop.shop_id, shop.warehouse_id, {"scarce": 5})
    _, second = take_order(shop, run_jobs, order(2))
    assert send_off(shop, run_jobs, second) == ["scarce"]
    *_, third = take_order(shop, run_jobs, order(3))
    assert send_off(shop, run_jobs, third) == []


def test_a_merged_box_holds_once_only_things_once_and_counts_once(shop: ShippingShop, run_jobs: RunJobs) -> None:
    publish(shop.shop_id, ruleset(rule("r", enclose("leaflet"), COUPON, limits=[{"per_customer": 2}])))
    take_order(shop, run_jobs, order(1))
    shipments = take_order(shop, run_jobs, order(2))
    with session_scope([shop.shop_id]) as session:
        kept = merge_shipments(session, shop.shop_id, shipments, reason="同じお届け先").id
    run_jobs()
    with session_scope([shop.shop_id]) as session:
        coupons = list_coupons(session, shop.shop_id, shipments)
    assert [coupon.shipment_id for coupon in coupons] == [kept]
    assert send_off(shop, run_jobs, kept) == ["leaflet"]
    # The box counted as one use of two: one more is given, and then none.
    for number, held in ((3, ["leaflet"]), (4, [])):
        *_, shipment_id = take_order(shop, run_jobs, order(number))
        assert send_off(shop, run_jobs, shipment_id) == held
