"""The models against what was published, and laws that hold for every customer."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from personalization.prediction.bgnbd import BgNbd, fit_bgnbd
from personalization.prediction.gamma_gamma import GammaGamma, fit_gamma_gamma
from tests.personalization.prediction.cdnow import read_summaries

# Fader, Hardie and Lee (2005), table 2; Fader and Hardie (2013), page 5.
PUBLISHED = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
PUBLISHED_AMOUNTS = GammaGamma(p=6.25, q=3.74, v=15.45)
models = st.builds(BgNbd, *[st.floats(0.05, 20) for _ in range(4)])
ages = st.floats(1, 300)
shares = st.floats(0, 1)
counts = st.integers(0, 300).map(float)


def one(value: float) -> np.ndarray:
    return np.array([value])


def test_bg_nbd_finds_the_published_parameters_of_cdnow() -> None:
    x, tx, age = read_summaries("cdnow_customers_summary.csv", "frequency", "recency", "T")
    assert len(x) == 2357
    fitted = fit_bgnbd(x, tx, age)
    assert astuple(fitted) == pytest.approx(astuple(PUBLISHED), abs=0.001)
    assert fitted.log_likelihood(x, tx, age).sum() == pytest.approx(-9582.4, abs=0.05)


def test_bg_nbd_does_not_depend_on_the_unit_of_time() -> None:
    x, tx, age = read_summaries("cdnow_customers_summary.csv", "frequency", "recency", "T")
    weeks, days = fit_bgnbd(x, tx, age), fit_bgnbd(x, tx * 7, age * 7)
    assert (days.r, days.alpha / 7, days.a, days.b) == pytest.approx(astuple(weeks), rel=0.002)


def test_bg_nbd_expects_what_the_note_on_spreadsheets_computes() -> None:
    # Fader, Hardie, Lee (2005), "Implementing the BG/NBD Model … in Excel": x = 2, tx = 30.43, T = 38.86, 39 weeks.
    expected = PUBLISHED.expected_purchases(39, one(2), one(30.43), one(38.86))
    assert expected[0] == pytest.approx(1.226, abs=0.001)


def test_gamma_gamma_finds_the_published_parameters_of_cdnow() -> None:
    x, mean = read_summaries("cdnow_customers_summary_with_transactions.csv", "x", "zbar")
    repeat = x > 0
    fitted = fit_gamma_gamma(x[repeat], mean[repeat])
    assert int(repeat.sum()) == 946
    assert astuple(fitted) == pytest.approx(astuple(PUBLISHED_AMOUNTS), abs=0.01)
    assert fitted.expected_amount(one(0), one(np.nan))[0] == pytest.approx(35.17, abs=0.02)


def test_gamma_gamma_scales_with_the_currency() -> None:
    x, mean = read_summaries("cdnow_customers_summary_with_transactions.csv", "x", "zbar")
    repeat = x > 0
    yen = fit_gamma_gamma(x[repeat], mean[repeat] * 150)
    assert (yen.p, yen.q, yen.v / 150) == pytest.approx(astuple(PUBLISHED_AMOUNTS), rel=0.01)


@settings(max_examples=60)
@given(models, counts, ages, shares, st.floats(1, 200))
def test_what_is_expected_is_the_integral_over_rate_and_loss(
    model: BgNbd, x: float, age: float, share: float, weeks: float
) -> None:
    # Given active, the rate is Gamma(r + x, alpha + age) and the loss p is Beta(a, b + x); of a given customer
    # (1 - exp(-rate p t)) / p purchases are to be expected.
    of = (one(x), one(age * share), one(age))
    assume(model.probability_alive(*of)[0] > 1e-6)

    def expect(p: float) -> float:
        return float(-np.expm1(-(model.r + x) * np.log1p(p * weeks / (model.alpha + age))) / p)

    loss = beta(model.a, model.b + x)
    points = loss.ppf((np.arange(4000) + 0.5) / 4000)
    integral = np.mean([expect(p) for p in points[points > 0]])
    given_active = model.expected_purchases(weeks, *of)[0] / model.probability_alive(*of)[0]
    assert given_active == pytest.approx(integral, rel=0.02)


@given(models, counts, ages, shares, shares)
def test_whoever_bought_more_recently_is_more_probably_active(
    model: BgNbd, x: float, age: float, share: float, other: float
) -> None:
    early, late = sorted((share, other))
    alive = model.probability_alive(np.array([x, x]), age * np.array([early, late]), np.array([age, age]))
    assert 0 <= alive[0] <= alive[1] + 1e-12
    assert alive[1] <= 1


@given(models, counts, ages, shares, st.floats(0, 520), st.floats(0, 520))
def test_more_time_brings_more_purchases_and_more_probably_one(
    model: BgNbd, x: float, age: float, share: float, first: float, second: float
) -> None:
    short, long = sorted((first, second))
    of = (one(x), one(age * share), one(age))
    few, many = (model.expected_purchases(weeks, *of)[0] for weeks in (short, long))
    # Where next to nothing is expected, what is left is rounding.
    assert -1e-9 <= few <= many * (1 + 1e-6) + 1e-6
    less, more = (model.probability_of_purchase(weeks, *of)[0] for weeks in (short, long))
    assert 0 <= less <= more + 1e-12
    assert more <= min(1, many * (1 + 1e-6) + 1e-6), "one purchase or more is expected at least that often"


@given(models, counts, ages, shares)
def test_half_of_the_active_have_bought_again_by_the_median(model: BgNbd, x: float, age: float, share: float) -> None:
    of = (one(x), one(age * share), one(age))
    assume(model.probability_alive(*of)[0] > 1e-6)
    wait = float(model.median_wait(one(x), one(age))[0])
    given_active = model.probability_of_purchase(wait, *of) / model.probability_alive(*of)
    assert given_active[0] == pytest.approx(0.5, rel=1e-6)


@given(counts.filter(bool), st.floats(10, 1000), st.floats(10, 1000))
def test_an_expected_amount_lies_between_ones_own_and_that_of_all(x: float, mean: float, other: float) -> None:
    everybody = PUBLISHED_AMOUNTS.expected_amount(one(0), one(np.nan))[0]
    expected, more = PUBLISHED_AMOUNTS.expected_amount(np.array([x, x]), np.sort([mean, other]))
    own = min(mean, other)
    assert min(own, everybody) - 1e-6 <= expected <= max(own, everybody) + 1e-6
    assert expected <= more + 1e-9


def test_customers_who_bought_once_are_active_by_definition_of_the_model() -> None:
    assert PUBLISHED.probability_alive(one(0), one(0), one(50))[0] == 1


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.0), (0.5, 0.5), (0.25, 0.75)])
def test_parameters_at_which_the_formula_is_singular_are_like_their_neighbours(a: float, b: float) -> None:
    at, near = BgNbd(0.3, 4, a, b), BgNbd(0.3, 4, a + 0.0001, b + 0.0001)
    of = (np.array([0.0, 3.0]), np.array([0.0, 20.0]), np.array([30.0, 30.0]))
    assert at.expected_purchases(52, *of) == pytest.approx(near.expected_purchases(52, *of), rel=0.01)


def test_where_nobody_differs_everybody_is_expected_to_do_what_all_do() -> None:
    random = np.random.default_rng(7)
    age = random.uniform(20, 100, 4000)
    x = random.poisson(age / 10).astype(np.float64)
    tx = np.where(x > 0, age * random.beta(np.maximum(x, 1), 1), 0)
    model = fit_bgnbd(x, tx, age)
    foretold = model.expected_purchases(50, x, tx, age)
    assert np.mean(foretold) == pytest.approx(5, rel=0.1)
    # Averages of more purchases lie closer together, as they do where only chance makes them differ.
    times = random.integers(1, 20, 2000).astype(np.float64)
    amounts = fit_gamma_gamma(times, random.gamma(20 * times, 150 / times))
    assert amounts.expected_amount(np.array([0.0, 3.0]), np.array([np.nan, 4000])) == pytest.approx(3000, rel=0.1)
