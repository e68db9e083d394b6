"""Splitting and merging: nothing lost, nothing given twice, a merged box decided as if it had always been one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from core.db import session_scope
from core.storage.service import read_file
from core.tenancy import Shop
from fulfillment.errors import MergeRefusedError, SplitRefusedError, UndoRefusedError
from fulfillment.models import HoldReason, Rearrangement, Shipment, ShipmentHold, ShipmentLine
from fulfillment.packing.models import PrintFile, PrintFileKind, UnitKind
from fulfillment.packing.verification import ScanOutcome
from fulfillment.rearranging.queries import list_mergeable, list_rearranged
from fulfillment.rearranging.service import LaterPart, merge_shipments, split_shipment, undo_rearrangement
from fulfillment.service import cancel_shipment
from fulfillment.states import ShipmentState
from orders.models import Order
from orders.normalised import PaymentState
from orders.service import record_orders
from personalization.models import Allotment, AllotmentState, Decision
from tests.factories.documents import read_pages
from tests.factories.fulfillment import (
    ShippingShop,
    get_parcel,
    list_units,
    make_shipping_shop,
    pack,
    print_all,
    take_order,
)
from tests.factories.orders import HANAKO, PLACED, TARO, make_cancellation, make_line, make_order

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")
ONCE: dict[str, Any] = {
    "format": 1,
    "rules": [
        {
            "key": "once",
            "name": {"ja": "一度だけ", "en": "Once only"},
            "when": {"always": True},
            "then": [{"do": "enclose", "insert": "leaflet"}],
            "limits": [{"per_customer": 1}],
        }
    ],
}


def hold_of(shop: ShippingShop) -> dict[UUID, dict[UUID, int]]:
    """Return what each shipment holds, by order line."""
    found: dict[UUID, dict[UUID, int]] = {}
    with session_scope([shop.shop_id]) as session:
        for line in session.scalars(select(ShipmentLine).order_by(ShipmentLine.position)):
            found.setdefault(line.shipment_id, {})[line.order_line_id] = line.quantity
    return found


def enclosed(shop: ShippingShop) -> dict[UUID, list[Any]]:
    """Return what the current decision of each shipment that has one encloses and writes."""
    with session_scope([shop.shop_id]) as session:
        decisions = session.scalars(select(Decision).where(Decision.superseded_at.is_(None)))
        kinds = ("enclose", "letter")
        return {
            d.shipment_id: [c.get("insert_key") or c.get("template") for c in d.fired or [] if c["kind"] in kinds]
            for d in decisions
        }


def reserved(shop: ShippingShop) -> list[UUID]:
    with session_scope([shop.shop_id]) as session:
        return list(session.scalars(select(Allotment.shipment_id).where(Allotment.state == AllotmentState.RESERVED)))


def states(shop: ShippingShop) -> list[ShipmentState]:
    with session_scope([shop.shop_id]) as session:
        return list(session.scalars(select(Shipment.state).order_by(Shipment.serial)))


def split(shop: ShippingShop, shipment_id: UUID, quantities: Mapping[int, int], **later: Any) -> UUID:
    """Split off so many pieces of the lines at these places."""
    with session_scope([shop.shop_id]) as session:
        lines = session.scalars(
            select(ShipmentLine).where(ShipmentLine.shipment_id == shipment_id).order_by(ShipmentLine.position)
        ).all()
        chosen = {lines[place].id: quantity for place, quantity in quantities.items()}
        part = split_shipment(session, shop.shop_id, shipment_id, chosen, reason="在庫待ち", later=LaterPart(**later))
        return part.id


def merge(shop: ShippingShop, *shipment_ids: UUID) -> UUID:
    with session_scope([shop.shop_id]) as session:
        return merge_shipments(session, shop.shop_id, shipment_ids, reason="同じお届け先").id


def undo_last(shop: ShippingShop) -> None:
    with session_scope([shop.shop_id]) as session:
        last = session.scalars(select(Rearrangement.id).order_by(Rearrangement.id.desc())).first()
        assert last is not None
        undo_rearrangement(session, shop.shop_id, last, reason="取り違え")


def test_a_split_shares_the_goods_and_gives_nothing_twice(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [first] = take_order(shop, run_jobs)
    part = split(shop, first, {0: 1, 1: 1})
    assert {shipment: sorted(lines.values()) for shipment, lines in hold_of(shop).items()} == {first: [1], part: [1, 1]}
    assert enclosed(shop) == {first: ["leaflet", "thank_you_letter"], part: []}
    run_jobs()
    assert enclosed(shop)[part] == []
    assert reserved(shop) == [first]


def test_both_parts_of_a_split_are_packed_and_proven(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [first] = take_order(shop, run_jobs)
    part = split(shop, first, {1: 1})
    print_all(shop, run_jobs)
    for shipment_id, kinds in ((first, {UnitKind.INSERT, UnitKind.DOCUMENT}), (part, set())):
        parcel_id = get_parcel(shop, shipment_id)
        found = {unit.kind for unit in list_units(shop, parcel_id)}
        assert found - {UnitKind.SLIP, UnitKind.GOODS, UnitKind.LABEL} == kinds
        assert pack(shop, parcel_id)[-1].outcome is ScanOutcome.LABEL_BOUND


def test_an_order_that_changes_keeps_its_split(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    order = make_order()
    [first] = take_order(shop, run_jobs, order)
    part = split(shop, first, {0: 1})
    less = make_order(number=order.number, minutes=5, lines=(make_line(1, quantity=1), make_line(2, quantity=1)))
    take_order(shop, run_jobs, less)
    assert {shipment: sorted(lines.values()) for shipment, lines in hold_of(shop).items() if shipment == first} == {
        first: [1, 1]
    }
    assert dict(zip((first, part), states(shop), strict=True))[part] is ShipmentState.CANCELLED
    more = make_order(number=order.number, minutes=9, lines=(make_line(1, quantity=5), make_line(2, quantity=1)))
    take_order(shop, run_jobs, more)
    assert sorted(hold_of(shop)[first].values()) == [1, 5]


def test_a_part_may_wait_for_a_day_or_for_a_person(run_jobs: RunJobs, clock: Any) -> None:
    shop = make_shipping_shop()
    [first] = take_order(shop, run_jobs)
    later = split(shop, first, {0: 1}, not_before=clock.now.date().replace(day=30))
    waiting = split(shop, first, {1: 1}, waits=True)
    with session_scope([shop.shop_id]) as session:
        assert session.get_one(Shipment, later).ship_not_before == clock.now.date().replace(day=30)
        assert session.get_one(Shipment, waiting).state is ShipmentState.HELD
        assert session.get_one(Shipment, first).ship_not_before is None
    print_all(shop, run_jobs)
    assert states(shop) == [ShipmentState.PRINTED, ShipmentState.PLANNED, ShipmentState.HELD]


@pytest.mark.parametrize(
    ("quantities", "reason"),
    [({0: 3}, "not_that_many"), ({0: 0}, "nothing_moves"), ({0: 2, 1: 1}, "nothing_stays")],
)
def test_a_split_that_makes_no_sense_is_refused(run_jobs: RunJobs, quantities: dict[int, int], reason: str) -> None:
    shop = make_shipping_shop()
    [first] = take_order(shop, run_jobs)
    with pytest.raises(SplitRefusedError, match=reason):
        split(shop, first, quantities)


def test_what_is_printed_is_neither_split_nor_merged(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    take_order(shop, run_jobs)
    first, second = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    with pytest.raises(SplitRefusedError, match="printed"):
        split(shop, first, {0: 1})
    with pytest.raises(MergeRefusedError, match="printed"):
        merge(shop, first, second)


def test_a_merged_box_holds_a_once_only_insert_once(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop(rules=ONCE)
    take_order(shop, run_jobs)
    first, second = take_order(shop, run_jobs)
    assert enclosed(shop) == {first: ["leaflet"], second: []}
    assert merge(shop, first, second) == first
    assert states(shop) == [ShipmentState.PLANNED, ShipmentState.MERGED]
    assert sorted(hold_of(shop)[first].values()) == [1, 1, 2, 2]
    assert enclosed(shop)[first] == ["leaflet"]
    assert reserved(shop) == [first]


def test_a_merged_box_is_decided_as_if_it_had_always_been_one(run_jobs: RunJobs) -> None:
    """Merged by a person afterwards, or by the shop's rule at once: the same decision."""
    found = []
    for by_rule in (False, True):
        shop = make_shipping_shop()
        if by_rule:
            merge_by_rule(shop, 24)
        take_order(shop, run_jobs, make_order(number=f"#{9001 + by_rule}"))
        shipments = take_order(shop, run_jobs, make_order(number=f"#{9011 + by_rule}"))
        if not by_rule:
            merge(shop, *shipments)
        found.append((enclosed(shop)[shipments[0]], sorted(hold_of(shop)[shipments[0]].values())))
    assert found[0] == found[1] == (["leaflet", "thank_you_letter"], [1, 1, 2, 2])


def merge_by_rule(shop: ShippingShop, hours: float) -> None:
    with session_scope([shop.shop_id]) as session:
        found = session.get_one(Shop, shop.shop_id)
        found.profile = {**found.profile, "merge_within_hours": hours}


def test_the_shops_rule_merges_orders_placed_within_hours_to_one_address(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    merge_by_rule(shop, 3)
    for hours in (0, 2, 4):
        take_order(shop, run_jobs, make_order(placed_at=PLACED.replace(hour=PLACED.hour + hours)))
    take_order(shop, run_jobs, make_order(recipient=TARO))
    unpaid = make_order(payment_state=PaymentState.PENDING)
    take_order(shop, run_jobs, unpaid)
    with session_scope([shop.shop_id]) as session:
        orders = session.execute(
            select(ShipmentLine.shipment_id, ShipmentLine.order_id).distinct().order_by(ShipmentLine.shipment_id)
        ).all()
        assert len(session.scalars(select(Order.id)).all()) == 5
    together = [sum(1 for row in orders if row[0] == shipment) for shipment in dict.fromkeys(r[0] for r in orders)]
    assert together == [2, 1, 1, 1]


def test_two_orders_of_one_batch_are_merged_and_told_apart_again_when_one_is_cancelled(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    merge_by_rule(shop, 24)
    first, second = make_order(), make_order()
    with session_scope([shop.shop_id]) as session:
        record_orders(session, shop.shop_id, [first, second])
    run_jobs()
    assert states(shop) == [ShipmentState.PLANNED]
    with session_scope([shop.shop_id]) as session:
        record_orders(session, shop.shop_id, [make_cancellation(first)])
    run_jobs()
    [lines] = hold_of(shop).values()
    assert states(shop) == [ShipmentState.PLANNED]
    assert sorted(lines.values()) == [1, 2]


def test_an_order_that_goes_elsewhere_leaves_the_merged_box(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    take_order(shop, run_jobs)
    moving = make_order()
    shipments = take_order(shop, run_jobs, moving)
    merged = merge(shop, *shipments)
    take_order(shop, run_jobs, make_order(number=moving.number, minutes=5, recipient=TARO))
    held = hold_of(shop)
    assert len(held) == 2
    assert sorted(held[merged].values()) == [1, 2]
    assert states(shop) == [ShipmentState.PLANNED, ShipmentState.MERGED, ShipmentState.PLANNED]
    assert sorted(enclosed(shop).values())[-1] == ["leaflet", "thank_you_letter"]


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        ({"recipient": TARO}, ["recipient", "address", "gift"]),
        ({"buyer": TARO, "recipient": TARO}, ["customer", "recipient", "address"]),
        ({"recipient": replace(HANAKO, address1="別の町9")}, ["address"]),
        ({"payment_state": PaymentState.PENDING}, ["held"]),
    ],
)
def test_what_may_not_share_a_box_is_refused_with_every_reason(
    run_jobs: RunJobs, other: dict[str, Any], reasons: list[str]
) -> None:
    shop = make_shipping_shop()
    take_order(shop, run_jobs)
    first, second = take_order(shop, run_jobs, make_order(**other))
    with pytest.raises(MergeRefusedError) as refused:
        merge(shop, first, second)
    assert refused.value.details["reasons"] == reasons


def test_a_split_is_undone_by_merging_and_a_merge_by_taking_out(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    take_order(shop, run_jobs)
    first, second = take_order(shop, run_jobs)
    before, given = hold_of(shop), enclosed(shop)
    split(shop, first, {0: 1})
    undo_last(shop)
    assert hold_of(shop) == before
    merge(shop, first, second)
    undo_last(shop)
    assert (hold_of(shop), {s: e for s, e in enclosed(shop).items() if s in (first, second)}) == (before, given)
    with session_scope([shop.shop_id]) as session:
        acts = list_rearranged(session, shop.shop_id, first)
        assert [(act.kind.value, act.undone_at is not None) for act in acts] == [
            ("merge", True),
            ("merge", False),
            ("split", True),
        ]
    print_all(shop, run_jobs)
    with pytest.raises(UndoRefusedError):
        undo_last(shop)


def test_the_first_box_given_up_leaves_what_is_given_to_the_next(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [first] = take_order(shop, run_jobs)
    part = split(shop, first, {1: 1})
    with session_scope([shop.shop_id]) as session:
        cancel_shipment(session, shop.shop_id, first)
    run_jobs()
    assert enclosed(shop)[part] == ["leaflet", "thank_you_letter"]
    assert reserved(shop) == [part]


def test_a_held_order_holds_the_merged_box_and_a_persons_hold_both_parts(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    take_order(shop, run_jobs)
    order = make_order()
    merged = merge(shop, *take_order(shop, run_jobs, order))
    take_order(shop, run_jobs, make_order(number=order.number, minutes=5, payment_state=PaymentState.PENDING))
    with session_scope([shop.shop_id]) as session:
        [hold] = session.scalars(select(ShipmentHold).where(ShipmentHold.released_at.is_(None)))
        assert (hold.shipment_id, hold.reason) == (merged, HoldReason.UNPAID)
        assert list_mergeable(session, shop.shop_id, merged) == []


def test_a_slip_of_a_merged_box_names_both_orders_and_their_sum(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    take_order(shop, run_jobs, make_order(number="#7001"))
    merge(shop, *take_order(shop, run_jobs, make_order(number="#7002")))
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        file_id = session.scalars(select(PrintFile.file_id).where(PrintFile.kind == PrintFileKind.PAPERS)).one()
        words = "".join(read_pages(read_file(session, file_id)))
        session.execute(update(Shop).where(Shop.id == shop.shop_id).values(profile={}))
    assert "#7001・#7002" in words
    assert "8,000" in words
