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
FIRST: Final = (datetime(1, 1, 3, tzinfo=UTC) - START) // MICROSECOND
LAST: Final = (datetime(9999, 12, 29, tzinfo=UTC) - START) // MICROSECOND
BLOCK: Final = 512
# Days so far apart are looked at one by one, all others as one row of days.
FAR_DAYS: Final = 40_000


def find_local_days(moments: Ints, zone: ZoneInfo) -> NDArray[np.int32]:
    """Return local days since 1970-01-01 of moments in microseconds since 2000; one look at the zone per UTC day."""
    if not len(moments):
        return np.zeros(0, dtype=np.int32)
    shift = START.toordinal() - EPOCH
    utc_days = moments // DAY
    first, last = int(utc_days.min()), int(utc_days.max())
    if last - first > FAR_DAYS:
        days, places = np.unique(utc_days, return_inverse=True)
        offsets = np.array([_find_offsets(day, zone) for day in days.tolist()])
    else:
        places = utc_days - first
        blocks = [_find_block(block, zone) for block in range(first // BLOCK, last // BLOCK + 1)]
        offsets = np.concatenate(blocks)[first % BLOCK :][: last - first + 1]
    ahead = offsets[0, 0] if (offsets == offsets[0]).all() else offsets[places, 0]
    found = (moments + ahead) // DAY + shift
    # Where the clocks change within the day each moment is asked for itself.
    for row in np.flatnonzero((offsets[:, 0] != offsets[:, 1])[places]):
        found[row] = (int(moments[row]) + _offset(int(moments[row]), zone)) // DAY + shift
    local: NDArray[np.int32] = found.astype(np.int32)
    return local


@lru_cache(maxsize=1000)
def _find_block(block: int, zone: ZoneInfo) -> Ints:
    """Return `_find_offsets` of so many days on end (days × 2): orders ask for the same years again and again."""
    return np.array([_find_offsets(day, zone) for day in range(block * BLOCK, (block + 1) * BLOCK)], dtype=np.int64)


def _find_offsets(day: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return by how much local time is ahead at the start and the end of a UTC day."""
    return _offset(day * DAY, zone), _offset((day + 1) * DAY, zone)


def _offset(moment: int, zone: ZoneInfo) -> int:
    # At either end of the calendar a local day may lie beyond it.
    within = min(max(moment, FIRST), LAST)
    offset = (START + timedelta(microseconds=within)).astimezone(zone).utcoffset()
    return 0 if offset is None else offset // MICROSECOND


def count_microseconds(moment: datetime) -> int:
    return (moment - START) // MICROSECOND


def list_local_days(moments: Iterable[datetime], zone: ZoneInfo) -> list[date]:
    """Return the local day of each moment."""
    found = find_local_days(np.array([count_microseconds(moment) for moment in moments], dtype=np.int64), zone)
    days = {day: date.fromordinal(EPOCH + day) for day in np.unique(found).tolist()}
    return [days[day] for day in found.tolist()]
