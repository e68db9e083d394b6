"""Named reads of the counters: every rule over a period, and one rule day by day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from personalization.rule_counts.models import EVERY_RULE, Measure

# So many parcels a rule must have been asked about before its silence says anything.
ENOUGH: Final = 50
# Ids of shipments grow with time: the largest is the latest.
SUMS: Final = text(
    """
    SELECT rule_key, measure, subject, sum(count) AS number,
           CAST(max(CAST(example_id AS text)) FILTER (WHERE count > 0) AS uuid) AS example_id
      FROM rule_counts
     WHERE shop_id = :shop_id AND day BETWEEN :first AND :last AND rule_key <> '*'
       AND (CAST(:keys AS text[]) IS NULL OR rule_key = ANY(:keys))
     GROUP BY rule_key, measure, subject HAVING sum(count) <> 0
     ORDER BY rule_key, measure, sum(count) DESC, subject
    """
)
# A rule was considered wherever a version decided in which it stands switched on.
CONSIDERED: Final = text(
    """
    SELECT told.rule ->> 'key' AS rule_key, decided.day, sum(decided.number) AS number
      FROM (SELECT CAST(subject AS uuid) AS version_id, CASE WHEN :by_day THEN day END AS day, sum(count) AS number
              FROM rule_counts
             WHERE shop_id = :shop_id AND rule_key = '*' AND measure = 'considered' AND subject <> ''
               AND day BETWEEN :first AND :last
             GROUP BY 1, 2) AS decided
      JOIN ruleset_versions v ON v.shop_id = :shop_id AND v.id = decided.version_id
     CROSS JOIN LATERAL jsonb_array_elements(v.document -> 'rules') AS told(rule)
     WHERE coalesce(CAST(told.rule ->> 'enabled' AS boolean), true)
       AND (CAST(:keys AS text[]) IS NULL OR told.rule ->> 'key' = ANY(:keys))
     GROUP BY 1, 2
    """
)
LATEST: Final = text(
    """
    SELECT wanted.rule_key, latest.day, latest.example_id
      FROM unnest(CAST(:keys AS text[])) AS wanted(rule_key)
     CROSS JOIN LATERAL (
           SELECT day, example_id FROM rule_counts c
            WHERE c.shop_id = :shop_id AND c.rule_key = wanted.rule_key AND c.measure = 'fired' AND c.count > 0
            ORDER BY day DESC LIMIT 1) AS latest
    """
)
BY_DAY: Final = text(
    """
    SELECT day, measure, sum(count) AS number FROM rule_counts
     WHERE shop_id = :shop_id AND rule_key = :key AND measure IN ('fired', 'lost') AND day BETWEEN :first AND :last
     GROUP BY day, measure
    """
)


@dataclass(frozen=True, slots=True)
class Span:
    """Local days of the shop, both included."""

    first: date
    last: date


class Standing(StrEnum):
    WORKS = "works"
    NEVER_MATCHED = "never_matched"
    ALWAYS_LOST = "always_lost"
    TOO_EARLY = "too_early"  # hardly any parcel was printed while it was in force


@dataclass(frozen=True, slots=True)
class Counted:
    """`example_id` is a shipment to look at."""

    count: int
    example_id: UUID | None


@dataclass(slots=True)
class RuleFigures:
    """What one rule did. `reasons` by code: why it lost as a whole; `left_out`: why a part of it did; both most first.

    `given`: insert → pieces. `last_fired_on` looks back beyond the period.
    """

    considered: int = 0
    fired: int = 0
    lost: int = 0
    reasons: dict[str, Counted] = field(default_factory=dict)
    left_out: dict[str, Counted] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)
    last_fired_on: date | None = None
    last_shipment_id: UUID | None = None

    @property
    def matched(self) -> int:
        return self.fired + self.lost

    @property
    def standing(self) -> Standing:
        if self.fired > 0:
            return Standing.WORKS
        if self.considered < ENOUGH:
            return Standing.TOO_EARLY
        return Standing.ALWAYS_LOST if self.lost > 0 else Standing.NEVER_MATCHED

    @property
    def is_unused(self) -> bool:
        return self.standing in (Standing.NEVER_MATCHED, Standing.ALWAYS_LOST)


@dataclass(frozen=True, slots=True)
class DayFigures:
    on: date
    considered: int
    fired: int
    lost: int


def list_figures(session: Session, shop_id: UUID, span: Span, keys: Collection[str]) -> dict[str, RuleFigures]:
    """Return the figures of these rules, of all of them whether or not anything was counted. Three statements."""
    found = {key: RuleFigures() for key in keys}
    bound = {"shop_id": shop_id, "first": span.first, "last": span.last, "keys": list(keys)}
    for row in session.execute(SUMS, bound):
        _add(found[row.rule_key], row)
    for row in session.execute(CONSIDERED, {**bound, "by_day": False}):
        found[row.rule_key].considered = row.number
    for row in session.execute(LATEST, bound):
        found[row.rule_key].last_fired_on, found[row.rule_key].last_shipment_id = row.day, row.example_id
    return found


def _add(figures: RuleFigures, row: Any) -> None:
    match Measure(row.measure):
        case Measure.FIRED:
            figures.fired = row.number
        case Measure.LOST:
            figures.lost = row.number
        case Measure.GIVEN:
            figures.given[row.subject] = row.number
        case Measure.REASON:
            figures.reasons[row.subject] = Counted(row.number, row.example_id)
        case Measure.LEFT_OUT:
            figures.left_out[row.subject] = Counted(row.number, row.example_id)
        case Measure.CONSIDERED:
            raise ValueError(f"{EVERY_RULE} alone is considered")


def get_trend(session: Session, shop_id: UUID, key: str, span: Span) -> list[DayFigures]:
    """Return the days on which the rule was considered or did anything, the oldest first."""
    bound = {"shop_id": shop_id, "first": span.first, "last": span.last}
    considered: dict[date, int] = {
        row.day: row.number for row in session.execute(CONSIDERED, {**bound, "keys": [key], "by_day": True})
    }
    counted: Mapping[tuple[date, str], int] = {
        (row.day, row.measure): row.number for row in session.execute(BY_DAY, {**bound, "key": key})
    }
    days = sorted(considered.keys() | {day for day, _ in counted})
    return [
        DayFigures(day, considered.get(day, 0), counted.get((day, "fired"), 0), counted.get((day, "lost"), 0))
        for day in days
    ]
