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

    rank: 1 + number of rows significantly better. low, high: 1 + number significantly better, rows - number
    significantly worse. group: letters; rows with a letter in common are pairwise not separable.
    """

    rank: int
    low: int
    high: int
    group: str


def standings(groups: Sequence[npt.ArrayLike], alpha: float = 0.05, higher_is_better: bool = True) -> list[Standing]:
    """Rank groups of networks, each float (networks,), by a test of every pair (`all_pairs`).

    Pairs that cannot be tested (below 3 networks, or no spread) count as not separable and leave the family.
    """
    if not groups:
        return []
    summary = moments(groups)
    score = summary.mean if higher_is_better else -summary.mean
    apart = all_pairs(groups).p <= alpha
    better = np.count_nonzero(apart & (score[None, :] > score[:, None]), axis=1)
    worse = np.count_nonzero(apart & (score[None, :] < score[:, None]), axis=1)
    letters = _letters(apart, [int(place) for place in np.argsort(-score, kind="stable")])
    return [
        Standing(1 + int(above), 1 + int(above), len(groups) - int(below), group)
        for above, below, group in zip(better, worse, letters, strict=True)
    ]


def _letters(apart: npt.NDArray[np.bool_], order: list[int]) -> list[str]:
    """One letter for each clique, in the order of the rows."""
    letters = [""] * len(order)
    for number, clique in enumerate(cliques(apart, order)):
        for place in clique:
            letters[place] += ascii_lowercase[number % 26] + str(number // 26 or "")
    return letters


def cliques(apart: npt.NDArray[np.bool_], order: list[int]) -> list[list[int]]:
    """Cover the rows, in `order`, with the longest runs of neighbours no two of which are separable.

    apart: bool (rows, rows), which pairs are separable. Each run lists places of rows; none lies inside another.
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
