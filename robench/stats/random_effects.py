"""One difference from several blocks that need not agree: random effects with Hartung and Knapp's interval."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from robench.errors import InputError


@dataclass(frozen=True)
class Pooled:
    """Mean difference over blocks like these; all but p in the unit of the differences.

    Attributes:
        mean: Weighted mean of the differences.
        low: Lower end of its 1 - alpha interval.
        high: Upper end.
        tau: Standard deviation of the true differences between blocks.
        p: Two-sided, t with blocks - 1 degrees.
    """

    mean: float
    low: float
    high: float
    tau: float
    p: float


def pooled(differences: npt.ArrayLike, variances: npt.ArrayLike, alpha: float = 0.05) -> Pooled | None:
    """Pool one difference a block.

    Variance between blocks by Paule and Mandel (1982), interval by Hartung and Knapp (2001). With 2 or 3 blocks the
    interval is wide, rightly: t has 1 or 2 degrees.

    Args:
        differences: Float (blocks,).
        variances: Squared standard error of each, above 0.
        alpha: 1 - the coverage of the interval.

    Returns:
        The pooled difference; None for one block.

    Raises:
        InputError: The shapes differ or a variance is not positive.

    Example:
        The squares 2 / (1 + tau**2) have to be 1, so tau is 1; t is 1 at one degree, the interval 1 -+ 12.706.

        >>> found = pooled([0, 2], [1, 1])
        >>> [round(value, 3) for value in (found.mean, found.low, found.high, found.tau, found.p)]
        [1.0, -11.706, 13.706, 1.0, 0.5]
    """
    y, error = np.asarray(differences, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if y.shape != error.shape or y.ndim != 1 or not (error > 0).all():
        raise InputError(f"variances: {error.tolist()} for {y.size} differences; one positive number each")
    if y.size < 2:
        return None
    # Differences y_i ~ N(mu, v_i + tau^2), independent; weights w_i = 1 / (v_i + tau^2), mean m = sum w y / sum w.
    # Hartung and Knapp (2001): sum w (y - m)^2 / ((k - 1) sum w) estimates the variance of m, and (m - mu) over its
    # root is Student's t with k - 1 degrees, exactly so at the true tau^2. At the estimate below the first sum is
    # k - 1 and this is the usual 1 / sum w; at tau^2 = 0 it may be less, where blocks agree better than their errors.
    tau2 = _between(y, error)
    weight = 1 / (error + tau2)
    mean = float(weight @ y / weight.sum())
    degrees = y.size - 1
    spread = math.sqrt(float(weight @ (y - mean) ** 2) / (degrees * float(weight.sum())))
    half = float(special.stdtrit(degrees, 1 - alpha / 2)) * spread
    p = 2 * float(special.stdtr(degrees, -abs(mean) / spread)) if spread else float(mean == 0)
    return Pooled(mean, mean - half, mean + half, math.sqrt(tau2), p)


def _between(y: npt.NDArray[np.float64], error: npt.NDArray[np.float64]) -> float:
    """Variance between blocks at which the weighted squares are what they are expected to be; 0 where they are less."""
    # Paule and Mandel (1982): at the true tau^2 Q(tau^2) = sum w (y - m)^2 is expected to be k - 1; solve Q = k - 1.
    # With r = y - m: sum w r = 0, so Q' = -sum w^2 r^2 (what m moves adds nothing), and as m' = -sum w^2 r / sum w,
    #     Q'' = 2 sum w^3 r^2 - 2 (sum w^2 r)^2 / sum w >= 0 (Cauchy-Schwarz on w^(1/2) and w^(3/2) r).
    # Q falls and is convex: Newton's steps tau^2 += (Q - (k - 1)) / sum w^2 r^2, from the left, never overshoot.
    tau2 = 0.0
    for _ in range(100):
        weight = 1 / (error + tau2)
        squares = weight * (y - weight @ y / weight.sum()) ** 2
        excess = float(squares.sum()) - (y.size - 1)
        if excess <= 1e-10:
            break
        tau2 += excess / float(squares @ weight)
    return tau2
