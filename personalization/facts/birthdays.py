"""Birthdays by arrays: the next one, the last one, age. Dates are days since 1970-01-01 as float64; NaN is unknown.

A birthday of 29 February is kept on the 28th in years that have none.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.float64]
DAY: Final = np.timedelta64(1, "D")


def move_to_year(born: NDArray[np.datetime64], years: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Return the birthdays in these years."""
    month = born.astype("datetime64[M]")
    day = born - month.astype("datetime64[D]")
    wanted = (years - 1970) * 12 + month.astype(np.int64) % 12
    moved = wanted.astype("datetime64[M]").astype("datetime64[D]") + day
    return np.asarray(np.where(moved.astype("datetime64[M]").astype(np.int64) == wanted, moved, moved - DAY))


def _years(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return dates.astype("datetime64[Y]").astype(np.int64) + 1970


def _as_days(dates: Any) -> Days:
    return np.asarray(dates.astype("datetime64[D]").astype(np.int64), dtype=np.float64)


def _next(born: Any, today: Any) -> Any:
    this_year = move_to_year(born, _years(today))
    return np.where(this_year >= today, this_year, move_to_year(born, _years(today) + 1))


def _last(born: Any, today: Any) -> Any:
    this_year = move_to_year(born, _years(today))
    return np.where(this_year <= today, this_year, move_to_year(born, _years(today) - 1))


def _age(born: Any, today: Any) -> Any:
    return _years(today) - _years(born) - (today < move_to_year(born, _years(today)))


def _to_next(born: Any, today: Any) -> Any:
    return (_next(born, today) - today).astype(np.int64)


def _since_last(born: Any, today: Any) -> Any:
    return (today - _last(born, today)).astype(np.int64)


READERS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "customer.birth_month": lambda born, _: born.astype("datetime64[M]").astype(np.int64) % 12 + 1,
    "customer.next_birthday": lambda born, today: _as_days(_next(born, today)),
    "customer.days_to_birthday": _to_next,
    "customer.days_since_birthday": _since_last,
    "customer.days_from_birthday": lambda born, today: np.minimum(_to_next(born, today), _since_last(born, today)),
    "customer.age": _age,
    "customer.age_decade": lambda born, today: _age(born, today) // 10 * 10,
}


def read_birthday(key: str, born: Days, today: Days) -> Days:
    """Return the fact for each pair of a birthday and a day; unknown where the birthday is, or is still to come."""
    found = np.full(len(born), np.nan)
    known = born <= today
    dates = [days[known].astype(np.int64).astype("datetime64[D]") for days in (born, today)]
    found[known] = READERS[key](*dates)
    return found
