"""Plans and histories of experiments for tests."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from core import clock
from core.db import session_scope
from crm_link.kinds import TouchpointKind
from crm_link.service import record_touchpoints
from personalization.experiments.enrolling import Enrolment, log_assignments
from personalization.experiments.models import Experiment
from personalization.experiments.results import Result, measure
from personalization.experiments.service import create_experiment, end_experiment, start_experiment
from tests.factories.crm_link import make_touchpoint
from tests.personalization.world import World


def plan(key: str = "tea-sample", **changes: Any) -> dict[str, Any]:
    """Half get the sample, half are held out; 30 of 100 buy again, 10 more are to be found."""
    values = {
        "key": key,
        "name": {"ja": "お茶の試供品", "en": "Tea sample"},
        "arms": [{"key": "sample", "name": {"ja": "試供品", "en": "Sample"}, "share": 5000}],
        "holdout_share": 5000,
        "control": "held_out",
        "baseline": 0.3,
        "smallest_effect": 0.1,
        "window_days": 30,
    }
    return values | changes


def start(world: World, document: Mapping[str, Any] | None = None) -> Experiment:
    document = document or plan()
    with session_scope([world.shop_id]) as session:
        made = create_experiment(session, world.shop_id, document, author="test")
        return start_experiment(session, world.shop_id, made.key, seen_version=made.version, author="test")


def end(world: World, key: str = "tea-sample", winner: str | None = None) -> None:
    with session_scope([world.shop_id]) as session:
        end_experiment(session, world.shop_id, key, winner=winner, note="", author="test")


def enrol(world: World, arms: Mapping[UUID, str], at: datetime, key: str = "tea-sample") -> None:
    with session_scope([world.shop_id]) as session:
        log_assignments(session, world.shop_id, [Enrolment(key, id_, arm) for id_, arm in arms.items()], at)


def happen(world: World, customers: Sequence[UUID], at: datetime, **changes: Any) -> None:
    """Let something happen to these customers: a purchase, if nothing else is said."""
    with session_scope([world.shop_id]) as session:
        rows = [make_touchpoint(customer, occurred_at=at, **changes) for customer in customers]
        record_touchpoints(session, world.shop_id, rows)


def read(world: World, key: str = "tea-sample", *, days: float = 0) -> Result:
    with session_scope([world.shop_id]) as session:
        return measure(session, world.shop_id, key, clock.now() + timedelta(days=days))


VISIT = TouchpointKind.QR_VISIT
TICKET = TouchpointKind.SUPPORT_TICKET


GROUP = """
    WITH made AS (
        INSERT INTO customers (id, shop_id, created_at, updated_at, version)
        SELECT gen_random_uuid(), :shop, :now, :now, 1 FROM generate_series(1, :size) RETURNING id),
    assigned AS (
        INSERT INTO assignments (shop_id, experiment_id, customer_id, arm, assigned_at)
        SELECT :shop, e.id, made.id, :arm, :now FROM made, experiments e WHERE e.shop_id = :shop AND e.key = :key)
    INSERT INTO touchpoints (id, shop_id, customer_id, kind, source, external_id, occurred_at, known_at, recorded_at,
                             state, amount, currency, skus, categories, attributes)
    SELECT gen_random_uuid(), :shop, id, 'purchase', 'test', id::text, CAST(:now AS timestamptz) + interval '1 day',
           CAST(:now AS timestamptz) + interval '1 day', :now, 'active', 3000 + 40 * number, 'JPY', '{}', '{}', '{}'
      FROM (SELECT id, row_number() OVER () AS number FROM made) numbered WHERE number <= :buyers
"""


def make_groups(shop_id: UUID, at: datetime, key: str, groups: Mapping[str, tuple[int, int]]) -> None:
    """Make (so many, of whom so many buy again) customers of each arm; bare rows, because only their number matters."""
    with session_scope([shop_id]) as session:
        for arm, (size, buyers) in groups.items():
            bound = {"shop": shop_id, "key": key, "arm": arm, "now": at, "size": size, "buyers": buyers}
            session.execute(text(GROUP), bound)
