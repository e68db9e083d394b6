"""The days on which customers bought, as arrays read once per batch: what intervals and models are computed from."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from personalization.loading.blocks import read_numbers
from personalization.loading.history import AS_OF, SEEN
from personalization.loading.subjects import Subjects

Array = NDArray[np.float64]
# Every purchase that the moment knows of, this order's own included; `before` tells which are before this order.
ALL_SUBJECTS: Final = """
    (SELECT position, customer_id, moment, today, CAST('infinity' AS timestamptz) AS ordered_at, number,
            ordered_at AS placed_at, number AS order_number FROM {subjects}) AS subjects
"""
COLUMNS: Final = """
    t.amount, (t.occurred_at, t.external_id) < (subjects.placed_at, subjects.order_number) AS before,
    CAST(t.occurred_at AT TIME ZONE :zone AS date) - DATE '1970-01-01' AS day
"""
_KEPT: Final = "purchase days"


@dataclass(frozen=True, slots=True)
class Purchases:
    """One entry per purchase: `position` of the request, `day` since 1970-01-01."""

    position: NDArray[np.int64]
    day: Array
    amount: Array
    before: NDArray[np.bool_]

    def summarise(self, size: int, *, before: bool) -> "PurchaseDays":
        """Return what each request's purchases come to; `before`: only those before its order."""
        chosen = self.before if before else np.ones(len(self.day), dtype=np.bool_)
        position, day, amount = self.position[chosen], self.day[chosen].astype(np.int64), self.amount[chosen]
        order = np.lexsort((day, position))
        position, day, amount = position[order], day[order], amount[order]
        # The first purchase of each day, then the first day of each request.
        new_day = np.flatnonzero(_differs(position) | _differs(day))
        of_day = np.add.reduceat(amount, new_day) if len(new_day) else amount
        count = np.diff(np.append(new_day, len(day)))
        return _summarise_days(position[new_day], day[new_day], of_day, count, size)


@dataclass(frozen=True, slots=True)
class PurchaseDays:
    """One entry per request; NaN without a purchase. Purchases of one day count as one day.

    Days are since 1970-01-01, gaps in days; `gap_spread` is the sample standard deviation, from three days on.
    """

    days: Array
    first_day: Array
    last_day: Array
    purchases: Array
    amount: Array
    first_amount: Array
    mean_gap: Array
    gap_spread: Array
    longest_gap: Array


def load_purchases_of(subjects: Subjects) -> Purchases:
    """Return the purchases of a batch, read once for all who ask."""
    if _KEPT not in subjects.kept:
        everybody = ALL_SUBJECTS.format(subjects=subjects.table)
        query = SEEN.format(columns=COLUMNS, subjects=everybody, as_of=AS_OF[subjects.as_of])
        asked = {"day": "day", "amount": "coalesce(amount, 0)", "before": "CAST(before AS integer)"}
        parameters = {**subjects.parameters, "kinds": ["purchase"]}
        positions, found = read_numbers(subjects.session, query, asked, parameters)
        subjects.kept[_KEPT] = Purchases(positions, found["day"], found["amount"], found["before"] > 0)
    kept: Purchases = subjects.kept[_KEPT]
    return kept


def _differs(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where a value is not that of the entry before."""
    return np.concatenate([np.ones(min(1, len(values)), dtype=np.bool_), values[1:] != values[:-1]])


def _summarise_days(
    position: NDArray[np.int64], day: NDArray[np.int64], amount: Array, count: NDArray[np.int64], size: int
) -> PurchaseDays:
    first = np.flatnonzero(_differs(position))
    who = position[first]
    days = np.diff(np.append(first, len(day)))
    last = first + days - 1

    def fill(values: NDArray[Any]) -> Array:
        filled = np.full(size, np.nan)
        filled[who] = values
        return filled

    def fold(combine: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        return combine.reduceat(values, first) if len(first) else values

    gaps = np.where(_differs(position), 0, np.diff(day, prepend=0)).astype(np.float64)
    repeats = days - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(repeats > 0, (day[last] - day[first]) / repeats, np.nan)
        off = np.where(_differs(position), 0, gaps - np.repeat(mean, days))
        spread = np.where(repeats > 1, np.sqrt(fold(np.add, off**2) / (repeats - 1)), np.nan)
    return PurchaseDays(
        days=fill(days),
        first_day=fill(day[first]),
        last_day=fill(day[last]),
        purchases=fill(fold(np.add, count)),
        amount=fill(fold(np.add, amount)),
        first_amount=fill(amount[first]),
        mean_gap=fill(mean),
        gap_spread=fill(spread),
        longest_gap=fill(np.where(repeats > 0, fold(np.maximum, gaps), np.nan)),
    )
