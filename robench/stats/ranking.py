"""Ranks that say no more than the tests do."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np
import numpy.typing as npt

from robench.stats.all_pairs import all_pairs
from robench.stats.welch import moments


@dataclass(frozen=True)
class Standing:
    """Where a row stands among `rows`.

    Attributes:
        rank: 1 + number of rows significantly better.
        low: The same.
        high: Rows - number significantly worse.
        group: Letters; two rows have one in common exactly where they are not separable.
    """

    rank: int
    low: int
    high: int
    group: str


def standings(groups: Sequence[npt.ArrayLike], alpha: float = 0.05, higher_is_better: bool = True) -> list[Standing]:
    """Rank groups of networks by a test of every pair (`all_pairs`).

    Pairs that cannot be tested (below 3 networks, or no spread) count as not separable and leave the family.

    Args:
        groups: One endpoint for each network, float (networks,) each.
        alpha: Family-wise level.
        higher_is_better: Which end is rank 1.

    Example:
        Two groups far apart, and one network between them that no test can tell from either:

        >>> for row in standings([[1, 2, 3], [101, 102, 103], [50]]):
        ...     print(row.rank, row.low, row.high, row.group)
        2 2 3 b
        1 1 2 a
        1 1 3 ab
    """
    if not groups:
        return []
    summary = moments(groups)
    score = summary.mean if higher_is_better else -summary.mean
    apart = all_pairs(groups).p <= alpha
    better = np.count_nonzero(apart & (score[None, :] > score[:, None]), axis=1)
    worse = np.count_nonzero(apart & (score[None, :] < score[:, None]), axis=1)
    letters = clique_letters(apart, [int(place) for place in np.argsort(-score, kind="stable")])
    return [
        Standing(1 + int(above), 1 + int(above), len(groups) - int(below), group)
        for above, below, group in zip(better, worse, letters, strict=True)
    ]


def clique_letters(apart: npt.NDArray[np.bool_], order: list[int]) -> list[str]:
    """Letters of rows: two share one exactly where `apart`, bool (rows, rows), is False. order: places, best first.

    Example:
        The first and the last row alone are separable:

        >>> apart = np.array([[False, False, True], [False, False, False], [True, False, False]])
        >>> clique_letters(apart, [0, 1, 2])
        ['a', 'ab', 'b']
    """
    position = {place: number for number, place in enumerate(order)}
    found = sorted(_all_pairs_covered(apart, order), key=lambda clique: sorted(position[place] for place in clique))
    letters = [""] * len(order)
    for number, clique in enumerate(found):
        for place in clique:
            letters[place] += ascii_lowercase[number % 26] + str(number // 26 or "")
    return letters


def _all_pairs_covered(apart: npt.NDArray[np.bool_], order: list[int]) -> list[list[int]]:
    """Cliques that hold every pair of rows that is not separable: runs of neighbours, and what these leave out.

    Where rows scatter unequally a row may be separable from its neighbour and not from one further off.
    """
    found = cliques(apart, order)
    together = np.zeros(apart.shape, dtype=bool)
    for clique in found:
        together[np.ix_(clique, clique)] = True
    for one in order:
        for other in order:
            if not (apart[one, other] or together[one, other]):
                clique = [one, other]
                clique += [row for row in order if row not in clique and not apart[row, clique].any()]
                together[np.ix_(clique, clique)] = True
                found.append(clique)
    return [clique for clique in found if not any(set(clique) < set(other) for other in found)]


def cliques(apart: npt.NDArray[np.bool_], order: list[int]) -> list[list[int]]:
    """Cover the rows, in `order`, with the longest runs of neighbours no two of which are separable.

    apart: bool (rows, rows), which pairs are separable. Each run lists places of rows; none lies inside another.

    Example:
        >>> apart = np.array([[False, False, True], [False, False, False], [True, False, False]])
        >>> cliques(apart, [0, 1, 2])
        [[0, 1], [1, 2]]
    """
    runs: list[tuple[int, int]] = []
    end = 0
    for first in range(len(order)):
        end = max(end, first + 1)
        while end < len(order) and not apart[order[end], order[first:end]].any():
            end += 1
        if not runs or end > runs[-1][1]:
            runs.append((first, end))
    return [order[first:end] for first, end in runs]
