"""Facts about the moment, in the shop's time zone."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import jpholiday

from personalization.columns import Column, make_column
from personalization.facts.choices import SEASONS, WEEKDAYS
from personalization.facts.question import Question
from personalization.requests import DecisionRequest

READERS: Final[dict[str, Callable[[datetime], Any]]] = {
    "calendar.date": lambda local: local.date(),
    "calendar.weekday": lambda local: WEEKDAYS[local.weekday()].value,
    "calendar.month": lambda local: local.month,
    "calendar.day": lambda local: local.day,
    "calendar.hour": lambda local: local.hour,
    "calendar.season": lambda local: SEASONS[(local.month - 3) % 12 // 3].value,
    "calendar.is_holiday": lambda local: jpholiday.is_holiday(local.date()),
}


def load_calendar(
    requests: Sequence[DecisionRequest], zone: ZoneInfo, questions: Sequence[Question]
) -> dict[Question, Column]:
    local = [request.moment.astimezone(zone) for request in requests]
    return {q: make_column(q.fact.type, [READERS[q.key](moment) for moment in local]) for q in questions}
