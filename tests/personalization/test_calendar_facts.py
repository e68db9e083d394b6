"""The calendar of the shop: holidays of Japan against the Cabinet Office's list, business days, occasions, zones."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.facts.choices import OCCASIONS
from personalization.facts.question import ask
from personalization.facts.workdays import (
    count_business_day,
    count_days_off,
    count_days_to_holiday,
    find_holiday,
    find_occasions,
    is_business_day,
    is_day_off,
    is_first_business_day,
    is_last_business_day,
)
from personalization.loading.calendars import load_calendar
from tests.factories.personalization import TOKYO, make_request

# 内閣府「国民の祝日について」: the years 2025 and 2026.
HOLIDAYS = {
    2025: "1-1 1-13 2-11 2-23 2-24 3-20 4-29 5-3 5-4 5-5 5-6 7-21 8-11 9-15 9-23 10-13 11-3 11-23 11-24",
    2026: "1-1 1-12 2-11 2-23 3-20 4-29 5-3 5-4 5-5 5-6 7-20 8-11 9-21 9-22 9-23 10-12 11-3 11-23",
}


def read(moment: datetime, *keys: str, zone: ZoneInfo = TOKYO) -> list[Any]:
    columns = load_calendar([make_request(moment=moment)], zone, [ask(f"calendar.{key}") for key in keys])
    return [columns[ask(f"calendar.{key}")].get(0) for key in keys]


@pytest.mark.parametrize("year", HOLIDAYS)
def test_holidays_are_those_of_the_cabinet_office(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert " ".join(f"{day.month}-{day.day}" for day in days if find_holiday(day)) == HOLIDAYS[year]


def test_holidays_that_the_calendar_moves_by_itself() -> None:
    assert find_holiday(date(2026, 9, 22)) is not None, "between two holidays"
    assert find_holiday(date(2026, 5, 6)) is not None, "in place of a Sunday"
    assert [find_holiday(date(year, 3, 20)) is not None for year in (2027, 2028)] == [False, True], "the equinox"


def test_a_wednesday_between_the_years() -> None:
    keys = ("is_holiday", "is_day_off", "is_business_day", "business_day", "is_before_day_off", "days_to_holiday")
    assert read(datetime(2026, 12, 30, 3, tzinfo=UTC), *keys) == [False, False, False, None, False, 2]


def test_the_last_business_day_of_a_month() -> None:
    # 30 January 2026 is a Friday; the month began its business on Monday the 5th.
    keys = ("is_last_business_day", "business_day", "days_to_month_end", "is_before_day_off", "is_gotobi", "week")
    assert read(datetime(2026, 1, 30, 3, tzinfo=UTC), *keys) == [True, 19, 1, True, False, 5]
    assert is_first_business_day(date(2026, 1, 5))
    assert is_last_business_day(date(2026, 12, 28))


def test_a_day_in_the_middle() -> None:
    keys = ("year", "quarter", "month", "day", "nth_weekday", "weekday", "is_weekend", "days_off_in_a_row", "holiday")
    assert read(datetime(2026, 11, 14, 3, tzinfo=UTC), *keys) == [2026, 4, 11, 14, 2, "saturday", True, 2, None]
    assert read(datetime(2026, 11, 3, 3, tzinfo=UTC), "holiday") == ["文化の日"]


def test_golden_week_is_counted_as_one() -> None:
    # Saturday 2 May to Wednesday 6 May 2026.
    assert [count_days_off(date(2026, 5, day)) for day in (1, 2, 6, 7)] == [0, 5, 5, 0]
    assert count_days_to_holiday(date(2026, 4, 28)) == 1


@pytest.mark.parametrize(
    ("day", "occasions"),
    [
        (date(2026, 5, 10), {"mothers_day"}),
        (date(2026, 4, 26), {"mothers_day"}),
        (date(2026, 4, 25), set()),
        (date(2026, 6, 21), {"fathers_day", "ochugen"}),
        (date(2026, 9, 21), {"respect_for_the_aged"}),
        (date(2026, 12, 24), {"christmas", "oseibo"}),
        (date(2026, 12, 31), {"year_end", "oseibo"}),
        (date(2026, 2, 14), {"valentine"}),
    ],
)
def test_occasions_of_the_year(day: date, occasions: set[str]) -> None:
    assert find_occasions(day) == occasions
    assert occasions <= {choice.value for choice in OCCASIONS}


def test_every_occasion_has_its_days() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert set().union(*map(find_occasions, days)) == {choice.value for choice in OCCASIONS}


def test_the_clock_that_is_put_back_and_forward() -> None:
    new_york = ZoneInfo("America/New_York")
    # 1 November 2026, half past one, twice; and 8 March 2026, when two o'clock is three.
    twice = [read(datetime(2026, 11, 1, hour, 30, tzinfo=UTC), "hour", "date", zone=new_york) for hour in (5, 6)]
    assert twice == [[1, date(2026, 11, 1)]] * 2
    forward = [read(datetime(2026, 3, 8, hour, 30, tzinfo=UTC), "hour", zone=new_york) for hour in (6, 7)]
    assert forward == [[1], [3]]


def test_a_batch_of_days_is_read_as_each_alone() -> None:
    moments = [datetime(2026, 12, 30, 16, tzinfo=UTC) + timedelta(hours=7 * n) for n in range(40)]
    questions = [ask(f"calendar.{key}") for key in ("date", "weekday", "occasions", "holiday", "hour", "business_day")]
    together = load_calendar([make_request(moment=moment) for moment in moments], TOKYO, questions)
    for row, moment in enumerate(moments):
        alone = load_calendar([make_request(moment=moment)], TOKYO, questions)
        assert [together[q].get(row) for q in questions] == [alone[q].get(0) for q in questions]


@given(st.dates(date(2000, 1, 1), date(2050, 12, 31)))
def test_business_days_are_counted_without_a_gap(day: date) -> None:
    nth = count_business_day(day)
    assert (nth is not None) == is_business_day(day)
    assert not (is_business_day(day) and is_day_off(day))
    earlier = [day.replace(day=number) for number in range(1, day.day + 1)]
    assert nth is None or nth == sum(map(is_business_day, earlier))
