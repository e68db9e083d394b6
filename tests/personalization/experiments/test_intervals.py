"""Intervals against published figures; the sequential test against its own promise; sizes against simulation."""

import math

import numpy as np
import pytest

from personalization.experiments.intervals import (
    Sample,
    compare_means,
    compare_shares,
    estimate_mean,
    estimate_share,
    make_share,
)
from personalization.experiments.sequential import FIRST_LOOK, watch
from personalization.experiments.sizing import Question, count_weeks, size_fixed, size_watched


def sample_of(values: np.ndarray) -> Sample:
    return Sample(len(values), float(values.sum()), float((values**2).sum()))


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe (1998), table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_own_examples(first: tuple[int, int], second: tuple[int, int], low: float, high: float) -> None:
    interval = compare_shares(make_share(*first), make_share(*second))
    assert [interval.low, interval.high] == pytest.approx([low, high], abs=5e-5)


def test_wilsons_interval_of_a_share() -> None:
    # Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
    interval = estimate_share(make_share(81, 263))
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)
    nobody = estimate_share(make_share(0, 20))
    assert (round(nobody.low, 4), round(nobody.high, 4)) == (0.0, 0.1611)


def test_welchs_interval_of_a_difference() -> None:
    """The worked example of Student's sleep data: 95 % from −3.365 to 0.205, 17.8 degrees of freedom."""
    first = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    second = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    interval = compare_means(sample_of(first), sample_of(second))
    assert [interval.low, interval.high] == pytest.approx([-3.3654832, 0.2054832])
    one = estimate_mean(sample_of(first))
    assert [one.low, one.high] == pytest.approx([-0.5297804, 2.0297804])


def test_nothing_known_is_said_as_such() -> None:
    assert compare_shares(make_share(0, 0), make_share(3, 10)).low == -1
    assert compare_means(Sample(1, 5, 25), Sample(9, 9, 9)).high == math.inf
    assert not watch(make_share(30, 99), make_share(0, 99), 0.1, is_share=True).excludes_zero


def test_the_watched_interval_is_wider_than_the_fixed_one_and_narrows() -> None:
    reaches = []
    for size in (200, 1000, 5000, 25_000):
        arm, control = make_share(int(size * 0.36), size), make_share(int(size * 0.3), size)
        watched, fixed = watch(arm, control, 0.05, is_share=True), compare_shares(arm, control)
        assert watched.high - watched.low > fixed.high - fixed.low
        reaches.append(watched.high - watched.low)
    assert reaches == sorted(reaches, reverse=True)


def test_a_look_at_every_customer_errs_in_at_most_one_of_twenty_histories() -> None:
    """1,000 histories without any effect, looked at after each of 4,000 customers."""
    random = np.random.default_rng(2026)
    wrong = 0
    for _ in range(1000):
        values = random.normal(size=4000)
        signs = np.where(random.integers(0, 2, 4000) == 1, 1, -1)
        wrong += _ever_excludes_zero(values, signs)
    assert wrong / 1000 <= 0.05


def _ever_excludes_zero(values: np.ndarray, signs: np.ndarray) -> bool:
    """The formula of `watch` over whole arrays; the first look is that of the program."""
    effect = 0.1
    arm, control = np.cumsum(signs > 0), np.cumsum(signs < 0)
    difference = np.cumsum(np.where(signs > 0, values, 0)) / np.maximum(arm, 1) - np.cumsum(
        np.where(signs < 0, values, 0)
    ) / np.maximum(control, 1)
    information = 1 / (1 / np.maximum(arm, 1) + 1 / np.maximum(control, 1))
    gain = 1 + information * effect**2
    reach = np.sqrt(2 * gain * np.log(np.sqrt(gain) / 0.05)) / (information * effect)
    ready = (arm >= FIRST_LOOK) & (control >= FIRST_LOOK)
    return bool((np.abs(difference[ready]) > reach[ready]).any())


def test_the_size_of_a_textbook_example() -> None:
    """Chow, Shao, Wang (2008), 4.2.4: 65 % against 85 %, power 80 %: 70 patients in each of two groups (unpooled)."""
    question = Question(baseline=0.65, effect=0.2, spread=None, control=0.5, arm=0.5)
    assert size_fixed(question) == pytest.approx(140, abs=2)


@pytest.mark.parametrize(("baseline", "effect"), [(0.3, 0.05), (0.05, 0.02)])
def test_the_planned_size_finds_what_it_was_planned_for(baseline: float, effect: float) -> None:
    """Simulated power lies near 80 % at the planned number, by either way of looking."""
    random = np.random.default_rng(7)
    question = Question(baseline=baseline, effect=effect, spread=None, control=0.5, arm=0.5)
    half = size_fixed(question) // 2
    found = [
        compare_shares(make_share(a, half), make_share(c, half)).excludes_zero
        for a, c in zip(
            random.binomial(half, baseline + effect, 3000), random.binomial(half, baseline, 3000), strict=True
        )
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=0.03)
    half = size_watched(question) // 2
    watched = [
        watch(make_share(a, half), make_share(c, half), effect, is_share=True).excludes_zero
        for a, c in zip(
            random.binomial(half, baseline + effect, 3000), random.binomial(half, baseline, 3000), strict=True
        )
    ]
    # Looked at only once, at the end; whoever looks every day finds it no later.
    assert np.mean(watched) == pytest.approx(0.8, abs=0.03)


def test_three_groups_and_a_small_one_need_more() -> None:
    plain = Question(baseline=0.3, effect=0.05, spread=None, control=0.5, arm=0.5)
    assert size_fixed(Question(baseline=0.3, effect=0.05, spread=None, control=0.9, arm=0.1)) > 2 * size_fixed(plain)
    several = Question(baseline=0.3, effect=0.05, spread=None, control=0.5, arm=0.5, arms=2)
    assert size_fixed(several) > size_fixed(plain)
    assert size_watched(plain) > size_fixed(plain)


def test_weeks_go_by_the_customers_who_really_came() -> None:
    reached = [100, 150, 180, 200]
    assert count_weeks(150, reached, 1) == 2
    assert count_weeks(150, reached, 0.5) == 4 + math.ceil((150 - 100) / 10)
    assert count_weeks(10, [], 1) is None
    assert count_weeks(10, [5, 5, 5], 1) is None
