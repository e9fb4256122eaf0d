"""One difference from several blocks that need not agree: random effects with Hartung and Knapp's interval."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from robench.errors import InputError


@dataclass(frozen=True)
class Pooled:
    """Mean difference over blocks like these with its 1 - alpha interval, and `tau`, the standard deviation of the
    true differences between blocks; all in the unit of the differences. p: two-sided, t with blocks - 1 degrees.
    """

    mean: float
    low: float
    high: float
    tau: float
    p: float


def pooled(differences: npt.ArrayLike, variances: npt.ArrayLike, alpha: float = 0.05) -> Pooled | None:
    """Pool one difference a block, float (blocks,), with its variance (squared standard error) > 0; None for one block.

    Variance between blocks by Paule and Mandel. With 2 or 3 blocks the interval is wide, rightly: t has 1 or 2
    degrees. InputError for shapes that differ or a variance that is not positive.
    """
    y, error = np.asarray(differences, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if y.shape != error.shape or y.ndim != 1 or not (error > 0).all():
        raise InputError(f"variances: {error.tolist()} for {y.size} differences; one positive number each")
    if y.size < 2:
        return None
    tau2 = _between(y, error)
    weight = 1 / (error + tau2)
    mean = float(weight @ y / weight.sum())
    degrees = y.size - 1
    spread = math.sqrt(float(weight @ (y - mean) ** 2) / (degrees * float(weight.sum())))
    half = float(special.stdtrit(degrees, 1 - alpha / 2)) * spread
    p = 2 * float(special.stdtr(degrees, -abs(mean) / spread)) if spread else float(mean == 0)
    return Pooled(mean, mean - half, mean + half, math.sqrt(tau2), p)


def _between(y: npt.NDArray[np.float64], error: npt.NDArray[np.float64]) -> float:
    """Variance between blocks at which the weighted squares are what they are expected to be; 0 where they are less.

    Newton's steps on a falling convex function from its left: they never overshoot.
    """
    tau2 = 0.0
    for _ in range(100):
        weight = 1 / (error + tau2)
        squares = weight * (y - weight @ y / weight.sum()) ** 2
        excess = float(squares.sum()) - (y.size - 1)
        if excess <= 1e-10:
            break
        tau2 += excess / float(squares @ weight)
    return tau2
