"""The Japanese calendar of a day: holidays, days off, business days, occasions of the year.

Holidays by `jpholiday`, which follows 国民の祝日に関する法律 (昭和23年法律第178号) and its special years. Business
days leave out weekends, holidays and 29 December to 3 January (行政機関の休日に関する法律 第1条).
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import jpholiday

_DAY: Final = timedelta(days=1)
_LONGEST_WAIT: Final = 366
# (first month, day) to (last month, day), both included, of one calendar year.
_FIXED: Final = {
    "new_year": ((1, 1), (1, 7)),
    "setsubun": ((2, 1), (2, 4)),
    "valentine": ((2, 1), (2, 14)),
    "hinamatsuri": ((2, 17), (3, 3)),
    "white_day": ((3, 1), (3, 14)),
    "new_school_year": ((3, 20), (4, 10)),
    "golden_week": ((4, 29), (5, 5)),
    "ochugen": ((6, 20), (7, 31)),
    "tanabata": ((7, 1), (7, 7)),
    "obon": ((8, 13), (8, 16)),
    "halloween": ((10, 17), (10, 31)),
    "oseibo": ((11, 20), (12, 31)),
    "christmas": ((12, 1), (12, 25)),
    "year_end": ((12, 26), (12, 31)),
}
# (month, weekday, which of the month): the two weeks up to the day.
_MOVING: Final = {"mothers_day": (5, 6, 2), "fathers_day": (6, 6, 3), "respect_for_the_aged": (9, 0, 3)}


@lru_cache(maxsize=4096)
def find_holiday(day: date) -> str | None:
    """Return the Japanese name of the public holiday, None on other days."""
    name = jpholiday.is_holiday_name(day)
    return None if name is None else str(name)


def is_day_off(day: date) -> bool:
    return day.weekday() >= 5 or find_holiday(day) is not None


def is_business_day(day: date) -> bool:
    return not is_day_off(day) and (day.month, day.day) not in {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}


def days_of_month(day: date) -> Iterator[date]:
    return (day.replace(day=number) for number in range(1, monthrange(day.year, day.month)[1] + 1))


@lru_cache(maxsize=512)
def _business_days(first: date) -> tuple[date, ...]:
    return tuple(day for day in days_of_month(first) if is_business_day(day))


def count_business_day(day: date) -> int | None:
    """Return which business day of its month the day is; None when it is none."""
    days = _business_days(day.replace(day=1))
    return days.index(day) + 1 if day in days else None


def is_first_business_day(day: date) -> bool:
    return _business_days(day.replace(day=1))[0] == day


def is_last_business_day(day: date) -> bool:
    return _business_days(day.replace(day=1))[-1] == day


def count_days_off(day: date) -> int:
    """Return how many days off in a row the day belongs to; 0 on a working day."""
    if not is_day_off(day):
        return 0
    first, last = day, day
    while is_day_off(first - _DAY):
        first -= _DAY
    while is_day_off(last + _DAY):
        last += _DAY
    return (last - first).days + 1


def count_days_to_holiday(day: date) -> int | None:
    """Return the days until the next public holiday, 0 on one; None if none is known within a year."""
    return next((n for n in range(_LONGEST_WAIT) if find_holiday(day + n * _DAY) is not None), None)


def count_days_to_month_end(day: date) -> int:
    return monthrange(day.year, day.month)[1] - day.day


def is_gotobi(day: date) -> bool:
    return (day.day % 5 == 0 and day.day <= 25) or count_days_to_month_end(day) == 0


def find_nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the nth such weekday (Monday is 0) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def find_occasions(day: date) -> frozenset[str]:
    """Return the occasions of the year to whose days this one belongs."""
    found = {key for key, (first, last) in _FIXED.items() if first <= (day.month, day.day) <= last}
    for key, (month, weekday, nth) in _MOVING.items():
        left = (find_nth_weekday(day.year, month, weekday, nth) - day).days
        if 0 <= left <= 14:
            found.add(key)
    return frozenset(found)
