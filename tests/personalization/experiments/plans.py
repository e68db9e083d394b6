"""Plans and histories of experiments for tests."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

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
