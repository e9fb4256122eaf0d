"""Non-inferiority and equivalence: is a difference smaller than a margin that was declared beforehand.

"Not significantly different" shows neither. Both are Welch tests against a shifted null, on one endpoint for each
network, float (networks,).
"""

from dataclasses import dataclass

import numpy.typing as npt
from scipy import special

from robench.errors import InputError
from robench.stats.welch import INTERVAL_FROM, TEST_FROM, moments, standard_error


@dataclass(frozen=True)
class Equivalence:
    """p: one-sided, that treated is not worse than control by `margin` or more. p_equivalent: two one-sided tests
    (TOST), that they differ by less than the margin either way. Both None below three networks a group.

    low, high: the 1 - 2 alpha interval of treated - control, in the unit of the values; non-inferior at alpha is the
    same as its worse end lying inside the margin, equivalent as both ends.
    """

    p: float | None
    p_equivalent: float | None
    low: float
    high: float


def noninferiority(
    treated: npt.ArrayLike,
    control: npt.ArrayLike,
    margin: float,
    higher_is_better: bool = True,
    alpha: float = 0.05,
) -> Equivalence | None:
    """Test treated against control with `margin` > 0, in the unit of the values; InputError for another margin.

    None below two networks a group or without any spread.
    """
    if not margin > 0:
        raise InputError(f"margin: {margin} is not a positive difference")
    groups = moments([treated, control])
    if groups.n.min() < INTERVAL_FROM or not groups.error.any():
        return None
    difference = float(groups.mean[0] - groups.mean[1])
    error, degrees = standard_error(*groups.error, *groups.n)
    half = float(special.stdtrit(degrees, 1 - alpha) * error)
    low, high = difference - half, difference + half
    if groups.n.min() < TEST_FROM:
        return Equivalence(None, None, low, high)
    above = float(special.stdtr(degrees, -(difference + margin) / error))
    below = float(special.stdtr(degrees, (difference - margin) / error))
    return Equivalence(above if higher_is_better else below, max(above, below), low, high)
