"""The recording of one night in the parcel of another: refused by name, on the server as over the bench's snapshot."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from core.db import get_engine, session_scope
from fulfillment.packing.models import UnitKind
from fulfillment.packing.snapshots import find_parcel, take_snapshot
from fulfillment.packing.verification import (
    ExpectedParcel,
    ExpectedUnit,
    Item,
    ScanOutcome,
    ScanRequest,
    Standing,
    World,
    judge,
)
from orders.catalogue.records import ProductIn
from orders.catalogue.service import upsert_products
from tests.factories.bulk_events import make_event, make_session
from tests.factories.fulfillment import (
    ShippingShop,
    code_of,
    get_parcel,
    make_shipping_shop,
    print_all,
    scan,
    take_order,
)
from tests.factories.orders import make_line, make_order, make_products

RunJobs = Callable[..., int]
O = ScanOutcome  # noqa: E741 (as in the module under test)
pytestmark = pytest.mark.usefixtures("database")


@dataclass(frozen=True)
class Floor:
    """A printed wave. SKU-1, SKU-2 and SKU-3 are the recordings of three nights, SKU-4 is of none."""

    shop: ShippingShop
    wave_id: UUID
    nights: dict[str, str]
    parcels: dict[str, UUID]

    def outcome(self, parcel: str, text: str) -> ScanOutcome:
        return scan(self.shop, self.parcels[parcel], text)[0].outcome

    def slip(self, parcel: str) -> str:
        return code_of(self.shop, self.parcels[parcel], UnitKind.SLIP)

    def snapshot(self) -> dict[str, Any]:
        with session_scope([self.shop.shop_id]) as session:
            return take_snapshot(session, self.shop.shop_id, self.wave_id)


def prepare_floor(run_jobs: RunJobs, parcels: dict[str, tuple[str, ...]]) -> Floor:
    """Print one parcel for each order, named, of these SKUs."""
    shop = make_shipping_shop()
    make_products(shop.shop_id, "SKU-3", "SKU-4")
    with session_scope([shop.shop_id]) as session:
        bundle = ProductIn(sku="SET-1", name="記念セット", weight_g=200, components=(("SKU-1", 1), ("SKU-4", 1)))
        upsert_products(session, shop.shop_id, [bundle])
        tour = make_event(session, shop.shop_id)
        nights = {sku: str(make_session(session, tour, sku).id) for sku in ("SKU-1", "SKU-2", "SKU-3")}
    shipments: list[UUID] = []
    for skus in parcels.values():
        lines = tuple(make_line(number, sku=sku, quantity=1) for number, sku in enumerate(skus, 1))
        shipments = take_order(shop, run_jobs, make_order(lines=lines))
    wave_id = print_all(shop, run_jobs)
    printed = [get_parcel(shop, shipment_id) for shipment_id in shipments]
    return Floor(shop, wave_id, nights, dict(zip(parcels, printed, strict=True)))


def test_the_recording_and_the_papers_of_another_night_are_refused_as_such(run_jobs: RunJobs) -> None:
    floor = prepare_floor(run_jobs, {"first": ("SKU-1",), "second": ("SKU-2",), "plain": ("SKU-4",)})
    assert scan(floor.shop, None, floor.slip("first"))[0].outcome is O.PARCEL_OPENED

    assert floor.outcome("first", "SKU-2") is O.WRONG_SESSION
    assert floor.outcome("first", floor.slip("second")) is O.WRONG_SESSION
    # A night that nobody in the wave was at is another night all the same.
    assert floor.outcome("first", "SKU-3") is O.WRONG_SESSION
    assert floor.outcome("first", "SKU-4") is O.WRONG_ITEM
    assert floor.outcome("first", floor.slip("plain")) is O.BELONGS_TO_OTHER_PARCEL
    assert floor.outcome("first", "SKU-1") is O.ACCEPTED


def test_a_parcel_of_no_night_or_of_several_has_no_night_of_its_own(run_jobs: RunJobs) -> None:
    floor = prepare_floor(run_jobs, {"plain": ("SKU-4",), "both": ("SKU-1", "SKU-2"), "first": ("SKU-1",)})

    assert floor.outcome("plain", "SKU-1") is O.WRONG_ITEM
    assert floor.outcome("both", "SKU-3") is O.WRONG_ITEM
    assert floor.outcome("both", floor.slip("first")) is O.BELONGS_TO_OTHER_PARCEL
    assert floor.outcome("first", floor.slip("both")) is O.BELONGS_TO_OTHER_PARCEL


def test_a_recording_within_a_set_gives_its_parcel_the_night(run_jobs: RunJobs) -> None:
    floor = prepare_floor(run_jobs, {"set": ("SET-1",)})

    assert floor.outcome("set", "SKU-2") is O.WRONG_SESSION
    assert floor.outcome("set", "SKU-1") is O.ACCEPTED


def test_the_snapshot_tells_the_nights_of_parcels_units_and_items(run_jobs: RunJobs) -> None:
    floor = prepare_floor(run_jobs, {"first": ("SKU-1",), "plain": ("SKU-4",), "both": ("SKU-1", "SKU-2")})

    snapshot = floor.snapshot()

    assert snapshot["session"] is None
    parcels = {parcel["id"]: parcel for parcel in snapshot["parcels"]}
    told = {name: parcels[str(parcel_id)] for name, parcel_id in floor.parcels.items()}
    assert {name: parcel["session"] for name, parcel in told.items()} == {
        "first": floor.nights["SKU-1"],
        "plain": None,
        "both": None,
    }
    units = {unit["sku"] or unit["kind"]: unit["session"] for unit in told["both"]["units"]}
    assert {key: night for key, night in units.items() if night} == {
        sku: floor.nights[sku] for sku in ("SKU-1", "SKU-2")
    }
    items = {key: item["session"] for item in snapshot["items"] for key in item["keys"]}
    assert {key: night for key, night in items.items() if night} == floor.nights
    with session_scope([floor.shop.shop_id]) as session:
        assert find_parcel(session, floor.slip("first"))["parcel"] == told["first"]


def test_the_server_judges_every_scan_as_the_snapshot_does(run_jobs: RunJobs) -> None:
    orders = {"first": ("SKU-1",), "second": ("SKU-2",), "plain": ("SKU-4",), "both": ("SKU-1", "SKU-2")}
    floor = prepare_floor(run_jobs, orders | {"set": ("SET-1",)})
    snapshot = floor.snapshot()
    texts = [
        *sorted({key for item in snapshot["items"] for key in item["keys"]}),
        *(unit["keys"][0] for parcel in snapshot["parcels"] for unit in parcel["units"]),
    ]

    world = read_world(snapshot)
    seen = set()
    for parcel_id in floor.parcels.values():
        requests = [ScanRequest(f"{parcel_id}/{number}", str(parcel_id), text) for number, text in enumerate(texts)]
        at_the_bench = [judge(world, request).outcome for request in requests]
        assert [result.outcome for result in scan(floor.shop, parcel_id, *texts)] == at_the_bench
        seen |= set(at_the_bench)
    assert seen >= {O.ACCEPTED, O.WRONG_SESSION, O.WRONG_ITEM, O.BELONGS_TO_OTHER_PARCEL}


def read_world(snapshot: dict[str, Any]) -> World:
    """Build the world of a snapshot, as the bench's TypeScript takes it."""
    parcels = {
        parcel["id"]: ExpectedParcel(
            id=parcel["id"],
            units=[
                ExpectedUnit(
                    unit["id"],
                    unit["kind"],
                    frozenset(unit["keys"]),
                    unit["quantity"],
                    unit["verified"],
                    unit["session"],
                )
                for unit in parcel["units"]
            ],
            standing=Standing(parcel["standing"]),
            session=parcel["session"],
            avoid=frozenset(parcel["avoid"]),
        )
        for parcel in snapshot["parcels"]
    }
    items = tuple(Item(frozenset(item["keys"]), item["session"]) for item in snapshot["items"])
    return World(parcels, snapshot["session"], frozenset(snapshot["void"]), items)


def test_a_scan_is_four_statements_with_its_night(run_jobs: RunJobs) -> None:
    floor = prepare_floor(run_jobs, {"first": ("SKU-1",)})
    sent: list[str] = []
    engine = get_engine()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert floor.outcome("first", "SKU-2") is O.WRONG_SESSION
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(sent) == 4, sent
