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
    """Of each pair and corruption: difference of means (unit of the values) and two-sided Welch p,
    Benjamini-Yekutieli-adjusted over all of them.

    Both float (pairs, corruptions); p is NaN where it could not be tested. label: to be shown wherever the numbers are.
    """

    difference: Floats
    p: Floats
    label: str = LABEL


def corruption_grid(pairs: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]]) -> Grid:
    """Compare both groups of networks of each pair on every corruption, each group float (networks, corruptions).

    Corruptions stand in one order throughout. Tests that cannot be made (below 3 networks, or no spread) leave the
    family. InputError for other shapes.
    """
    arrays = [(np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)) for one, other in pairs]
    shapes = {array.shape[1:] for pair in arrays for array in pair}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise InputError(f"corruptions: shapes {sorted(shapes)} of a network; as many corruptions in each")
    tests = [[welch(one, other) for one, other in zip(a.T, b.T, strict=True)] for a, b in arrays]
    p = np.array([[np.nan if test is None or test.p is None else test.p for test in line] for line in tests])
    p[~np.isnan(p)] = benjamini_yekutieli(p[~np.isnan(p)])
    return Grid(np.array([a.mean(axis=0) - b.mean(axis=0) for a, b in arrays]), p)
