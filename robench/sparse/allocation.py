"""Sharing a number of weights among layers, to the unit."""

from collections.abc import Mapping
from itertools import accumulate

import torch
from torch import Tensor

from robench.errors import InputError
from robench.sparse.topk import nth


def pooled(scores: Mapping[str, Tensor], count: int, generator: torch.Generator) -> dict[str, int]:
    """Return how many of the `count` largest scores, all layers together, each layer has.

    Takes one copy of the scores.

    Args:
        scores: Layer -> scores in any shape, finite or infinite.
        count: 0 <= count <= number of scores.
        generator: Ties at the threshold are drawn at random from it.

    Example:
        >>> pooled({"a": torch.tensor([5.0, 1.0]), "b": torch.tensor([4.0, 3.0])}, 3, torch.Generator())
        {'a': 1, 'b': 2}
    """
    if count == 0:
        return dict.fromkeys(scores, 0)
    threshold = nth(torch.cat([values.flatten() for values in scores.values()]), count, descending=True)
    above = {name: int((values > threshold).count_nonzero()) for name, values in scores.items()}
    ties = {name: int((values == threshold).count_nonzero()) for name, values in scores.items()}
    drawn = torch.randperm(sum(ties.values()), generator=generator)[: count - sum(above.values())]
    ends = dict(zip(ties, accumulate(ties.values()), strict=True))
    return {
        name: above[name] + int(((drawn >= ends[name] - ties[name]) & (drawn < ends[name])).count_nonzero())
        for name in scores
    }


def proportional(total: int, shares: Mapping[str, float], limits: Mapping[str, int]) -> dict[str, int]:
    """Return whole numbers in proportion to `shares` (>= 0), none above its limit, that add up to `total`.

    What a layer at its limit cannot take goes to the others, in proportion; layers of share 0 get what no other can
    take, evenly. Rounded by largest remainders, the earlier layer first among equals.

    Raises:
        InputError: `total` is more than all limits together.

    Example:
        >>> proportional(11, {"a": 2.0, "b": 1.0, "c": 1.0}, {"a": 3, "b": 9, "c": 9})
        {'a': 3, 'b': 4, 'c': 4}
    """
    if total > sum(limits.values()):
        raise InputError(f"layers: {total} weights do not fit into {sum(limits.values())} places")
    given = dict.fromkeys(shares, 0)
    room = {name for name in shares if limits[name] > 0}
    while rest := total - sum(given.values()):
        weights = {name: shares[name] for name in shares if name in room and shares[name] > 0}
        weights = weights or {name: 1.0 for name in shares if name in room}
        quota = {name: rest * weight / sum(weights.values()) for name, weight in weights.items()}
        full = {name for name in quota if quota[name] >= limits[name]}
        if not full:
            return {**given, **_rounded(quota, rest)}
        given.update({name: limits[name] for name in full})
        room -= full
    return given


def _rounded(quota: Mapping[str, float], total: int) -> dict[str, int]:
    whole = {name: int(value) for name, value in quota.items()}
    by_remainder = sorted(quota, key=lambda name: whole[name] - quota[name])
    for name in by_remainder[: total - sum(whole.values())]:
        whole[name] += 1
    return whole
