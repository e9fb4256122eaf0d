"""False discovery rate over many dependent tests, as of a grid of corruptions: for exploring, not for claims."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from robench.errors import InputError
from robench.stats.welch import Floats, welch

LABEL = "exploratory"


@dataclass(frozen=True)
class Grid:
    """Of each corruption: difference of means (unit of the values) and two-sided Welch p, Benjamini-Yekutieli-adjusted.

    Both float (corruptions,); p is NaN where it could not be tested. label: to be shown wherever the numbers are.
    """

    difference: Floats
    p: Floats
    label: str = LABEL


def benjamini_yekutieli(p: npt.ArrayLike) -> Floats:
    """Adjusted p in the order of float (tests,): rejecting where at most alpha keeps the expected share of false
    rejections below alpha under any dependence.

    The i-th smallest of m times m (1 + 1/2 + ... + 1/m) / i; then none may exceed one after it, nor 1.
    """
    raw = np.asarray(p, dtype=np.float64)
    place = np.arange(1, raw.size + 1)
    order = np.argsort(raw, kind="stable")
    steps = raw[order] * raw.size * np.sum(1 / place) / place
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return adjusted


def corruption_grid(treated: npt.ArrayLike, control: npt.ArrayLike) -> Grid:
    """Compare two groups of networks on every corruption, each float (networks, corruptions), corruptions in one order.

    Corruptions that cannot be tested (below 3 networks, or no spread) leave the family. InputError for other shapes.
    """
    a, b = np.asarray(treated, dtype=np.float64), np.asarray(control, dtype=np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise InputError(f"corruptions: shapes {a.shape} and {b.shape}; (networks, corruptions) each")
    tests = [welch(one, other) for one, other in zip(a.T, b.T, strict=True)]
    p = np.array([np.nan if test is None or test.p is None else test.p for test in tests])
    p[~np.isnan(p)] = benjamini_yekutieli(p[~np.isnan(p)])
    return Grid(a.mean(axis=0) - b.mean(axis=0), p)
