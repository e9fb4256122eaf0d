"""Across suites and architectures: a block is one (suite, model), its value the mean over the networks trained there.

Blocks are taken for independent; suites that share their networks are not quite. What too few blocks cannot show is
refused, with the reason in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from robench.errors import InputError
from robench.stats.multiplicity import holm
from robench.stats.random_effects import Pooled, pooled
from robench.stats.rank_tests import friedman, pairs_needed, refusal, signed_rank_p, smallest_paired_p
from robench.stats.ranking import cliques
from robench.stats.welch import Floats, Welch, moments, welch


@dataclass(frozen=True)
class TwoMethods:
    """Two methods compared over blocks.

    Attributes:
        blocks: Welch comparison of each block, None where it says nothing.
        pooled: Over those that say something, None below two.
        p: Exact Wilcoxon over the blocks' differences, None with `refusal` saying why.
        refusal: The reason in words.
    """

    blocks: tuple[Welch | None, ...]
    pooled: Pooled | None
    p: float | None
    refusal: str | None


@dataclass(frozen=True)
class BlockRanks:
    """Methods ranked over blocks.

    Attributes:
        ranks: Mean rank of each method over blocks, 1 the best.
        friedman: Iman-Davenport p.
        p: Exact Wilcoxon of every pair, Holm-adjusted, float (methods, methods).
        cliques: The bars of a critical-difference diagram: runs of methods, best first, no two of which are separable.
        refusal: Why one is None, or why no data could have separated a pair: then p is None and one clique holds all.
    """

    ranks: tuple[float, ...]
    friedman: float | None
    p: Floats | None
    cliques: tuple[tuple[int, ...], ...] | None
    refusal: str | None


def compare_over_blocks(
    treated: Sequence[npt.ArrayLike], control: Sequence[npt.ArrayLike], alpha: float = 0.05, comparisons: int = 1
) -> TwoMethods:
    """Compare two methods over blocks.

    The test needs as many blocks as let its smallest p reach `alpha`, 6 for 0.05, more where it is one of several
    `comparisons` that are Holm-adjusted; p itself is not adjusted. A pooled difference needs two blocks.

    Args:
        treated: The networks of one method in each block, float (networks,).
        control: Those of the other, blocks in the same order.
        alpha: Level of the test, and of the intervals.
        comparisons: How many comparisons are adjusted together.

    Raises:
        InputError: Lists of unequal length, or none at all.

    Example:
        Ahead in all of 6 blocks, 2 of 2**6 cases; of 5 blocks no order is rare enough.

        >>> compare_over_blocks([[71]] * 6, [[70]] * 6).p
        0.03125
        >>> compare_over_blocks([[71]] * 5, [[70]] * 5).refusal.partition("; ")[2]
        '6 blocks are needed'
    """
    if len(treated) != len(control) or not treated:
        raise InputError(f"blocks: {len(treated)} of one method and {len(control)} of the other; the same, at least 1")
    pairs = list(zip(treated, control, strict=True))
    summaries = [moments(pair) for pair in pairs]
    differences = np.array([summary.mean[0] - summary.mean[1] for summary in summaries])
    tests = tuple(welch(a, b, alpha) for a, b in pairs)
    known = [place for place, test in enumerate(tests) if test]
    variances = [float(summaries[place].error.sum()) for place in known]
    family = f" with {comparisons} comparisons" if comparisons > 1 else ""
    smallest = comparisons * smallest_paired_p(len(pairs))
    reason = refusal("Wilcoxon test", f"{_counted(len(pairs))}{family}", smallest, alpha)
    return TwoMethods(
        blocks=tests,
        pooled=pooled(differences[known], variances, alpha),
        p=None if reason else signed_rank_p(differences),
        refusal=reason and f"{reason}; {pairs_needed(alpha, comparisons)} blocks are needed",
    )


def rank_over_blocks(values: npt.ArrayLike, alpha: float = 0.05, higher_is_better: bool = True) -> BlockRanks:
    """Rank methods over blocks.

    Below `pairs_needed(alpha)` blocks, 6 for 0.05, only mean ranks are given. The pairs are tested whatever Friedman's
    test says: Holm alone holds the family-wise error, and unlike Nemenyi's critical difference the verdict on a pair
    does not hang on the other methods' ranks.

    Args:
        values: Float (blocks, methods), one value each (the mean over its networks).
        alpha: Family-wise level.
        higher_is_better: Which end is rank 1.

    Raises:
        InputError: Below 2 blocks or methods.

    Example:
        >>> found = rank_over_blocks([[0.7, 0.6]] * 6)
        >>> found.ranks, found.p.tolist(), found.cliques
        ((1.0, 2.0), [[1.0, 0.03125], [0.03125, 1.0]], ((0,), (1,)))
    """
    table = np.asarray(values, dtype=np.float64)
    overall = friedman(table, higher_is_better)
    blocks, methods = table.shape
    needed = pairs_needed(alpha)
    if blocks < needed:
        reason = refusal("critical-difference diagram", _counted(blocks), smallest_paired_p(blocks), alpha)
        return BlockRanks(overall.ranks, None, None, None, f"{reason}; {needed} blocks are needed")
    one, other = np.triu_indices(methods, 1)
    raw = [signed_rank_p(table[:, i] - table[:, j]) for i, j in zip(one, other, strict=True)]
    p = np.ones((methods, methods))
    p[one, other] = p[other, one] = holm(raw)
    order = [int(place) for place in np.argsort(overall.ranks, kind="stable")]
    bars = tuple(tuple(run) for run in cliques(p <= alpha, order))
    reason = _no_pair(blocks, len(raw), alpha)
    return BlockRanks(overall.ranks, overall.p, None if reason else p, bars, reason)


def _no_pair(blocks: int, pairs: int, alpha: float) -> str | None:
    observations = f"{_counted(blocks)} with {pairs} pairs"
    reason = refusal("pairwise Wilcoxon test", observations, pairs * smallest_paired_p(blocks), alpha)
    return reason and f"{reason}; {pairs_needed(alpha, pairs)} blocks are needed"


def _counted(blocks: int) -> str:
    return f"{blocks} block{'s' * (blocks != 1)}"
