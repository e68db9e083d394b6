"""A difference over time with its band, as numbers for an inline SVG. Pure; the page draws them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from personalization.experiments.comparing import Point
from personalization.experiments.intervals import Interval

WIDTH: Final = 640
HEIGHT: Final = 240
LEFT: Final = 56
BOTTOM: Final = 28
TICKS: Final = 6


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Places in pixels of a picture of WIDTH × HEIGHT; `band` is the outline of the interval, `line` the estimate."""

    line: str
    band: str
    zero: float
    ticks: tuple[Tick, ...]
    first: date
    last: date


def pick(point: Point, *, watched: bool) -> Interval:
    return point.watched if watched else point.fixed


def draw(points: Sequence[Point], *, watched: bool) -> Chart | None:
    """Return the chart of all days on which the interval was finite; None for fewer than two."""
    known = [(point.on, pick(point, watched=watched)) for point in points]
    known = [(on, interval) for on, interval in known if math.isfinite(interval.high - interval.low)]
    if len(known) < 2:
        return None
    low = min(0.0, *(interval.low for _, interval in known))
    high = max(0.0, *(interval.high for _, interval in known))
    days = max(1, (known[-1][0] - known[0][0]).days)

    def x(on: date) -> float:
        return round(LEFT + (WIDTH - LEFT - 8) * (on - known[0][0]).days / days, 1)

    def y(value: float) -> float:
        return round(8 + (HEIGHT - BOTTOM - 8) * (high - value) / ((high - low) or 1), 1)

    upper = [f"{x(on)},{y(interval.high)}" for on, interval in known]
    lower = [f"{x(on)},{y(interval.low)}" for on, interval in reversed(known)]
    line = [f"{x(on)},{y(interval.estimate)}" for on, interval in known]
    ticks = tuple(Tick(y(value), value) for value in list_ticks(low, high))
    return Chart(" ".join(line), " ".join(upper + lower), y(0.0), ticks, known[0][0], known[-1][0])


def list_ticks(low: float, high: float) -> list[float]:
    """Return round values between the ends: 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / TICKS or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = math.ceil(low / step)
    return [step * number for number in range(first, math.floor(high / step) + 1)]
