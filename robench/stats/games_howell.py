"""Games-Howell: all pairs of groups by Welch's t against the studentized range, variances not assumed equal."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from robench.stats.studentized_range import studentized_range
from robench.stats.welch import Floats, moments, pair_errors


def games_howell(groups: Sequence[npt.ArrayLike]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Adjusted two-sided p of every pair, float (groups, groups), and which pairs could be tested, bool.

    Each group is float (networks,). p is 1 where a pair could not be tested (below 3 networks, or no spread); the
    range is that of the groups in at least one tested pair. The chance of any false positive is near alpha for few
    groups and rises with their number over that of networks: 5.8 % for 5 groups of 3, 10 % for 10 groups of 3, 7.5 %
    for 10 groups of 5 (20,000 draws, normal, equal variances).
    """
    summary = moments(groups)
    t, degrees, tested = pair_errors(summary)
    p = np.ones(tested.shape)
    compared = int(np.count_nonzero(tested.any(axis=1)))
    if compared:
        p[tested] = studentized_range(np.abs(t[tested]) * np.sqrt(2), compared, degrees[tested])
    return p, tested
