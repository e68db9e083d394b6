"""Intervals for one fixed moment: of a share, of a mean, of their differences. Pure; arrays or single numbers.

They say what their level promises only when read once, at the end that was planned; for daily looks: `sequential.py`.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import stdtrit


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the range that holds the truth with the confidence that was asked for."""

    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0

    def times(self, factor: float) -> "Interval":
        low, high = sorted((self.low * factor, self.high * factor))
        return Interval(self.estimate * factor, low, high)

    def minus(self, amount: float) -> "Interval":
        return Interval(self.estimate - amount, self.low - amount, self.high - amount)


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of one group: how many, the sum of their values and the sum of the squares."""

    size: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.size if self.size else 0.0

    @property
    def variance(self) -> float:
        """Of one value, with n − 1 below the line; 0 for fewer than two."""
        if self.size < 2:
            return 0.0
        return max(0.0, (self.squares - self.total * self.total / self.size) / (self.size - 1))

    def plus(self, other: "Sample") -> "Sample":
        return Sample(self.size + other.size, self.total + other.total, self.squares + other.squares)


EMPTY = Sample(0, 0.0, 0.0)


def make_share(successes: int, size: int) -> Sample:
    """Return the sample of values that are 0 or 1."""
    return Sample(size, float(successes), float(successes))


def find_quantile(error_rate: float) -> float:
    """Return the two-sided quantile of the normal distribution: 1.96 for 0.05."""
    return NormalDist().inv_cdf(1 - error_rate / 2)


def estimate_share(sample: Sample, error_rate: float = 0.05) -> Interval:
    """Return the score interval of a share.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, J. Am. Stat. Assoc. 22 (1927).
    """
    if not sample.size:
        return Interval(0.0, 0.0, 1.0)
    z, n, p = find_quantile(error_rate), sample.size, sample.mean
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(p, max(0.0, float(centre - reach)), min(1.0, float(centre + reach)))


def estimate_mean(sample: Sample, error_rate: float = 0.05) -> Interval:
    """Return Student's interval of a mean; unlimited for fewer than two values."""
    if sample.size < 2:
        return Interval(sample.mean, -np.inf, np.inf)
    reach = _quantile_of_t(sample.size - 1, error_rate) * np.sqrt(sample.variance / sample.size)
    return Interval(sample.mean, float(sample.mean - reach), float(sample.mean + reach))


def compare_shares(arm: Sample, control: Sample, error_rate: float = 0.05) -> Interval:
    """Return the interval of the difference of two shares, arm − control.

    R. G. Newcombe, Interval estimation for the difference between independent proportions: comparison of eleven
    methods, Statistics in Medicine 17 (1998), method 10: never outside −1 … 1, and honest for few successes.
    """
    mine, other = estimate_share(arm, error_rate), estimate_share(control, error_rate)
    difference = mine.estimate - other.estimate
    below = np.hypot(mine.estimate - mine.low, other.high - other.estimate)
    above = np.hypot(mine.high - mine.estimate, other.estimate - other.low)
    if not (arm.size and control.size):
        return Interval(difference, -1.0, 1.0)
    return Interval(difference, float(difference - below), float(difference + above))


def compare_means(arm: Sample, control: Sample, error_rate: float = 0.05) -> Interval:
    """Return the interval of the difference of two means, arm − control, whatever their variances.

    B. L. Welch, The generalization of Student's problem when several different population variances are involved,
    Biometrika 34 (1947); degrees of freedom by Satterthwaite (1946).
    """
    difference = arm.mean - control.mean
    if arm.size < 2 or control.size < 2:
        return Interval(difference, -np.inf, np.inf)
    mine, other = arm.variance / arm.size, control.variance / control.size
    spread = mine + other
    if spread == 0:
        return Interval(difference, difference, difference)
    freedom = spread**2 / (mine**2 / (arm.size - 1) + other**2 / (control.size - 1))
    reach = _quantile_of_t(freedom, error_rate) * np.sqrt(spread)
    return Interval(difference, float(difference - reach), float(difference + reach))


def _quantile_of_t(freedom: float, error_rate: float) -> float:
    return float(stdtrit(freedom, 1 - error_rate / 2))
