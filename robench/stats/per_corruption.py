"""Differences on every corruption of a grid, adjusted over all of them: for exploring, not for claims."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from robench.errors import InputError
from robench.stats.multiplicity import benjamini_yekutieli
from robench.stats.welch import Floats, welch

LABEL = "exploratory"


@dataclass(frozen=True)
class Grid:
    """Differences of means and their tests, of each pair and corruption.

    Attributes:
        difference: Float (pairs, corruptions), in the unit of the values.
        p: Two-sided Welch, Benjamini-Yekutieli-adjusted over all of them, float (pairs, corruptions); NaN where it
            could not be tested.
        label: To be shown wherever the numbers are.
    """

    difference: Floats
    p: Floats
    label: str = LABEL


def corruption_grid(pairs: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]]) -> Grid:
    """Compare both groups of networks of each pair on every corruption.

    Tests that cannot be made (below 3 networks, or no spread) leave the family.

    Args:
        pairs: Treated and control, each float (networks, corruptions), corruptions in one order throughout.

    Raises:
        InputError: Other shapes.

    Example:
        On the second corruption no network differs from another, so the first stands alone, its p as it is:

        >>> found = corruption_grid([([[0, 1], [0, 1], [3, 1]], [[0, 0], [0, 0], [0, 0]])])
        >>> found.difference.tolist(), found.p.round(4).tolist()
        ([[1.0, 1.0]], [[0.4226, nan]])
    """
    arrays = [(np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)) for one, other in pairs]
    shapes = {array.shape[1:] for pair in arrays for array in pair}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise InputError(f"corruptions: shapes {sorted(shapes)} of a network; as many corruptions in each")
    tests = [[welch(one, other) for one, other in zip(a.T, b.T, strict=True)] for a, b in arrays]
    p = np.array([[np.nan if test is None or test.p is None else test.p for test in line] for line in tests])
    p[~np.isnan(p)] = benjamini_yekutieli(p[~np.isnan(p)])
    return Grid(np.array([a.mean(axis=0) - b.mean(axis=0) for a, b in arrays]), p)
