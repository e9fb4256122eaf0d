"""Many tests at once: Holm, partial conjunction (Bonferroni form, Dror et al. 2017), Benjamini-Yekutieli.

Holm keeps the chance of any false positive below alpha; partial conjunction asks in at least how many of N blocks an
effect is there; Benjamini-Yekutieli keeps the expected share of false rejections below alpha, for exploring.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from robench.stats.welch import Floats


def holm(p: Sequence[float] | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Adjusted p-values in the order of `p`, float (tests,): reject where at most alpha.

    The i-th smallest of m is multiplied by m - i, i from 0; then none may be smaller than one before it, nor above 1.

    Example:
        >>> holm([0.01, 0.04, 0.03]).tolist()
        [0.03, 0.06, 0.06]
    """
    raw = np.asarray(p, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    steps = np.maximum.accumulate(raw[order] * np.arange(raw.size, 0, -1))
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def partial_conjunction(p: npt.ArrayLike) -> Floats:
    """p of "true in at least u of N" for u = 1..N, float (N,), from one one-sided p a block, float (N,).

    (N - u + 1) times the u-th smallest, none below one before it, at most 1. Holds under any dependence of the blocks,
    so also where suites share their networks.

    Example:
        >>> partial_conjunction([0.02, 0.6, 0.01]).tolist()
        [0.03, 0.04, 0.6]
    """
    ordered = np.sort(np.asarray(p, dtype=np.float64))
    return np.minimum(np.maximum.accumulate(ordered * np.arange(ordered.size, 0, -1)), 1.0)


def better_in_at_least(p: npt.ArrayLike, alpha: float = 0.05) -> int:
    """Largest u for which "true in at least u blocks" holds at `alpha`, 0 where none does; p as above.

    Example:
        >>> better_in_at_least([0.02, 0.6, 0.01])
        2
    """
    return int(np.count_nonzero(partial_conjunction(p) <= alpha))


def benjamini_yekutieli(p: npt.ArrayLike) -> Floats:
    """Adjusted p in the order of float (tests,): rejecting where at most alpha keeps the expected share of false
    rejections below alpha under any dependence.

    The i-th smallest of m times m (1 + 1/2 + ... + 1/m) / i; then none may exceed one after it, nor 1.

    Example:
        Two tests: 0.01 x 2 x 1.5 / 1 and 0.04 x 2 x 1.5 / 2.

        >>> benjamini_yekutieli([0.04, 0.01]).round(12).tolist()
        [0.06, 0.03]
    """
    raw = np.asarray(p, dtype=np.float64)
    place = np.arange(1, raw.size + 1)
    order = np.argsort(raw, kind="stable")
    steps = raw[order] * raw.size * np.sum(1 / place) / place
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return adjusted
