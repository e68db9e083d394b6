"""What is asked of a backtest: local days become moments, a share becomes a sample."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from core.errors import InvalidInputError
from fulfillment.backtest.service import Period
from warehouse_ui.forms import read_text
from warehouse_ui.i18n import gettext

USUAL_DAYS: Final = 30
SAMPLES: Final = ("100", "50", "25", "10")


@dataclass(frozen=True)
class Asked:
    """What stands in the form. Both days are included."""

    first: str
    last: str
    sample: str = "100"
    note: str = ""


def suggest(today: date) -> Asked:
    return Asked((today - timedelta(days=USUAL_DAYS)).isoformat(), today.isoformat())


def read_asked(form: FormData) -> Asked:
    first, last, sample, note = (read_text(form, name) for name in ("first", "last", "sample", "note"))
    return Asked(first, last, sample, note[:500])


def to_period(asked: Asked, zone: ZoneInfo) -> Period:
    """Return the moments of these days. Raises InvalidInputError with the field's name."""
    first, last = _read_day(asked.first, "first"), _read_day(asked.last, "last")
    if last < first:
        raise InvalidInputError(gettext("終わりの日が、始めの日より前です。"), field="last")
    if asked.sample not in SAMPLES:
        raise InvalidInputError(gettext("調べる割合を選んでください。"), field="sample")
    sample = None if asked.sample == "100" else int(asked.sample) / 100
    return Period(_begin(first, zone), _begin(last + timedelta(days=1), zone), sample)


def _read_day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(gettext("日付を入力してください。"), field=field) from None


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
