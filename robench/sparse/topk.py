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

    `scores` (finite or infinite, not NaN) and `candidates` (bool) are flat and of one length. Ties at the
    threshold are drawn at random from `generator`, so the chosen set never depends on the implementation of
    the sort, the device or the number of threads. 0 <= count <= number of candidates.
    """
    if count == 0:
        return torch.zeros_like(candidates)
    threshold = _threshold(scores, candidates, count, descending=True)
    chosen = (scores >= threshold).logical_and_(candidates)
    return _settle_ties(chosen, scores, threshold, count, generator)


def smallest(scores: Tensor, candidates: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return a mask of the `count` candidates with the smallest scores; see `largest`."""
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
    """Return a copy of `scores` where `mask` (bool, of that shape); on a CPU without an index of 8 bytes a weight."""
    if scores.device.type != "cpu" or scores.dtype == torch.bfloat16:
        return scores[mask]
    return torch.from_numpy(scores.numpy()[mask.numpy()])


def nth(values: Tensor, count: int, *, descending: bool) -> Tensor:
    """Return the `count`-th value in order, from 1; `values` are reordered.

    On a CPU NumPy does it: its partition is ten times as fast as torch.topk.
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

    `active` (bool) and the scores are flat. Candidates for growth are all weights that were not kept where
    `dropped_may_regrow`, else the weights that were inactive before; in the second case `count` is cut to
    their number where `grown` is not given. 0 <= grown <= number of candidates.
    """
    if grown is None and not dropped_may_regrow:
        count = min(count, active.numel() - int(active.count_nonzero()))
    kept = active & ~smallest(drop, active, count, generator)
    candidates = ~kept if dropped_may_regrow else ~active
    return Rewired(kept, kept | largest(grow, candidates, count if grown is None else grown, generator))
