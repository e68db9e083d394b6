"""States by compare-and-set, what is told to whom, and what a backtest sees without writing."""

from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core import events
from core.db import session_scope
from core.errors import AppError
from personalization.events import ExperimentChanged
from personalization.experiments.arms import load_arms
from personalization.experiments.assigning import NO_ARMS
from personalization.experiments.costs import Costs, find_break_even, reckon
from personalization.experiments.models import Assignment
from personalization.experiments.service import create_experiment, end_experiment, start_experiment
from personalization.models import InsertKind
from tests.factories.personalization import enclose, make_insert, make_rulebook, rule, ruleset
from tests.personalization.experiments.plans import end, plan, start
from tests.personalization.world import World, make_world

BOUND = {"experiment": {"key": "tea-sample", "arm": "sample"}}


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def draft(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        create_experiment(session, world.shop_id, plan(), author="test")


def test_of_many_who_start_at_once_one_does(world: World) -> None:
    draft(world)
    outcomes: list[str] = []
    gate = Barrier(4)

    def press() -> None:
        gate.wait()
        try:
            with session_scope([world.shop_id]) as session:
                start_experiment(session, world.shop_id, "tea-sample", seen_version=1, author="test")
            outcomes.append("started")
        except AppError as error:
            outcomes.append(error.code)

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["experiment_state"] * 3 + ["started"]


def test_start_and_end_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[UUID] = []
    monkeypatch.setitem(events._handlers, ExperimentChanged, [lambda _, event: heard.append(event.experiment_id)])
    experiment = start(world)
    end(world)
    assert heard == [experiment.id, experiment.id]


def test_an_end_is_for_good(world: World) -> None:
    start(world)
    end(world, winner="sample")
    with pytest.raises(AppError, match="ended"), session_scope([world.shop_id]) as session:
        end_experiment(session, world.shop_id, "tea-sample", winner=None, note="", author="test")


def test_a_backtest_sees_a_draft_as_if_it_ran_and_writes_nothing(world: World) -> None:
    draft(world)
    document = make_rulebook(ruleset(rule("sample", enclose("leaflet"), **BOUND)), [make_insert("leaflet")]).document
    requests = [world.request(f"s{number}", buyer=f"c{number}") for number in range(8)]
    with session_scope([world.shop_id]) as session:
        assert load_arms(session, world.shop_id, document, requests) == NO_ARMS.__class__()
        simulated = load_arms(session, world.shop_id, document, requests, simulated=True)
        again = load_arms(session, world.shop_id, document, requests[3:5], simulated=True)
        assert session.scalar(select(func.count()).select_from(Assignment)) == 0
    assert len(simulated.of["tea-sample"]) == 8
    assert again.of["tea-sample"].items() <= simulated.of["tea-sample"].items()


COSTS = Costs(1200, 6, 3, 0.4, 100, ((500, 200), (1000, 300)))


def test_the_step_of_carriage_is_the_mean_over_recent_parcels() -> None:
    sample = make_insert("sample", kind=InsertKind.SAMPLE, unit_cost=35, weight_g=50)
    # Goods of 380 g with a box of 100 g: 50 g more lift them over 500 g; one parcel in four.
    found = reckon(sample, COSTS, [(200, 3), (380, 1)])
    assert (found.goods, found.paper, found.packing, found.carriage) == (35, 0, 2, 25)
    assert find_break_even(found.total, COSTS, 2000).revenue == pytest.approx(62 / 0.4)
    assert find_break_even(found.total, COSTS, 2000).repeat == pytest.approx(62 / 0.4 / 2000)


def test_a_letter_costs_its_sheet_and_weighs_nothing() -> None:
    found = reckon(None, COSTS, [(395, 1)])
    assert (found.goods, found.paper, found.packing, found.carriage) == (0, 3, 2, 0)
    assert find_break_even(found.total, Costs(0, 0, 0, 0, 0, ()), 2000).revenue is None
