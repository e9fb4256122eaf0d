"""The smallest p an exact test can give: with too few observations no result, however clear, reaches alpha."""

import math


def smallest_paired_p(pairs: int) -> float:
    """Of a two-sided sign-flip or signed-rank test over `pairs` differences: all of one sign, 2 of 2**pairs cases."""
    return min(1.0, 2.0 ** (1 - pairs))


def smallest_unpaired_p(treated: int, control: int) -> float:
    """Of a two-sided rank-sum or permutation test: the groups apart, 2 of the ways to split all networks."""
    return min(1.0, 2 / math.comb(treated + control, control))


def pairs_needed(alpha: float = 0.05, comparisons: int = 1) -> int:
    """Fewest pairs with which the smallest of `comparisons` Bonferroni- or Holm-adjusted paired p reaches `alpha`."""
    pairs = 1
    while comparisons * smallest_paired_p(pairs) > alpha:
        pairs += 1
    return pairs


def refusal(test: str, observations: str, smallest: float, alpha: float = 0.05) -> str | None:
    """Say why `test` gives no p on `observations` (such as "4 blocks"), None where it can reach `alpha`."""
    if smallest <= alpha:
        return None
    least = f"{min(1.0, smallest):.2g}"
    return f"no {test} on {observations}: its smallest possible p is {least}, above {alpha:g} whatever the data"
