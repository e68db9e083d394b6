"""A test that may be looked at every day: its promise holds however often, and whenever one stops. Pure."""

import math
from typing import Final

from personalization.experiments.intervals import Interval, Sample

# R. Johari, P. Koomen, L. Pekelis, D. Walsh, Always Valid Inference: Continuous Monitoring of A/B Tests, Operations
# Research 70 (2022): the mixture sequential probability ratio test with a normal mixture, and the confidence sequence
# that inverts it. For two groups of any sizes the information 1 / (s₁²/n₁ + s₂²/n₂) takes the place of n / 2σ². For
# values that are not normal it holds from a first look on at which the central limit theorem does: I. Waudby-Smith,
# D. Arbour, R. Sinha, E. H. Kennedy, A. Ramdas, Time-uniform central limit theory and asymptotic confidence sequences,
# Annals of Statistics 52 (2024).
# Before each group has so many customers, and so many with and without success, nothing is concluded.
FIRST_LOOK: Final = 100
FIRST_SUCCESSES: Final = 10


def is_ready(arm: Sample, control: Sample, *, is_share: bool) -> bool:
    """Whether both groups are large enough for a look to mean anything."""
    for sample in (arm, control):
        if sample.size < FIRST_LOOK or sample.variance <= 0:
            return False
        if is_share and min(sample.total, sample.size - sample.total) < FIRST_SUCCESSES:
            return False
    return True


def find_information(arm: Sample, control: Sample) -> float:
    """Return how much is known of the difference: 1 / its variance; 0 when nothing is."""
    if not (arm.size and control.size):
        return 0.0
    variance = arm.variance / arm.size + control.variance / control.size
    return 1 / variance if variance > 0 else 0.0


def watch(arm: Sample, control: Sample, effect: float, error_rate: float = 0.05, *, is_share: bool) -> Interval:
    """Return the confidence sequence of the difference arm − control at this moment; unlimited before the first look.

    `effect` is the standard deviation of the mixture: the effect one would like to find, fixed before the start.
    """
    difference = arm.mean - control.mean
    information = find_information(arm, control)
    if not is_ready(arm, control, is_share=is_share) or information == 0:
        return Interval(difference, -math.inf, math.inf)
    gain = 1 + information * effect * effect
    reach = math.sqrt(2 * gain * math.log(math.sqrt(gain) / error_rate)) / (information * effect)
    return Interval(difference, difference - reach, difference + reach)
