"""BG/NBD: how often a customer buys, and whether they still do. Pure.

P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model, Marketing Science 24(2). Arrays are float64, one entry per customer; times are in weeks:
`x` purchase days after the first, `tx` from the first to the last, `age` from the first until now.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

from personalization.prediction.errors import ModelRefusedError

Array = NDArray[np.float64]
# Logarithms of r, alpha, a, b stay within these. At a bound customers hardly differ in that respect, and what is
# expected of them hardly changes beyond it, while the series would.
_BOUNDS: Final = ((-6.0, 4.0), (-9.0, 9.0), (-6.0, 4.0), (-6.0, 4.0))
# The expectation has removable singularities at a = 1 and, for customers who bought once, at a + b = 1.
_SINGULAR: Final = 1e-6
_LARGE: Final = 40.0
_MOST_TERMS: Final = 2000
_TOLERANCE: Final = 1e-13


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Purchases of a customer: Poisson with a rate from Gamma(r, alpha); after each one the customer is lost with a
    probability from Beta(a, b).
    """

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, x: Array, tx: Array, age: Array) -> Array:
        """Return the logarithm of equation (6) of the paper, per customer."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stayed = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        alive = -(r + x) * np.log(alpha + age)
        return np.asarray(bought + stayed + np.logaddexp(alive, self._lost(x, tx)))

    def _lost(self, x: Array, tx: Array) -> Array:
        """Return the logarithm of the weight of having been lost at the last purchase; none without one (x = 0)."""
        later = np.maximum(x, 1)
        weight = np.log(self.a) - np.log(self.b + later - 1) - (self.r + later) * np.log(self.alpha + tx)
        return np.asarray(np.where(x > 0, weight, -np.inf))

    def probability_alive(self, x: Array, tx: Array, age: Array) -> Array:
        """Return the probability of not having been lost. It is 1 for a customer who bought only once."""
        alive = -(self.r + x) * np.log(self.alpha + age)
        return np.asarray(np.exp(alive - np.logaddexp(alive, self._lost(x, tx))))

    def probability_of_purchase(self, weeks: float, x: Array, tx: Array, age: Array) -> Array:
        """Return the probability of at least one purchase within the weeks ahead.

        Given alive, the rate is Gamma(r + x, alpha + age), and nobody is lost before the next purchase.
        """
        silent = ((self.alpha + age) / (self.alpha + age + weeks)) ** (self.r + x)
        return self.probability_alive(x, tx, age) * (1 - silent)

    def expected_purchases(self, weeks: float, x: Array, tx: Array, age: Array) -> Array:
        """Return equation (10) of the paper: the purchases to expect within the weeks ahead.

        Written by Euler's transformation of 2F1 (DLMF 15.8.1): of its arguments only one grows with the history.
        """
        r, alpha, b = self.r, self.alpha, self.b
        a = self.a if abs(self.a - 1) > _SINGULAR else 1 + _SINGULAR
        total = a + b + x - 1
        total = np.where(np.abs(total) > _SINGULAR, total, _SINGULAR)
        left = (alpha + age) / (alpha + age + weeks)
        shrunk = left ** (a - 1) * _hypergeometric(a + b - 1 - r, a - 1, total, 1 - left)
        expected = total / (a - 1) * (1 - shrunk) * self.probability_alive(x, tx, age)
        return np.asarray(np.maximum(expected, 0))

    def median_wait(self, x: Array, age: Array) -> Array:
        """Return the weeks until half of such customers, if still alive, have bought again.

        The mean does not exist for customers who bought once (r < 1); the median always does.
        """
        return np.asarray((self.alpha + age) * (2 ** (1 / (self.r + x)) - 1))


def _hypergeometric(a: float, b: float, c: Array, z: Array) -> Array:
    """Return 2F1(a, b; c; z), 0 <= z < 1. For large c SciPy may overflow, while the series converges at once."""
    found = np.empty(np.broadcast(c, z).shape)
    c, z = np.broadcast_arrays(c, z)
    large = c > _LARGE
    found[~large] = hyp2f1(a, b, c[~large], z[~large])
    found[large] = _sum_series(a, b, c[large], z[large])
    return found


def _sum_series(a: float, b: float, c: Array, z: Array) -> Array:
    """Return the sum of DLMF 15.2.1, to the last digit that counts."""
    term, total = np.ones_like(c), np.ones_like(c)
    for n in range(_MOST_TERMS):
        term = term * ((a + n) * (b + n) / ((c + n) * (1 + n))) * z
        total += term
        if np.all(np.abs(term) <= _TOLERANCE * np.abs(total)):
            break
    return total


def fit_bgnbd(x: Array, tx: Array, age: Array) -> BgNbd:
    """Return the model of greatest likelihood. Raises ModelRefusedError when there is none."""
    # Times of about 1 keep the four parameters of similar size; alpha scales with them.
    scale = float(np.mean(age)) or 1.0

    def loss(logs: Any) -> float:
        model = BgNbd(*np.exp(logs))
        return -float(np.mean(model.log_likelihood(x, tx / scale, age / scale)))

    found = minimize(loss, np.zeros(4), method="L-BFGS-B", bounds=_BOUNDS, options={"maxiter": 500})
    if not (np.all(np.isfinite(found.x)) and np.isfinite(found.fun)):
        raise ModelRefusedError("no_pattern")
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    return BgNbd(r, alpha * scale, a, b)
