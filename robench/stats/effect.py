"""How large a difference is, and how large it would have to be to be seen."""

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from robench.stats.welch import INTERVAL_FROM, moments, standard_error


def detectable_difference(
    treated: npt.ArrayLike, control: npt.ArrayLike, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Smallest true difference that one two-sided Welch test finds with `power`, in the unit of the values.

    It takes the two groups' own sizes and variances (ddof 1) for the truth, each float (networks,). From the
    noncentral t distribution; the wrong tail, below 1e-6 at power 0.8, is left out. None below two networks a group
    or without any spread.
    """
    groups = moments([treated, control])
    if groups.n.min() < INTERVAL_FROM or not groups.error.any():
        return None
    error, degrees = standard_error(*groups.error, *groups.n)
    critical = special.stdtrit(degrees, 1 - alpha / 2)
    return float(special.nctdtrinc(degrees, 1 - power, critical) * error)


def hedges_g(treated: npt.ArrayLike, control: npt.ArrayLike) -> float | None:
    """Difference of means in pooled standard deviations, with the exact small-sample correction.

    None below two networks a group or without any spread.
    """
    groups = moments([treated, control])
    if groups.n.min() < INTERVAL_FROM or not groups.error.any():
        return None
    degrees = float(groups.n.sum() - 2)
    variance = float(np.sum(groups.error * groups.n * (groups.n - 1)) / degrees)
    shrink = math.exp(math.lgamma(degrees / 2) - math.lgamma((degrees - 1) / 2)) / math.sqrt(degrees / 2)
    return float(groups.mean[0] - groups.mean[1]) / math.sqrt(variance) * shrink
