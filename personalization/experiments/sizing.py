"""How many customers a plan needs before it can tell, and how many weeks they take to come. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from personalization.experiments.intervals import find_quantile

MOST = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is to be found: `effect` against `baseline`, in the metric's unit; `spread` None: the metric is a share.

    `control` and `arm` are the parts of all customers in the two groups compared; `arms` how many are compared with the
    control, each at its part of `error_rate` (Bonferroni).
    """

    baseline: float
    effect: float
    spread: float | None
    control: float
    arm: float
    arms: int = 1
    error_rate: float = 0.05
    power: float = 0.8

    @property
    def unit_variance(self) -> float:
        """The variance of the difference if there were one customer in all, split as planned."""
        if self.spread is not None:
            return self.spread**2 * (1 / self.control + 1 / self.arm)
        reached = min(1.0, max(0.0, self.baseline + self.effect))
        before = self.baseline * (1 - self.baseline)
        return before / self.control + reached * (1 - reached) / self.arm

    @property
    def single_error_rate(self) -> float:
        return self.error_rate / self.arms


def size_fixed(question: Question) -> int:
    """Return how many customers in all to look once, at the end.

    S. C. Chow, J. Shao, H. Wang, Sample Size Calculations in Clinical Research (2008), 3.2 and 4.2: unequal groups,
    normal approximation, variances not pooled.
    """
    wanted = (find_quantile(question.single_error_rate) + NormalDist().inv_cdf(question.power)) / abs(question.effect)
    return min(MOST, math.ceil(wanted**2 * question.unit_variance))


def size_watched(question: Question) -> int:
    """Return how many customers in all until daily watching finds the effect, at the latest, with the power asked for.

    The information at which the effect exceeds the reach of `sequential.watch` by the quantile of the power.
    """
    late = NormalDist().inv_cdf(question.power)
    effect = abs(question.effect)
    low, high = 0.0, 1.0
    while high < 1e12 and _find_excess(high / effect**2, effect, question.single_error_rate) < late:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        enough = _find_excess(middle / effect**2, effect, question.single_error_rate) >= late
        low, high = (low, middle) if enough else (middle, high)
    return min(MOST, math.ceil(high / effect**2 * question.unit_variance))


def _find_excess(information: float, effect: float, error_rate: float) -> float:
    """Return by how many standard errors the effect lies beyond the reach."""
    gain = 1 + information * effect * effect
    reach = math.sqrt(2 * gain * math.log(math.sqrt(gain) / error_rate)) / (information * effect)
    return (effect - reach) * math.sqrt(information)


def count_weeks(size: int, reached: Sequence[int], audience_share: float) -> int | None:
    """Return after how many weeks `size` different customers have come; None when they never will.

    `reached[i]`: different customers within i + 1 weeks, as counted in the shop's past. After that history the pace of
    its second half goes on.
    """
    counts = [count * audience_share for count in reached]
    for week, count in enumerate(counts, start=1):
        if count >= size:
            return week
    if not counts:
        return None
    half = len(counts) // 2
    pace = (counts[-1] - counts[half]) / max(1, len(counts) - 1 - half)
    return None if pace <= 0 else len(counts) + math.ceil((size - counts[-1]) / pace)
