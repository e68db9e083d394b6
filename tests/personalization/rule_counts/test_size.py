"""The figures of all rules at once, with a million parcels of a year behind them."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core.db import session_scope
from personalization.models import RulesetVersion
from personalization.publishing import find_live_version
from personalization.rule_counts.queries import Span, get_trend, list_figures
from tests.factories.personalization import enclose, rule
from tests.personalization.world import World, make_world

DAYS = 365
PER_DAY = 2740
LAST = date(2026, 11, 21)
FILL = text(
    """
    INSERT INTO rule_counts (shop_id, rule_key, measure, day, subject, count, example_id)
    SELECT :shop_id, 'r' || CAST(r AS text), m.measure, CAST(:last AS date) - d, m.subject, m.count, CAST(NULL AS uuid)
      FROM generate_series(0, CAST(:days AS integer) - 1) AS d, generate_series(0, CAST(:rules AS integer) - 1) AS r,
           (VALUES ('fired', '', 30), ('given', 'leaflet', 30), ('lost', '', 9), ('reason', 'out_of_stock', 5),
                   ('reason', 'limit_overall', 4)) AS m(measure, subject, count)
    UNION ALL
    SELECT :shop_id, '*', 'considered', CAST(:last AS date) - d, CAST(:version AS text), CAST(:per_day AS integer),
           CAST(NULL AS uuid)
      FROM generate_series(0, CAST(:days AS integer) - 1) AS d
    """
)


def fill(world: World, rules: int) -> UUID:
    """Count what a year of parcels would have; returns the version."""
    world.publish(*[rule(f"r{n}", enclose("leaflet")) for n in range(rules)])
    with session_scope([world.shop_id]) as session:
        version: RulesetVersion | None = find_live_version(session, world.shop_id)
        assert version is not None
        bound = {"shop_id": world.shop_id, "last": LAST, "days": DAYS, "rules": rules, "per_day": PER_DAY}
        session.execute(FILL, {**bound, "version": str(version.id)})
        return version.id


@pytest.mark.parametrize("rules", [20, pytest.param(200, marks=pytest.mark.prove)])
def test_all_rules_over_a_year_are_counted(database: str, rules: int) -> None:
    world = make_world()
    fill(world, rules)
    spans = {days: Span(LAST - timedelta(days=days - 1), LAST) for days in (30, DAYS)}
    with session_scope([world.shop_id]) as session:
        for days, span in spans.items():
            found = list_figures(session, world.shop_id, span, [f"r{n}" for n in range(rules)])
            assert (found["r3"].considered, found["r3"].fired) == (PER_DAY * days, 30 * days)
            assert {reason: each.count for reason, each in found["r3"].reasons.items()} == {
                "out_of_stock": 5 * days,
                "limit_overall": 4 * days,
            }
        assert len(get_trend(session, world.shop_id, "r3", spans[DAYS])) == DAYS
