"""Studentized range: how far apart the largest and the smallest of several equal means fall by chance.

Range of m independent normal values of one variance over an independent estimate of their standard deviation. One
value of scipy.stats.studentized_range costs 5 ms, too slow for the pairs of thousands of simulated boards; here any
number of pairs costs one table of the normal range and one sum each.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

_WIDEST = 40.0
_NATS = 34.0
_STEPS = 256
_PAIRS_AT_ONCE = 20_000


def studentized_range(q: npt.ArrayLike, means: int, degrees: npt.ArrayLike) -> Floats:
    """P(Q >= q) of the range of `means` >= 2 values with `degrees` >= 2 of freedom; float (n,), relative error < 1e-5.

    Trapezoid rule over the logarithm of the estimated standard deviation, whose density dies off fast at both ends.
    """
    quotient, freedom = np.broadcast_arrays(np.atleast_1d(q).astype(float), np.asarray(degrees, dtype=float))
    found = np.empty(quotient.shape)
    for start in range(0, quotient.size, _PAIRS_AT_ONCE):
        part = slice(start, start + _PAIRS_AT_ONCE)
        found[part] = _chance(quotient[part, None], means, freedom[part, None])
    return found


def _chance(q: Floats, means: int, degrees: Floats) -> Floats:
    """P(Q >= q), with q and degrees float (n, 1)."""
    reach = np.sqrt(_NATS / degrees)  # beyond low and high the density is below e**-34 of its peak
    low, high = -_NATS / degrees - reach, reach
    log_sd = low + (high - low) * np.linspace(0, 1, _STEPS + 1)
    half = degrees / 2
    density = np.exp(
        half * np.log(half) - special.gammaln(half) + np.log(2) + degrees * log_sd - half * np.exp(2 * log_sd)
    )
    widths, log_chance = _normal_range(means)
    tail = np.exp(np.interp(q * np.exp(log_sd), widths, log_chance))
    step = (high - low)[:, 0] / _STEPS
    chance: Floats = np.minimum(np.sum(density * tail, axis=-1) * step, 1.0)
    return chance


@lru_cache(maxsize=64)
def _normal_range(means: int) -> tuple[Floats, Floats]:
    """Widths w and log P(range of `means` standard normals >= w), float (widths,) each.

    m * integral of phi(z) * (Phi(z)^(m-1) - (Phi(z) - Phi(z-w))^(m-1)): the difference is taken in logarithms, so that
    small chances keep their digits.
    """
    widths = np.linspace(0, _WIDEST, 8001)
    z = np.linspace(-9, 9 + _WIDEST / 2, 400)
    others = means - 1
    log_all = others * special.log_ndtr(z)
    chance = np.ones(widths.size)
    for place in range(1, widths.size, 500):
        w = widths[place : place + 500, None]
        missing = np.exp(special.log_ndtr(z - w) - special.log_ndtr(z))
        lost = -np.expm1(others * np.log1p(-np.minimum(missing, 1 - 1e-16)))
        chance[place : place + 500] = means * np.trapezoid(np.exp(-(z**2) / 2 + log_all) * lost, z, axis=-1)
    chance[1:] /= np.sqrt(2 * np.pi)
    return widths, np.log(chance)
