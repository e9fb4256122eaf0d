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
    """Is treated not worse than control by the margin, and do they differ by less than it either way.

    Non-inferior at alpha is the same as the interval's worse end lying inside the margin, equivalent as both ends.

    Attributes:
        p: One-sided, that treated is not worse than control by `margin` or more; None below three networks a group.
        p_equivalent: Two one-sided tests (TOST), that they differ by less than the margin either way; None likewise.
        low: Lower end of the 1 - 2 alpha interval of treated - control, in the unit of the values.
        high: Upper end.
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
    """Test treated against control with a margin.

    Args:
        treated: One endpoint for each network, float (networks,).
        control: Of the networks it is compared with.
        margin: Above 0, in the unit of the values.
        higher_is_better: Which end of the interval is the worse one.
        alpha: Level of each one-sided test.

    Returns:
        The test; None below two networks a group or without any spread.

    Raises:
        InputError: The margin is not positive.

    Example:
        Equal means, a margin of one standard error, 2 degrees: p = (1 - 1 / sqrt(3)) / 2, the interval 0 -+ 2.920.

        >>> found = noninferiority([0, 0, 3], [1, 1, 1], margin=1)
        >>> [round(value, 4) for value in (found.p, found.p_equivalent, found.low, found.high)]
        [0.2113, 0.2113, -2.92, 2.92]
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
