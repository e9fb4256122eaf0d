"""Tests on ranks: Friedman's in the form of Iman and Davenport, Wilcoxon's signed-rank test, exact.

With too few observations an exact test reaches no alpha, however clear the result: `refusal` says so beforehand.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from robench.errors import InputError
from robench.stats.welch import Floats


def midranks(values: npt.ArrayLike) -> Floats:
    """Ranks over the last axis, 1 the smallest; values equal to 12 decimals get the mean of their ranks.

    Example:
        >>> midranks([0.3, 0.1, 0.3]).tolist()
        [2.5, 1.0, 2.5]
    """
    column = np.round(np.asarray(values, dtype=np.float64), 12)
    below = (column[..., None, :] < column[..., :, None]).sum(axis=-1)
    equal = (column[..., None, :] == column[..., :, None]).sum(axis=-1)
    ranks: Floats = below + (equal + 1) / 2
    return ranks


@dataclass(frozen=True)
class Friedman:
    """Friedman's test in the form of Iman and Davenport.

    Attributes:
        ranks: Mean rank of each method, 1 the best.
        chi2: Friedman's statistic, corrected for ties.
        p: Of F = (N - 1) chi2 / (N (k - 1) - chi2) with k - 1 and (k - 1)(N - 1) degrees, N blocks of k methods; less
            conservative than chi2's own.
    """

    ranks: tuple[float, ...]
    chi2: float
    p: float


def friedman(values: npt.ArrayLike, higher_is_better: bool = True) -> Friedman:
    """Compare methods over blocks, which are taken for independent.

    Args:
        values: Float (blocks, methods), one value each (the mean over its networks).
        higher_is_better: Which end is rank 1.

    Returns:
        The test; p is 1 where all methods tie in all blocks, 0 where all blocks agree on an order without ties.

    Raises:
        InputError: Below 2 blocks or 2 methods.

    Example:
        One of two methods is ahead in 3 of 4 blocks: chi2 = 12 x 4 / (2 x 3) x (0.25**2 + 0.25**2), F = 1.

        >>> found = friedman([[2, 1], [2, 1], [2, 1], [1, 2]])
        >>> found.ranks, found.chi2, round(found.p, 3)
        ((1.25, 1.75), 1.0, 0.391)
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


def smallest_paired_p(pairs: int) -> float:
    """Of a two-sided sign-flip or signed-rank test over `pairs` differences: all of one sign, 2 of 2**pairs cases.

    Example:
        >>> smallest_paired_p(5), smallest_paired_p(6)
        (0.0625, 0.03125)
    """
    return min(1.0, 2.0 ** (1 - pairs))


def smallest_unpaired_p(treated: int, control: int) -> float:
    """Of a two-sided rank-sum or permutation test: the groups apart, 2 of the ways to split all networks.

    Example:
        2 of 20 ways:

        >>> smallest_unpaired_p(3, 3)
        0.1
    """
    return min(1.0, 2 / math.comb(treated + control, control))


def pairs_needed(alpha: float = 0.05, comparisons: int = 1) -> int:
    """Fewest pairs with which the smallest of `comparisons` Bonferroni- or Holm-adjusted paired p reaches `alpha`.

    Example:
        2 / 2**6 is the first at most 0.05, 2 / 2**9 the first at most 0.005:

        >>> pairs_needed(), pairs_needed(comparisons=10)
        (6, 9)
    """
    pairs = 1
    while comparisons * smallest_paired_p(pairs) > alpha:
        pairs += 1
    return pairs


def refusal(test: str, observations: str, smallest: float, alpha: float = 0.05) -> str | None:
    """Say why `test` gives no p on `observations` (such as "4 blocks"), None where it can reach `alpha`.

    Example:
        >>> refusal("Wilcoxon test", "4 blocks", smallest_paired_p(4))
        'no Wilcoxon test on 4 blocks: its smallest possible p is 0.12, above 0.05 whatever the data'
    """
    if smallest <= alpha:
        return None
    least = f"{min(1.0, smallest):.2g}"
    return f"no {test} on {observations}: its smallest possible p is {least}, above {alpha:g} whatever the data"


def signed_rank_p(differences: npt.ArrayLike) -> float:
    """Two-sided p over all 2**n equally likely signs of float (n,); exact with ties too.

    Differences of 0 (to 12 decimals) are left out. 1 where none is left. Never below 2**(1 - n).

    Example:
        All of one sign, 2 of 64 cases; the smallest of the other sign, 4 of 64:

        >>> signed_rank_p([1, 2, 3, 4, 5, 6]), signed_rank_p([-1, 2, 3, 4, 5, 6])
        (0.03125, 0.0625)
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
