"""Gamma-Gamma: what a customer spends per purchase. Pure.

P. S. Fader, B. G. S. Hardie (2013), The Gamma-Gamma Model of Monetary Value. It takes amount and frequency as
independent; how far they are is kept beside the parameters. Arrays are float64, one entry per customer: `x` repeat
purchase days, `mean` the average amount of those.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

from personalization.prediction.errors import ModelRefusedError

Array = NDArray[np.float64]
_BOUNDS: Final = (-9.0, 9.0)


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Amounts: Gamma(p, nu) with nu from Gamma(q, v). `v` is in the currency's smallest unit."""

    p: float
    q: float
    v: float

    def log_likelihood(self, x: Array, mean: Array) -> Array:
        """Return the logarithm of equation (1a) of the note, per customer with repeat purchases."""
        p, q, v = self.p, self.q, self.v
        shape = p * x
        gammas = gammaln(shape + q) - gammaln(shape) - gammaln(q)
        powers = q * np.log(v) + (shape - 1) * np.log(mean) + shape * np.log(x)
        return np.asarray(gammas + powers - (shape + q) * np.log(v + x * mean))

    def expected_amount(self, x: Array, mean: Array) -> Array:
        """Return equation (5): a customer's own average, drawn towards that of all; of all where x is 0.

        NaN where the average of all does not exist (q at most 1).
        """
        weight = self.p * x + self.q - 1
        own = np.where(x > 0, x * np.nan_to_num(mean), 0)
        return np.asarray(np.where(weight > 0, self.p * (self.v + own) / np.where(weight > 0, weight, 1), np.nan))


def fit_gamma_gamma(x: Array, mean: Array) -> GammaGamma:
    """Return the model of greatest likelihood. Raises ModelRefusedError when there is none.

    Where customers spend alike, `q` lies at its bound: everybody is then expected to spend the average of all.
    """
    scale = float(np.mean(mean))

    def loss(logs: Any) -> float:
        return -float(np.mean(GammaGamma(*np.exp(logs)).log_likelihood(x, mean / scale)))

    found = minimize(loss, np.array([1.0, 1.0, 0.0]), method="L-BFGS-B", bounds=[_BOUNDS] * 3)
    if not (np.all(np.isfinite(found.x)) and np.isfinite(found.fun)):
        raise ModelRefusedError("no_pattern")
    p, q, v = (float(value) for value in np.exp(found.x))
    return GammaGamma(p, q, v * scale)
