"""Named reads of experiments: lists, single ones, what rules are bound to them, and the pace of a shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from personalization.experiments.errors import ExperimentNotFoundError
from personalization.experiments.models import Assignment, Experiment
from personalization.publishing import find_live_version, find_ruleset

WEEKS: Final = 26
# How many different customers had bought within one week, two weeks, … counted from `since`.
PACE: Final = text(
    """
    SELECT week, count(*) AS customers
      FROM (SELECT customer_id, CAST(floor(extract(epoch FROM min(occurred_at) - :since) / 604800) AS integer) AS week
              FROM touchpoints
             WHERE shop_id = :shop_id AND kind = 'purchase' AND retired_at IS NULL AND state = 'active'
               AND occurred_at >= :since AND occurred_at < :now
             GROUP BY customer_id) firsts
     GROUP BY week ORDER BY week
    """
)
# What happened within the window after each customer's first purchase of the time looked at.
HABITS: Final = text(
    """
    WITH firsts AS (
        SELECT customer_id, min(occurred_at) AS at FROM touchpoints
         WHERE shop_id = :shop_id AND kind = 'purchase' AND retired_at IS NULL AND state = 'active'
           AND occurred_at >= :since AND occurred_at < :until
         GROUP BY customer_id),
    later AS (
        SELECT f.customer_id,
               count(t.id) FILTER (WHERE t.kind = 'purchase') AS orders,
               coalesce(sum(t.amount) FILTER (WHERE t.kind = 'purchase'), 0) AS revenue,
               count(t.id) FILTER (WHERE t.kind = 'qr_visit') AS visits,
               count(t.id) FILTER (WHERE t.kind = 'support_ticket') AS contacts
          FROM firsts f LEFT JOIN touchpoints t ON t.shop_id = :shop_id AND t.customer_id = f.customer_id
           AND t.kind IN ('purchase', 'qr_visit', 'support_ticket') AND t.retired_at IS NULL AND t.state = 'active'
           AND t.occurred_at > f.at AND t.occurred_at <= f.at + :span
         GROUP BY f.customer_id)
    SELECT count(*) AS customers, avg(CAST(orders > 0 AS integer)) AS repeat, avg(revenue) AS revenue,
           stddev_samp(revenue) AS spread, avg(CAST(visits > 0 AS integer)) AS qr_visit,
           avg(CAST(contacts > 0 AS integer)) AS support,
           sum(revenue) / nullif(sum(orders), 0) AS order_value
      FROM later
    """
)


@dataclass(frozen=True, slots=True)
class ExperimentRow:
    experiment: Experiment
    assigned: int


@dataclass(frozen=True, slots=True)
class Habits:
    """What customers of the shop did within a window after a purchase, without any experiment."""

    customers: int
    repeat: float
    revenue: float
    spread: float
    qr_visit: float
    support: float
    order_value: float


@dataclass(frozen=True, slots=True)
class BoundRule:
    key: str
    name: Mapping[str, str]
    arm: str
    enabled: bool
    inserts: tuple[str, ...]


def list_experiments(session: Session, shop_id: UUID, *, limit: int = 200) -> list[ExperimentRow]:
    """Return all experiments, the newest first, with how many customers each has taken."""
    assigned = (
        select(func.count())
        .where(Assignment.shop_id == shop_id, Assignment.experiment_id == Experiment.id)
        .scalar_subquery()
    )
    statement = select(Experiment, assigned).where(Experiment.shop_id == shop_id)
    rows = session.execute(statement.order_by(Experiment.created_at.desc(), Experiment.id.desc()).limit(limit))
    return [ExperimentRow(experiment, count) for experiment, count in rows]


def get_experiment(session: Session, shop_id: UUID, key: str) -> Experiment:
    """Return the experiment; raises ExperimentNotFoundError."""
    wanted = select(Experiment).where(Experiment.shop_id == shop_id, Experiment.key == key)
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise ExperimentNotFoundError(key)
    return found


def find_bound_rules(session: Session, shop_id: UUID, key: str, *, draft: bool = False) -> list[BoundRule]:
    """Return the rules that are bound to the experiment: of the live version, or of the draft."""
    if draft:
        ruleset = find_ruleset(session, shop_id)
        document: Mapping[str, Any] = (ruleset.draft if ruleset is not None else None) or {}
    else:
        version = find_live_version(session, shop_id)
        document = version.document if version is not None else {}
    return [_make_bound(rule) for rule in document.get("rules", []) if _is_bound(rule, key)]


def _is_bound(rule: object, key: str) -> bool:
    bound = rule.get("experiment") if isinstance(rule, dict) else None
    return isinstance(bound, dict) and bound.get("key") == key


def _make_bound(rule: Mapping[str, Any]) -> BoundRule:
    actions = [action for action in rule.get("then", []) if isinstance(action, dict)]
    inserts = tuple(str(action["insert"]) for action in actions if action.get("insert"))
    name = rule.get("name") or {"ja": rule.get("key", ""), "en": rule.get("key", "")}
    return BoundRule(str(rule.get("key")), name, str(rule["experiment"].get("arm")), rule.get("enabled", True), inserts)


def count_pace(session: Session, shop_id: UUID, now: datetime) -> list[int]:
    """Return how many different customers came within 1, 2, … 26 weeks of the last half year."""
    since = now - timedelta(weeks=WEEKS)
    rows = session.execute(PACE, {"shop_id": shop_id, "since": since, "now": now})
    found = {row.week: row.customers for row in rows}
    reached: list[int] = []
    for week in range(WEEKS):
        reached.append((reached[-1] if reached else 0) + found.get(week, 0))
    return _drop_before_opening(reached)


def _drop_before_opening(reached: Sequence[int]) -> list[int]:
    """A shop that is younger than the time looked at has only its own weeks."""
    first = next((week for week, count in enumerate(reached) if count), len(reached))
    return list(reached[first:])


def read_habits(session: Session, shop_id: UUID, window_days: int, now: datetime) -> Habits:
    """Return what the customers of a window-long time did in the window that followed."""
    span = timedelta(days=window_days)
    bound = {"shop_id": shop_id, "since": now - 2 * span, "until": now - span, "span": span}
    row = session.execute(HABITS, bound).one()
    names = ("repeat", "revenue", "spread", "qr_visit", "support", "order_value")
    return Habits(row.customers, *(float(getattr(row, name) or 0) for name in names))
