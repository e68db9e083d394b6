"""Outcomes through the real statements: whose, within which days, by assignment and by really packed, at which cost."""

from datetime import timedelta

import pytest

from core.db import session_scope
from crm_link.kinds import ConsentState, Purpose, TouchpointKind
from crm_link.records import ConsentIn
from crm_link.service import erase_customer, record_consents
from personalization.experiments.assigning import HELD_OUT
from personalization.experiments.comparing import ArmOutcome, Verdict
from personalization.experiments.costs import save_costs
from personalization.experiments.models import Metric
from personalization.experiments.results import Result
from personalization.inserts import save_inserts
from personalization.service import return_allotments, settle_packed
from tests.conftest import FixedClock
from tests.factories.personalization import enclose, make_uuid, rule
from tests.personalization.experiments.plans import TICKET, VISIT, enrol, happen, make_groups, plan, read, start
from tests.personalization.world import INSERTS, World, make_world

COSTS = {
    "hourly_wage": 1200,
    "seconds_per_piece": 6,
    "sheet_cost": 3,
    "margin": 0.4,
    "weight_steps": [{"up_to_g": 1000, "price": 500}],
    "valid_from": "2026-04-01",
    "source": "test",
}


@pytest.fixture
def world(database: str, clock: FixedClock) -> World:
    return make_world()


def pick(result: Result, metric: Metric, arm: str) -> ArmOutcome:
    found = next(each for each in result.metrics if each.metric is metric)
    return next(outcome for outcome in found.arms if outcome.arm == arm)


def test_what_happens_within_the_window_counts_and_nothing_else(world: World, clock: FixedClock) -> None:
    start(world)
    names = ["bought", "twice", "too-early", "too-late", "cancelled", "nothing"]
    people = [world.customer(name) for name in names]
    enrol(world, dict.fromkeys(people, "sample"), clock.now)
    happen(world, people[:2], clock.now + timedelta(days=30), amount=1000)
    happen(world, people[1:2], clock.now + timedelta(days=1), amount=500)
    happen(world, people[2:3], clock.now)
    happen(world, people[3:4], clock.now + timedelta(days=30, seconds=1))
    happen(world, people[4:5], clock.now + timedelta(days=2), external_id="gone")
    happen(world, people[4:5], clock.now + timedelta(days=2), external_id="gone", cancelled=True)
    happen(world, people[:3], clock.now + timedelta(days=3), kind=VISIT, amount=None)
    happen(world, people[:1], clock.now + timedelta(days=4), kind=TICKET, amount=None)
    result = read(world, days=31)
    assert pick(result, Metric.REPEAT, "sample").value.estimate == pytest.approx(2 / 6)
    assert pick(result, Metric.REVENUE, "sample").value.estimate == pytest.approx(2500 / 6)
    assert pick(result, Metric.QR_VISIT, "sample").value.estimate == pytest.approx(3 / 6)
    assert pick(result, Metric.SUPPORT, "sample").value.estimate == pytest.approx(1 / 6)


def test_nobody_counts_before_their_window_has_passed(world: World, clock: FixedClock) -> None:
    start(world)
    alice, bob = world.customer("alice"), world.customer("bob")
    enrol(world, {alice: "sample"}, clock.now)
    enrol(world, {bob: "sample"}, clock.now + timedelta(days=10))
    happen(world, [bob], clock.now + timedelta(days=12))
    early, later = read(world, days=30), read(world, days=40)
    assert (early.observed, early.enrolled["sample"].waiting) == (1, 1)
    assert (later.observed, later.enrolled["sample"].waiting) == (2, 0)
    assert pick(early, Metric.REPEAT, "sample").value.estimate == 0
    assert pick(later, Metric.REPEAT, "sample").value.estimate == 0.5


def test_who_is_erased_or_denies_measurement_is_left_out_and_counted(world: World, clock: FixedClock) -> None:
    start(world)
    people = [world.customer(name) for name in ("stays", "erased", "denies")]
    enrol(world, dict.fromkeys(people, HELD_OUT), clock.now)
    denial = ConsentIn(
        customer_id=people[2],
        purpose=Purpose.MEASUREMENT,
        state=ConsentState.DENIED,
        source="test",
        occurred_at=clock.now,
    )
    with session_scope([world.shop_id]) as session:
        record_consents(session, world.shop_id, [denial])
        erase_customer(session, world.shop_id, people[1])
    result = read(world, days=60)
    assert (result.enrolled[HELD_OUT].assigned, result.enrolled[HELD_OUT].left_out) == (3, 2)
    assert result.observed == 1


def give(world: World, *names: str) -> dict[str, list[object]]:
    """Decide one shipment for each; return customer → allotments."""
    outcomes = world.decide(*[world.request(name, buyer=name) for name in names])
    return {name: [a.allotment_id for a in outcome.allotted] for name, outcome in zip(names, outcomes, strict=True)}


def pack(world: World, name: str, allotted: list[object]) -> None:
    with session_scope([world.shop_id]) as session:
        shipment_id = make_uuid(f"{world.shop_id} {name}")
        settle_packed(session, world.shop_id, shipment_id, dict.fromkeys(allotted, 1))  # type: ignore[arg-type]


def test_what_was_really_packed_is_told_apart(world: World, clock: FixedClock) -> None:
    start(world)
    world.publish(rule("sample", enclose("leaflet"), experiment={"key": "tea-sample", "arm": "sample"}))
    names = ["packed", "left-out", "came-back"]
    # Logged beforehand, so that all three are in the arm whatever the hash says.
    enrol(world, {world.customer(name): "sample" for name in names}, clock.now)
    allotted = give(world, *names)
    clock.advance(hours=1)
    pack(world, "packed", allotted["packed"])
    pack(world, "left-out", [])
    pack(world, "came-back", allotted["came-back"])
    with session_scope([world.shop_id]) as session:
        return_allotments(session, world.shop_id, [make_uuid(f"{world.shop_id} came-back")])
    happen(world, [world.customer("packed")], clock.now + timedelta(days=1))
    outcome = pick(read(world, days=40), Metric.REPEAT, "sample")
    assert (outcome.size, outcome.packed_size) == (3, 1)
    assert [outcome.value.estimate, outcome.packed_value.estimate] == pytest.approx([1 / 3, 1])


def test_a_letter_counts_as_packed_when_the_parcel_left(world: World, clock: FixedClock) -> None:
    start(world)
    letter = {"do": "letter", "template": "letter"}
    world.publish(rule("letter", letter, experiment={"key": "tea-sample", "arm": "sample"}))
    names = ["left", "waits"]
    enrol(world, {world.customer(name): "sample" for name in names}, clock.now)
    give(world, *names)
    parcel = {"kind": TouchpointKind.PARCEL, "source": "soegaki", "amount": None, "currency": None}
    shipment = str(make_uuid(f"{world.shop_id} left"))
    happen(world, [world.customer("left")], clock.now + timedelta(hours=1), external_id=shipment, **parcel)
    outcome = pick(read(world, days=40), Metric.REPEAT, "sample")
    assert (outcome.size, outcome.packed_size) == (2, 1)


def test_the_cost_of_an_arm_and_what_it_must_bring(world: World, clock: FixedClock) -> None:
    with session_scope([world.shop_id]) as session:
        save_inserts(session, world.shop_id, [{**INSERTS[0], "unit_cost": 18, "weight_g": 5}])
        save_costs(session, world.shop_id, COSTS, seen_version=0, author="test")
    start(world)
    world.publish(rule("sample", enclose("leaflet"), experiment={"key": "tea-sample", "arm": "sample"}))
    enrol(world, {world.customer("a"): "sample", world.customer("b"): HELD_OUT}, clock.now)
    pack(world, "a", give(world, "a")["a"])
    happen(world, [world.customer("a")], clock.now + timedelta(days=1), amount=1000)
    [cost] = read(world, days=40).costs
    # 18 yen of goods and 6 seconds at 1,200 yen an hour; no order was weighed, so no step of carriage.
    assert cost.parcels == 1
    assert cost.per_customer == pytest.approx(20)
    assert cost.break_even.revenue == pytest.approx(50)
    assert cost.break_even.repeat == pytest.approx(0.05)
    assert cost.net is not None
    assert cost.net.estimate == pytest.approx(1000 * 0.4 - 20)


def test_a_clear_difference_may_be_stopped_and_none_may_not(world: World, clock: FixedClock) -> None:
    """200 customers a group, 60 of 100 against 30: found early; then the same without a difference."""
    start(world)
    make_groups(world.shop_id, clock.now, "tea-sample", {"sample": (200, 120), HELD_OUT: (200, 60)})
    found = read(world, days=31)
    assert found.verdicts == {"sample": Verdict.BETTER}
    assert found.may_stop
    start(world, plan("other"))
    make_groups(world.shop_id, clock.now, "other", {"sample": (200, 60), HELD_OUT: (200, 60)})
    assert not read(world, "other", days=31).may_stop
