"""Ranks in which equal values share their mean rank."""

import numpy as np
import numpy.typing as npt

from robench.stats.welch import Floats


def midranks(values: npt.ArrayLike) -> Floats:
    """Ranks over the last axis, 1 the smallest; values equal to 12 decimals get the mean of their ranks."""
    column = np.round(np.asarray(values, dtype=np.float64), 12)
    below = (column[..., None, :] < column[..., :, None]).sum(axis=-1)
    equal = (column[..., None, :] == column[..., :, None]).sum(axis=-1)
    ranks: Floats = below + (equal + 1) / 2
    return ranks
