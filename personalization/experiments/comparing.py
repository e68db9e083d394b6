"""From counted outcomes to what may be said: each arm, each difference, day by day, and whether one may stop. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from personalization.experiments.intervals import (
    EMPTY,
    Interval,
    Sample,
    compare_means,
    compare_shares,
    estimate_mean,
    estimate_share,
)
from personalization.experiments.models import Method, Metric
from personalization.experiments.outcomes import SHARES, Cell
from personalization.experiments.sequential import watch


class Verdict(StrEnum):
    NOT_YET = "not_yet"  # nothing may be concluded
    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference"  # the planned number was observed and the interval holds zero


@dataclass(frozen=True, kw_only=True, slots=True)
class Design:
    """What was fixed before the start. `arms`: what is compared with the `control`; `effect` of the primary metric, and
    `scale` the same in standard deviations, for the other metrics.
    """

    control: str
    arms: tuple[str, ...]
    metric: Metric
    method: Method
    effect: float
    scale: float
    planned_size: int
    error_rate: float = 0.05

    @property
    def single_error_rate(self) -> float:
        """The error rate of one comparison among several (Bonferroni)."""
        return self.error_rate / max(1, len(self.arms))


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against the control. `fixed` holds when read once at the end, `watched` on whichever day."""

    arm: str
    metric: Metric
    fixed: Interval
    watched: Interval


@dataclass(frozen=True, slots=True)
class ArmOutcome:
    """`value` of those assigned, `packed_value` of those for whom it was really packed: who those are was not left to
    chance, so it proves nothing by itself.
    """

    arm: str
    metric: Metric
    value: Interval
    size: int
    packed_value: Interval
    packed_size: int


@dataclass(frozen=True, slots=True)
class Point:
    """How a comparison stood at the end of a day, with so many customers observed in both groups."""

    on: date
    size: int
    fixed: Interval
    watched: Interval


def estimate(sample: Sample, metric: Metric, error_rate: float = 0.05) -> Interval:
    return estimate_share(sample, error_rate) if metric in SHARES else estimate_mean(sample, error_rate)


def compare(arm: Sample, control: Sample, metric: Metric, design: Design) -> tuple[Interval, Interval]:
    """Return the difference arm − control with its fixed and its watched interval."""
    rate = design.single_error_rate
    is_share = metric in SHARES
    fixed = compare_shares(arm, control, rate) if is_share else compare_means(arm, control, rate)
    effect = design.effect if metric is design.metric else design.scale * arm.plus(control).variance ** 0.5
    if effect <= 0:
        return fixed, Interval(fixed.estimate, float("-inf"), float("inf"))
    return fixed, watch(arm, control, effect, rate, is_share=is_share)


def sum_arms(cells: Sequence[Cell], metric: Metric, *, packed_only: bool = False) -> dict[str, Sample]:
    found: dict[str, Sample] = {}
    for cell in cells:
        if cell.is_packed or not packed_only:
            found[cell.arm] = found.get(cell.arm, EMPTY).plus(cell.samples[metric])
    return found


def describe_arms(cells: Sequence[Cell], metric: Metric, design: Design) -> list[ArmOutcome]:
    """Return control first, then the arms in their order."""
    everybody, packed = sum_arms(cells, metric), sum_arms(cells, metric, packed_only=True)
    outcomes = []
    for arm in (design.control, *design.arms):
        mine, theirs = everybody.get(arm, EMPTY), packed.get(arm, EMPTY)
        value, packed_value = (estimate(sample, metric, design.error_rate) for sample in (mine, theirs))
        outcomes.append(ArmOutcome(arm, metric, value, mine.size, packed_value, theirs.size))
    return outcomes


def compare_arms(cells: Sequence[Cell], metric: Metric, design: Design) -> list[Comparison]:
    samples = sum_arms(cells, metric)
    control = samples.get(design.control, EMPTY)
    return [Comparison(arm, metric, *compare(samples.get(arm, EMPTY), control, metric, design)) for arm in design.arms]


def trace(cells: Sequence[Cell], arm: str, metric: Metric, design: Design) -> list[Point]:
    """Return how the comparison stood at the end of each day on which somebody's window ended."""
    return list(_trace(cells, arm, metric, design))


def _trace(cells: Sequence[Cell], arm: str, metric: Metric, design: Design) -> Iterator[Point]:
    mine, control = EMPTY, EMPTY
    concerned = (cell for cell in cells if cell.arm in (arm, design.control))
    for day, group in groupby(concerned, key=lambda cell: cell.matured_on):
        for cell in group:
            if cell.arm == arm:
                mine = mine.plus(cell.samples[metric])
            else:
                control = control.plus(cell.samples[metric])
        yield Point(day, mine.size + control.size, *compare(mine, control, metric, design))


def judge(cells: Sequence[Cell], design: Design) -> dict[str, Verdict]:
    """Return for each arm what may be concluded of the primary metric now.

    Watched: what was once found stays found, whatever the following days bring. Fixed: read at the planned number.
    """
    if design.method is Method.WATCHED:
        return {arm: _judge_watched(trace(cells, arm, design.metric, design), design) for arm in design.arms}
    planned = cut_at_plan(cells, design)
    if planned is None:
        return dict.fromkeys(design.arms, Verdict.NOT_YET)
    found = compare_arms(planned, design.metric, design)
    return {comparison.arm: _judge(comparison.fixed, design.metric) for comparison in found}


def cut_at_plan(cells: Sequence[Cell], design: Design) -> list[Cell] | None:
    """Return the cells up to the day on which the planned number was observed; None before that day."""
    taken: list[Cell] = []
    size = 0
    for _, group in groupby(cells, key=lambda cell: cell.matured_on):
        today = list(group)
        taken += today
        size += sum(cell.samples[design.metric].size for cell in today)
        if size >= design.planned_size:
            return taken
    return None


def _judge_watched(points: Sequence[Point], design: Design) -> Verdict:
    for point in points:
        if point.watched.excludes_zero:
            return _judge(point.watched, design.metric)
    return Verdict.NOT_YET


def _judge(interval: Interval, metric: Metric) -> Verdict:
    if not interval.excludes_zero:
        return Verdict.NO_DIFFERENCE
    is_higher = interval.low > 0
    return Verdict.BETTER if is_higher is (metric is not Metric.SUPPORT) else Verdict.WORSE


def find_scale(effect: float, baseline: float, spread: float | None) -> float:
    """Return the effect in standard deviations of the primary metric."""
    deviation: float = spread if spread is not None else (baseline * (1 - baseline)) ** 0.5
    return effect / deviation if deviation else 0.0


def group_by_arm(outcomes: Sequence[ArmOutcome]) -> Mapping[str, ArmOutcome]:
    return {outcome.arm: outcome for outcome in outcomes}
