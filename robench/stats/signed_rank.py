"""Wilcoxon's signed-rank test, exact: do paired differences lie on one side of 0 more than by chance."""

import numpy as np
import numpy.typing as npt

from robench.stats.midranks import midranks


def signed_rank_p(differences: npt.ArrayLike) -> float:
    """Two-sided p over all 2**n equally likely signs of float (n,); exact with ties too.

    Differences of 0 (to 12 decimals) are left out. 1 where none is left. Never below 2**(1 - n).
    """
    values = np.round(np.asarray(differences, dtype=np.float64), 12)
    values = values[values != 0]
    doubled = np.rint(2 * midranks(np.abs(values))).astype(np.int64)
    total = int(doubled.sum())
    chance = np.zeros(total + 1)
    chance[0] = 1.0
    for rank in doubled:  # a rank is in the sum of the positive ones, or it is not
        chance[rank:] = (chance[rank:] + chance[: total + 1 - rank]) / 2
        chance[:rank] /= 2
    positive = int(doubled[values > 0].sum())
    tail = float(chance[: min(positive, total - positive) + 1].sum())
    return min(1.0, 2 * tail)
