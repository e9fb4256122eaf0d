"""Choosing weights by score: exact counts, whatever the ties."""

from typing import NamedTuple

import torch
from torch import Tensor


class Rewired(NamedTuple):
    """Masks of one layer after an update, flat and row-major: the kept weights, and all active ones."""

    kept: Tensor
    active: Tensor


def largest(scores: Tensor, candidates: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return a mask of the `count` candidates with the largest scores.

    Ties at the threshold are drawn at random, so the chosen set never depends on the implementation of the sort, the
    device or the number of threads.

    Args:
        scores: Flat, finite or infinite, not NaN.
        candidates: Bool, of the same length.
        count: 0 <= count <= number of candidates.
        generator: For the ties.

    Example:
        >>> candidates = torch.tensor([True, True, True, False])
        >>> largest(torch.tensor([1.0, 3.0, 2.0, 9.0]), candidates, 2, torch.Generator()).int().tolist()
        [0, 1, 1, 0]
        >>> int(largest(torch.zeros(4), candidates, 2, torch.Generator()).sum())
        2
    """
    if count == 0:
        return torch.zeros_like(candidates)
    threshold = _threshold(scores, candidates, count, descending=True)
    chosen = (scores >= threshold).logical_and_(candidates)
    return _settle_ties(chosen, scores, threshold, count, generator)


def smallest(scores: Tensor, candidates: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return a mask of the `count` candidates with the smallest scores; see `largest`.

    Example:
        >>> candidates = torch.tensor([False, True, True, True])
        >>> smallest(torch.tensor([0.0, 3.0, 1.0, 2.0]), candidates, 2, torch.Generator()).int().tolist()
        [0, 0, 1, 1]
    """
    if count == 0:
        return torch.zeros_like(candidates)
    threshold = _threshold(scores, candidates, count, descending=False)
    chosen = (scores <= threshold).logical_and_(candidates)
    return _settle_ties(chosen, scores, threshold, count, generator)


def _settle_ties(chosen: Tensor, scores: Tensor, threshold: Tensor, count: int, generator: torch.Generator) -> Tensor:
    surplus = int(chosen.count_nonzero()) - count
    if surplus:
        ties = (chosen & (scores == threshold)).nonzero().squeeze(1)
        drawn = torch.randperm(len(ties), generator=generator, device=generator.device)[:surplus]
        chosen[ties[drawn.to(ties.device)]] = False
    return chosen


def _threshold(scores: Tensor, candidates: Tensor, count: int, *, descending: bool) -> Tensor:
    return nth(selected(scores, candidates), count, descending=descending)


def selected(scores: Tensor, mask: Tensor) -> Tensor:
    """Return a copy of `scores` where `mask` (bool, of that shape); on a CPU without an index of 8 bytes a weight.

    Example:
        >>> selected(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[True, False], [False, True]])).tolist()
        [1.0, 4.0]
    """
    if scores.device.type != "cpu" or scores.dtype == torch.bfloat16:
        return scores[mask]
    return torch.from_numpy(scores.numpy()[mask.numpy()])


def nth(values: Tensor, count: int, *, descending: bool) -> Tensor:
    """Return the `count`-th value in order, from 1; `values` are reordered.

    On a CPU NumPy does it: its partition is ten times as fast as torch.topk.

    Example:
        >>> float(nth(torch.tensor([4.0, 9.0, 1.0]), 2, descending=True))
        4.0
    """
    if values.device.type != "cpu":
        best = values.topk(count, largest=descending, sorted=False).values
        return best.min() if descending else best.max()
    exact = values.to(torch.promote_types(values.dtype, torch.float32)).numpy()
    place = len(values) - count if descending else count - 1
    exact.partition(place)
    return torch.as_tensor(exact[place], dtype=values.dtype)


def rewire(
    active: Tensor,
    drop: Tensor,
    grow: Tensor,
    count: int,
    *,
    dropped_may_regrow: bool,
    generator: torch.Generator,
    grown: int | None = None,
) -> Rewired:
    """Drop the `count` active weights of smallest `drop` score, grow `grown` (else as many) of largest `grow` score.

    Args:
        active: Mask, flat, bool.
        drop: Scores, flat likewise.
        grow: Scores, flat likewise.
        count: At most the number of active weights; where `grown` is not given and `dropped_may_regrow` is False it is
            cut to the number of candidates.
        dropped_may_regrow: Candidates for growth are all weights that were not kept, else those that were inactive
            before.
        generator: For ties.
        grown: 0 <= grown <= number of candidates.

    Example:
        The weakest of three is dropped, the best of two grown:

        >>> active = torch.tensor([True, True, True, False, False])
        >>> drop, grow = torch.tensor([3.0, 1.0, 2.0, 0.0, 0.0]), torch.tensor([9.0, 9.0, 9.0, 1.0, 2.0])
        >>> new = rewire(active, drop, grow, 1, dropped_may_regrow=False, generator=torch.Generator())
        >>> new.kept.int().tolist(), new.active.int().tolist()
        ([1, 0, 1, 0, 0], [1, 0, 1, 0, 1])
    """
    if grown is None and not dropped_may_regrow:
        count = min(count, active.numel() - int(active.count_nonzero()))
    kept = active & ~smallest(drop, active, count, generator)
    candidates = ~kept if dropped_may_regrow else ~active
    return Rewired(kept, kept | largest(grow, candidates, count if grown is None else grown, generator))
