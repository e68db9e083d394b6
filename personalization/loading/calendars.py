"""Facts about the moment, in the shop's time zone. Each distinct day of a batch is looked at once."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from personalization.columns import EPOCH, Column, FactType, ScalarColumn, SetColumn, TextColumn, make_column
from personalization.facts import workdays
from personalization.facts.choices import SEASONS, WEEKDAYS
from personalization.facts.question import Question
from personalization.loading.moments import count_microseconds, find_local_days
from personalization.requests import DecisionRequest

HOUR: Final = "calendar.hour"
DAY_READERS: Final[dict[str, Callable[[date], Any]]] = {
    "calendar.date": lambda day: day,
    "calendar.year": lambda day: day.year,
    "calendar.quarter": lambda day: (day.month + 2) // 3,
    "calendar.month": lambda day: day.month,
    "calendar.week": lambda day: day.isocalendar().week,
    "calendar.day": lambda day: day.day,
    "calendar.weekday": lambda day: WEEKDAYS[day.weekday()].value,
    "calendar.nth_weekday": lambda day: (day.day + 6) // 7,
    "calendar.season": lambda day: SEASONS[(day.month - 3) % 12 // 3].value,
    "calendar.occasions": workdays.find_occasions,
    "calendar.days_to_month_end": workdays.count_days_to_month_end,
    "calendar.is_gotobi": workdays.is_gotobi,
    "calendar.is_weekend": lambda day: day.weekday() >= 5,
    "calendar.is_holiday": lambda day: workdays.find_holiday(day) is not None,
    "calendar.holiday": workdays.find_holiday,
    "calendar.days_to_holiday": workdays.count_days_to_holiday,
    "calendar.is_day_off": workdays.is_day_off,
    "calendar.is_before_day_off": lambda day: workdays.is_day_off(date.fromordinal(day.toordinal() + 1)),
    "calendar.days_off_in_a_row": workdays.count_days_off,
    "calendar.is_business_day": workdays.is_business_day,
    "calendar.business_day": workdays.count_business_day,
    "calendar.is_first_business_day": workdays.is_first_business_day,
    "calendar.is_last_business_day": workdays.is_last_business_day,
}
READERS: Final = frozenset({*DAY_READERS, HOUR})


def load_calendar(
    requests: Sequence[DecisionRequest], zone: ZoneInfo, questions: Sequence[Question]
) -> dict[Question, Column]:
    if not questions:
        return {}
    moments = np.array([count_microseconds(request.moment) for request in requests], dtype=np.int64)
    distinct, rows = np.unique(find_local_days(moments, zone), return_inverse=True)
    days = [date.fromordinal(EPOCH + day) for day in distinct.tolist()]
    return {
        question: _read_hours([request.moment.astimezone(zone) for request in requests])
        if question.key == HOUR
        else _take(make_column(question.fact.type, [DAY_READERS[question.key](day) for day in days]), rows)
        for question in questions
    }


def _read_hours(local: Sequence[datetime]) -> Column:
    return ScalarColumn(FactType.NUMBER, np.array([moment.hour for moment in local], dtype=np.float64))


def _take(column: Column, rows: NDArray[np.intp]) -> Column:
    """Return the column whose row i is row `rows[i]` of this one."""
    if isinstance(column, ScalarColumn):
        return ScalarColumn(column.type, column.values[rows])
    if isinstance(column, TextColumn):
        return TextColumn(column.type, column.codes[rows], column.words)
    sizes = np.diff(column.offsets)[rows]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)
    codes = column.codes[np.repeat(column.offsets[rows], sizes) + within]
    return SetColumn(column.type, offsets, codes, column.words, column.known[rows])
