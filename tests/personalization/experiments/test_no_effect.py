"""A/A: two groups that got the same. The real code must call a winner as often as it promised, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import numpy as np
import psycopg
import pytest
from sqlalchemy import text

from core.db import session_scope
from personalization.experiments.assigning import HELD_OUT, ExperimentInfo, assign
from personalization.experiments.comparing import Design, Verdict, judge
from personalization.experiments.intervals import EMPTY, Sample, make_share
from personalization.experiments.models import Method, Metric
from personalization.experiments.outcomes import Cell, Reading
from personalization.experiments.queries import get_experiment
from personalization.experiments.results import make_design
from personalization.experiments.service import create_experiment, start_experiment
from tests.conftest import FixedClock
from tests.factories.personalization import TOKYO, make_uuid
from tests.personalization.experiments.plans import plan
from tests.personalization.world import World, make_world

DAYS = 25
FIRST = date(2026, 11, 1)
SHARES_OF_WINNERS = (0.035, 0.065)
EVERYBODY = [make_uuid(f"customer {number}") for number in range(2000)]


@dataclass
class Winners:
    trials: int = 0
    fixed: int = 0
    watched: int = 0

    def take(self, cells: Sequence[Cell], design: Design) -> None:
        self.trials += 1
        for method in Method:
            [verdict] = judge(cells, replace(design, method=method)).values()
            is_winner = verdict in (Verdict.BETTER, Verdict.WORSE)
            self.fixed += is_winner and method is Method.FIXED
            self.watched += is_winner and method is Method.WATCHED

    def share(self, method: str) -> float:
        return float(getattr(self, method) / self.trials)


def make_cells(
    info: ExperimentInfo, customers: Sequence[UUID], metric: Metric, random: np.random.Generator
) -> list[Cell]:
    """Assign everybody by the real hash, let them behave alike, and count them day by day."""
    arms = np.array(assign(info, customers))
    days = np.arange(len(customers)) * DAYS // len(customers)
    bought = random.random(len(customers)) < 0.3
    values = np.where(bought, random.lognormal(8, 0.8, len(customers)), 0)
    cells = []
    for day in range(DAYS):
        for arm in info.places:
            mine = (days == day) & (arms == arm)
            samples = dict.fromkeys(Metric, EMPTY)
            samples[Metric.REPEAT] = make_share(int(bought[mine].sum()), int(mine.sum()))
            samples[Metric.REVENUE] = Sample(
                int(mine.sum()), float(values[mine].sum()), float((values[mine] ** 2).sum())
            )
            cells.append(Cell(arm, False, FIRST + timedelta(days=day), samples))
    return cells


def try_out(trials: int, metric: Metric) -> Winners:
    random = np.random.default_rng(13)
    effect, scale = (0.05, 0.11) if metric is Metric.REPEAT else (300.0, 0.11)
    design = Design(
        control=HELD_OUT,
        arms=("sample",),
        metric=metric,
        method=Method.FIXED,
        effect=effect,
        scale=scale,
        planned_size=len(EVERYBODY),
    )
    winners = Winners()
    for trial in range(trials):
        info = ExperimentInfo(key="aa", salt=f"trial {trial}", shares={"sample": 5000})
        winners.take(make_cells(info, EVERYBODY, metric, random), design)
    return winners


@pytest.mark.parametrize("metric", [Metric.REPEAT, Metric.REVENUE])
def test_few_trials_find_few_winners(metric: Metric) -> None:
    winners = try_out(100, metric)
    assert 0 < winners.fixed <= 12
    assert winners.watched <= 8


@pytest.mark.prove
@pytest.mark.timeout(900)
@pytest.mark.parametrize("metric", [Metric.REPEAT, Metric.REVENUE])
def test_a_thousand_trials_find_one_winner_in_twenty(metric: Metric) -> None:
    winners = try_out(1000, metric)
    assert SHARES_OF_WINNERS[0] <= winners.share("fixed") <= SHARES_OF_WINNERS[1], winners
    assert winners.share("watched") <= 0.05, winners


PEOPLE = """
    INSERT INTO customers (id, shop_id, created_at, updated_at, version)
    SELECT id, :shop, :now, :now, 1 FROM unnest(CAST(:ids AS uuid[])) AS id
"""
PURCHASES = """
    INSERT INTO touchpoints (id, shop_id, customer_id, kind, source, external_id, occurred_at, known_at, recorded_at,
                             state, amount, currency, skus, categories, attributes)
    SELECT gen_random_uuid(), :shop, id, 'purchase', 'test', id::text, :at, :at, :at, 'active', amount, 'JPY',
           '{}', '{}', '{}'
      FROM unnest(CAST(:ids AS uuid[]), CAST(:amounts AS bigint[])) AS bought (id, amount)
"""
# Customers are taken in one by one over so many days, as decisions would.
ENROL = """
    INSERT INTO assignments (shop_id, experiment_id, customer_id, arm, assigned_at)
    SELECT :shop, :experiment, id, arm,
           CAST(:now AS timestamptz) + make_interval(days => CAST(:days AS integer) * CAST(n AS integer) / :size)
      FROM unnest(CAST(:ids AS uuid[]), CAST(:arms AS text[])) WITH ORDINALITY AS taken (id, arm, n)
"""


def people_who_buy(world: World, clock: FixedClock, customers: Sequence[UUID]) -> None:
    """3 of 10 buy again, once, on the 30th day: within everybody's window of 60 days."""
    random = np.random.default_rng(5)
    buyers = [id_ for id_ in customers if random.random() < 0.3]
    amounts = [int(amount) for amount in random.lognormal(8, 0.8, len(buyers))]
    at = clock.now + timedelta(days=30)
    with session_scope([world.shop_id]) as session:
        session.execute(text(PEOPLE), {"shop": world.shop_id, "now": clock.now, "ids": list(customers)})
        session.execute(text(PURCHASES), {"shop": world.shop_id, "at": at, "ids": buyers, "amounts": amounts})


def try_in_database(world: World, clock: FixedClock, customers: Sequence[UUID], trials: int) -> Winners:
    winners = Winners()
    later = clock.now + timedelta(days=100)
    for trial in range(trials):
        with session_scope([world.shop_id]) as session:
            key = f"aa-{trial}"
            document = plan(key, window_days=60, smallest_effect=0.05)
            made = create_experiment(session, world.shop_id, document, author="test")
            started = start_experiment(session, world.shop_id, key, seen_version=made.version, author="test")
            info = ExperimentInfo(key=key, salt=f"trial {trial}", shares={"sample": 5000})
            bound = {"shop": world.shop_id, "experiment": started.id, "ids": list(customers), "now": clock.now}
            more = {"arms": assign(info, customers), "days": DAYS, "size": len(customers)}
            session.execute(text(ENROL), bound | more)
            experiment = get_experiment(session, world.shop_id, key)
            cells = Reading(session, experiment, TOKYO, "JPY", later).count_outcomes()
            winners.take(cells, replace(make_design(experiment), planned_size=len(customers)))
    return winners


def test_the_statements_of_the_program_find_few_winners(database: str, clock: FixedClock) -> None:
    world = make_world()
    people_who_buy(world, clock, EVERYBODY[:400])
    winners = try_in_database(world, clock, EVERYBODY[:400], 10)
    assert (winners.trials, winners.fixed <= 3, winners.watched <= 2) == (10, True, True)


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_a_thousand_experiments_in_the_database_find_one_winner_in_twenty(database: str, clock: FixedClock) -> None:
    world = make_world()
    people_who_buy(world, clock, EVERYBODY[:1000])
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ANALYZE")
    winners = try_in_database(world, clock, EVERYBODY[:1000], 1000)
    assert SHARES_OF_WINNERS[0] <= winners.share("fixed") <= SHARES_OF_WINNERS[1], winners
    assert winners.share("watched") <= 0.05, winners
