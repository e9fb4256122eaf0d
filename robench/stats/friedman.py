"""Friedman's test in the form of Iman and Davenport: do methods differ in rank over blocks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from robench.errors import InputError
from robench.stats.midranks import midranks


@dataclass(frozen=True)
class Friedman:
    """ranks: mean rank of each method, 1 the best; chi2: Friedman's statistic, corrected for ties; p: of
    F = (N - 1) chi2 / (N (k - 1) - chi2) with k - 1 and (k - 1)(N - 1) degrees, less conservative than chi2's own.
    """

    ranks: tuple[float, ...]
    chi2: float
    p: float


def friedman(values: npt.ArrayLike, higher_is_better: bool = True) -> Friedman:
    """Compare methods over blocks, float (blocks, methods), one value each (the mean over its networks).

    Blocks are taken for independent. InputError below 2 blocks or 2 methods. p is 1 where all methods tie in all
    blocks, 0 where all blocks agree on an order without ties.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:
        raise InputError(f"blocks: shape {table.shape}; at least 2 blocks of at least 2 methods")
    blocks, methods = table.shape
    ranks = midranks(-table if higher_is_better else table)
    spread = float(((ranks - (methods + 1) / 2) ** 2).sum()) / (blocks * (methods - 1))
    mean = ranks.mean(axis=0)
    between = blocks * float(((mean - (methods + 1) / 2) ** 2).sum())
    chi2 = between / spread if spread else 0.0
    rest = blocks * (methods - 1) - chi2
    f = (blocks - 1) * chi2 / rest if rest > 1e-9 else np.inf
    p = float(special.fdtrc(methods - 1, (methods - 1) * (blocks - 1), f)) if np.isfinite(f) else 0.0
    return Friedman(tuple(map(float, mean)), chi2, p)
