"""RFM: scores 1 to 5 by the fifths of a shop's customers, and the segment they put a customer in. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_FIFTHS: Final = (0.2, 0.4, 0.6, 0.8)
# Segment by recency score (rows, 1 first) and frequency score (columns, 1 first).
_GRID: Final = (
    ("lost", "lost", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("about_to_sleep", "needs_attention", "needs_attention", "loyal", "loyal"),
    ("promising", "potential", "potential", "loyal", "loyal"),
    ("new", "potential", "potential", "champion", "champion"),
)
SEGMENTS: Final = tuple(dict.fromkeys(name for row in _GRID for name in row))
_CODES: Final = np.array([[SEGMENTS.index(name) for name in row] for row in _GRID], dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The four cuts between the fifths: days since the last purchase, number of purchases, their sum."""

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: tuple[float, ...]

    def score_recency(self, days: Array) -> Array:
        """Return 5 for the most recent fifth. Where many have one value, all of them get the better score."""
        return 5 - _count_below(self.recency, days)

    def score_frequency(self, purchases: Array) -> Array:
        """Return 5 for the fifth that bought most often. Where many have one value, all of them get the lower score."""
        return 1 + _count_below(self.frequency, purchases)

    def score_monetary(self, amount: Array) -> Array:
        return 1 + _count_below(self.monetary, amount)


def _count_below(cuts: tuple[float, ...], values: Array) -> Array:
    """Return how many cuts lie below each value; NaN stays NaN."""
    counted = np.searchsorted(np.array(cuts), values, side="left").astype(np.float64)
    return np.where(np.isnan(values), np.nan, counted)


def fit_quantiles(recency: Array, frequency: Array, monetary: Array) -> Quantiles:
    def cut(values: Array) -> tuple[float, ...]:
        return tuple(float(value) for value in np.quantile(values, _FIFTHS))

    return Quantiles(cut(recency), cut(frequency), cut(monetary))


def find_segments(recency: Array, frequency: Array) -> NDArray[np.int32]:
    """Return codes into SEGMENTS; -1 where a score is missing."""
    known = ~(np.isnan(recency) | np.isnan(frequency))
    codes = np.full(len(recency), -1, dtype=np.int32)
    codes[known] = _CODES[recency[known].astype(int) - 1, frequency[known].astype(int) - 1]
    return codes
