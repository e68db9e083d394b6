"""Many moments at once: as microseconds, and their days in a time zone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from personalization.columns import EPOCH

Ints = NDArray[np.int64]

# PostgreSQL sends moments as microseconds since this day; "infinity" is the largest number.
START: Final = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = 86_400_000_000
# Days so far apart are looked at one by one, all others as one row of days.
FAR_DAYS: Final = 40_000


def find_local_days(moments: Ints, zone: ZoneInfo) -> NDArray[np.int32]:
    """Return local days since 1970-01-01 of moments in microseconds since 2000; one look at the zone per UTC day."""
    if not len(moments):
        return np.zeros(0, dtype=np.int32)
    shift = START.toordinal() - EPOCH
    utc_days = moments // DAY
    first = int(utc_days.min())
    if int(utc_days.max()) - first > FAR_DAYS:
        days, places = np.unique(utc_days, return_inverse=True)
    else:
        days, places = np.arange(first, int(utc_days.max()) + 1), utc_days - first
    offsets = np.array([_find_offsets(day, zone) for day in days.tolist()]).reshape(-1, 2)
    ahead = offsets[0, 0] if (offsets == offsets[0]).all() else offsets[places, 0]
    found = (moments + ahead) // DAY + shift
    # Where the clocks change within the day each moment is asked for itself.
    for row in np.flatnonzero((offsets[:, 0] != offsets[:, 1])[places]):
        found[row] = (int(moments[row]) + _offset(int(moments[row]), zone)) // DAY + shift
    local: NDArray[np.int32] = found.astype(np.int32)
    return local


@lru_cache(maxsize=20_000)
def _find_offsets(day: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return by how much local time is ahead at the start and the end of a UTC day."""
    return _offset(day * DAY, zone), _offset((day + 1) * DAY, zone)


def _offset(moment: int, zone: ZoneInfo) -> int:
    offset = (START + timedelta(microseconds=moment)).astimezone(zone).utcoffset()
    return 0 if offset is None else offset // MICROSECOND


def count_microseconds(moment: datetime) -> int:
    return (moment - START) // MICROSECOND


def list_local_days(moments: Iterable[datetime], zone: ZoneInfo) -> list[date]:
    """Return the local day of each moment."""
    found = find_local_days(np.array([count_microseconds(moment) for moment in moments], dtype=np.int64), zone)
    days = {day: date.fromordinal(EPOCH + day) for day in np.unique(found).tolist()}
    return [days[day] for day in found.tolist()]
