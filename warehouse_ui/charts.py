"""Numbers over days as places in an inline SVG: lines with steps, and bars. Pure; the page draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from warehouse_ui.experiments.charts import BOTTOM, HEIGHT, LEFT, WIDTH, Tick, list_ticks

RIGHT: Final = 8
TOP: Final = 8
Point = tuple[date, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """From days and values to pixels of a picture of WIDTH × HEIGHT."""

    first: date
    last: date
    low: float
    high: float

    def x(self, on: date) -> float:
        days = max(1, (self.last - self.first).days)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (on - self.first).days / days, 1)

    def y(self, value: float) -> float:
        share = (self.high - value) / ((self.high - self.low) or 1)
        return round(TOP + (HEIGHT - BOTTOM - TOP) * share, 1)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Whole numbers: pieces and parcels have no halves."""
        whole = (value for value in list_ticks(self.low, self.high) if value == int(value))
        return tuple(Tick(self.y(value), value) for value in whole)


@dataclass(frozen=True, slots=True)
class Lines:
    """`lines`: the points of each polyline, by the name of its series."""

    frame: Frame
    lines: Mapping[str, str]


def draw_steps(series: Mapping[str, Sequence[Point]], first: date, last: date) -> Lines:
    """Return values that hold until the next day named: the stock of each day's end."""
    values = [value for points in series.values() for _, value in points]
    frame = Frame(first, last, min(0.0, *values), max(1.0, *values))
    return Lines(frame, {name: _step(points, frame) for name, points in series.items()})


def _step(points: Sequence[Point], frame: Frame) -> str:
    places: list[str] = []
    before = points[0][1]
    for on, value in points:
        places += [f"{frame.x(on)},{frame.y(before)}", f"{frame.x(on)},{frame.y(value)}"]
        before = value
    return " ".join([*places, f"{frame.x(frame.last)},{frame.y(before)}"])


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """`stacks`: the bars of each series; a later series stands upon the one before."""

    frame: Frame
    stacks: Mapping[str, Sequence[Bar]]


def draw_bars(series: Mapping[str, Mapping[date, float]], first: date, last: date) -> Bars:
    """Return one bar per day and series, stacked in the order of the series."""
    days = sorted({day for values in series.values() for day in values})
    most = max([1.0, *(sum(values.get(day, 0) for values in series.values()) for day in days)])
    frame = Frame(first, last, 0.0, most)
    width = round(max(1.0, min(18.0, (WIDTH - LEFT - RIGHT) / ((last - first).days + 1) * 0.7)), 1)
    below: dict[date, float] = dict.fromkeys(days, 0.0)
    stacks: dict[str, list[Bar]] = {}
    for name, values in series.items():
        stacks[name] = []
        for day in days:
            value = max(0.0, values.get(day, 0))
            top, bottom = frame.y(below[day] + value), frame.y(below[day])
            below[day] += value
            if value > 0:
                left = min(WIDTH - RIGHT - width, max(float(LEFT), frame.x(day) - width / 2))
                stacks[name].append(Bar(round(left, 1), top, width, round(bottom - top, 1)))
    return Bars(frame, stacks)
