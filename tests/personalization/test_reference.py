"""The evaluator and the gate of dates against a slow, obvious reference: random trees over random data, missing values,
empty lists, time zones, daylight saving, leap days. 10,000 of them in `make prove`.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.conditions.evaluation import Evaluator
from personalization.conditions.explanation import Explainer
from personalization.facts.question import ask
from personalization.loading.calendars import load_calendar
from personalization.requests import DecisionRequest
from personalization.resolver.batch import Batch
from personalization.resolver.gates import find_valid
from tests.factories.personalization import make_request, make_rulebook, rule, ruleset
from tests.personalization.test_conditions import ROWS, TREES, TYPES, make_batch, one, parse, refer

ZONES = ["Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
# Midnights, both switches of 2026 in each zone, the leap day of 2028 and the days about it, the turn of a year.
EDGES = [
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2028, 2, 28, 15, tzinfo=UTC),
    datetime(2028, 2, 29, 15, tzinfo=UTC),
    datetime(2026, 12, 31, 15, tzinfo=UTC),
]
MOMENTS = st.builds(
    lambda edge, minutes, seconds: edge + timedelta(minutes=minutes, seconds=seconds),
    st.sampled_from(EDGES),
    st.sampled_from([-1440, -840, -61, -60, -1, 0, 1, 30, 60, 600, 1440]),
    st.sampled_from([-1, 0, 1]),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = ("calendar.date", "calendar.hour", "calendar.weekday", "calendar.day", "calendar.month", "calendar.year")
DAYS = st.sampled_from([date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2026, 3, 8), date(2026, 12, 31)])
NUMBER_OPS = st.sampled_from(["equals", "not_equals", "less_than", "at_most", "more_than", "at_least"])


def read_clock(moment: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """What a clock on the wall shows, reckoned from the offset alone."""
    offset = zone.utcoffset(moment.astimezone(zone))
    assert offset is not None
    wall = datetime(1970, 1, 1) + timedelta(seconds=moment.timestamp()) + offset  # noqa: DTZ001 (a wall, not a moment)
    return {
        "calendar.date": wall.date(),
        "calendar.hour": wall.hour,
        "calendar.weekday": WEEKDAYS[(wall.date() - date(1970, 1, 5)).days % 7],
        "calendar.day": wall.day,
        "calendar.month": wall.month,
        "calendar.year": wall.year,
    }


def clock_comparisons() -> st.SearchStrategy[dict[str, Any]]:
    date_ops = st.sampled_from(["equals", "not_equals", "before", "on_or_before", "after", "on_or_after"])
    return st.one_of(
        st.builds(one, st.just("calendar.date"), date_ops, DAYS.map(date.isoformat)),
        st.builds(one, st.just("calendar.hour"), NUMBER_OPS, st.integers(0, 23)),
        st.builds(one, st.just("calendar.day"), NUMBER_OPS, st.sampled_from([1, 28, 29, 31])),
        st.builds(
            one, st.just("calendar.weekday"), st.sampled_from(["equals", "not_equals"]), st.sampled_from(WEEKDAYS)
        ),
        st.builds(one, st.just("calendar.weekday"), st.just("one_of"), st.lists(st.sampled_from(WEEKDAYS), min_size=1)),
        st.builds(one, st.just("calendar.month"), st.just("equals"), st.sampled_from([2, 3, 12, 1])),
        st.builds(one, st.just("calendar.year"), NUMBER_OPS, st.sampled_from([2026, 2027, 2028])),
    )


BOTH = st.recursive(
    TREES | clock_comparisons(),
    lambda parts: st.one_of(
        st.builds(lambda part: {"not": part}, parts),
        st.builds(lambda members: {"any": members}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda members: {"all": members}, st.lists(parts, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)
DATA = st.lists(st.tuples(MOMENTS, st.fixed_dictionaries(ROWS)), min_size=1, max_size=6)


def check_tree(document: dict[str, Any], data: list[tuple[datetime, dict[str, Any]]], zone_name: str) -> None:
    tree, found = parse(document)
    if tree is None:  # Only a contradiction or the depth can be wrong with these trees.
        assert {code for _, code in found} <= {"impossible_together", "too_deep", "too_many"}
        return
    zone = ZoneInfo(zone_name)
    requests = [make_request(f"s{n}", moment=moment) for n, (moment, _) in enumerate(data)]
    columns = {**make_batch([row for _, row in data]).columns, **load_clock(requests, zone)}
    evaluator = Evaluator(columns, len(data))
    results = evaluator.evaluate(tree)
    for index, (moment, row) in enumerate(data):
        expected = refer(document, row | read_clock(moment, zone))
        assert int(results[index]) == {False: 0, None: 1, True: 2}[expected]
        assert Explainer(evaluator).explain(tree, index).result is expected


def load_clock(requests: list[DecisionRequest], zone: ZoneInfo) -> dict[Any, Any]:
    return load_calendar(requests, zone, [ask(key) for key in CLOCK])


@settings(max_examples=120, deadline=None)
@given(BOTH, DATA, st.sampled_from(ZONES))
def test_trees_over_any_data_in_any_zone_equal_the_reference(
    document: dict[str, Any], data: list[tuple[datetime, dict[str, Any]]], zone: str
) -> None:
    check_tree(document, data, zone)


@pytest.mark.prove
@settings(max_examples=10_000, deadline=None)
@given(BOTH, DATA, st.sampled_from(ZONES))
def test_ten_thousand_trees_equal_the_reference(
    document: dict[str, Any], data: list[tuple[datetime, dict[str, Any]]], zone: str
) -> None:
    check_tree(document, data, zone)


def check_dates(first: date | None, last: date | None, moments: list[datetime], zone_name: str) -> None:
    if first is not None and last is not None and first > last:
        first, last = last, first
    given_days = {"from": first, "until": last}
    valid = {key: day.isoformat() for key, day in given_days.items() if day is not None}
    document = ruleset(rule("r", {"do": "tag", "tag": "t"}, **({"valid": valid} if valid else {})))
    [parsed] = make_rulebook(document).document.rules
    requests = [make_request(f"s{n}", accepted_at=moment) for n, moment in enumerate(moments)]
    zone = ZoneInfo(zone_name)
    found = find_valid(parsed, Batch(requests, {}, zone))
    for index, moment in enumerate(moments):
        day = read_clock(moment, zone)["calendar.date"]
        assert bool(found[index]) == ((first is None or day >= first) and (last is None or day <= last))


@settings(max_examples=120, deadline=None)
@given(st.none() | DAYS, st.none() | DAYS, st.lists(MOMENTS, min_size=1, max_size=6), st.sampled_from(ZONES))
def test_dates_of_a_rule_are_days_of_the_shop(
    first: date | None, last: date | None, moments: list[datetime], zone: str
) -> None:
    check_dates(first, last, moments, zone)


@pytest.mark.prove
@settings(max_examples=10_000, deadline=None)
@given(st.none() | DAYS, st.none() | DAYS, st.lists(MOMENTS, min_size=1, max_size=6), st.sampled_from(ZONES))
def test_ten_thousand_dates_of_rules_are_days_of_the_shop(
    first: date | None, last: date | None, moments: list[datetime], zone: str
) -> None:
    check_dates(first, last, moments, zone)


def test_every_type_of_fact_is_in_the_random_data() -> None:
    assert {kind.value for kind in TYPES.values()} >= {"number", "text", "text_set", "boolean", "date"}
