"""Partial conjunction: in at least how many of N blocks is the method better. Bonferroni form (Dror et al. 2017)."""

import numpy as np
import numpy.typing as npt

from robench.stats.welch import Floats


def partial_conjunction(p: npt.ArrayLike) -> Floats:
    """p of "true in at least u of N" for u = 1..N, float (N,), from one one-sided p a block, float (N,).

    (N - u + 1) times the u-th smallest, none below one before it, at most 1. Holds under any dependence of the blocks,
    so also where suites share their networks.
    """
    ordered = np.sort(np.asarray(p, dtype=np.float64))
    return np.minimum(np.maximum.accumulate(ordered * np.arange(ordered.size, 0, -1)), 1.0)


def better_in_at_least(p: npt.ArrayLike, alpha: float = 0.05) -> int:
    """Largest u for which "true in at least u blocks" holds at `alpha`, 0 where none does; p as above."""
    return int(np.count_nonzero(partial_conjunction(p) <= alpha))
