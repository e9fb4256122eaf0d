"""Holm's step-down correction: the chance of any false positive among the tests stays below alpha."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def holm(p: Sequence[float] | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Adjusted p-values in the order of `p`, float (tests,): reject where at most alpha.

    The i-th smallest of m is multiplied by m - i, i from 0; then none may be smaller than one before it, nor above 1.
    """
    raw = np.asarray(p, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    steps = np.maximum.accumulate(raw[order] * np.arange(raw.size, 0, -1))
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted
