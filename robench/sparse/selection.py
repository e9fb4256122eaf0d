"""Choosing weights by score: exact counts, whatever the ties."""

from typing import NamedTuple

import numpy as np
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
    threshold = _threshold(scores[candidates], count)
    chosen = candidates & (scores >= threshold)
    surplus = int(chosen.sum()) - count
    if surplus:
        ties = (chosen & (scores == threshold)).nonzero().squeeze(1)
        drawn = torch.randperm(len(ties), generator=generator, device=generator.device)[:surplus]
        chosen[ties[drawn.to(ties.device)]] = False
    return chosen


def _threshold(values: Tensor, count: int) -> Tensor:
    """Return the `count`-th largest value; NumPy's partition is ten times as fast as torch.topk on a CPU."""
    if values.device.type != "cpu":
        return values.topk(count, sorted=False).values.min()
    exact = values.to(torch.promote_types(values.dtype, torch.float32)).numpy()
    place = len(values) - count
    return torch.as_tensor(np.partition(exact, place)[place], dtype=values.dtype)


def rewire(
    active: Tensor,
    drop: Tensor,
    grow: Tensor,
    count: int,
    *,
    dropped_may_regrow: bool,
    generator: torch.Generator,
) -> Rewired:
    """Drop the `count` active weights of smallest `drop` score, grow as many of largest `grow` score.

    `active` (bool) and the scores are flat. Candidates for growth are all weights that were not kept where
    `dropped_may_regrow`, else the weights that were inactive before; in the second case `count` is cut to
    their number. The number of active weights never changes.
    """
    if not dropped_may_regrow:
        count = min(count, active.numel() - int(active.sum()))
    kept = active & ~largest(-drop, active, count, generator)
    candidates = ~kept if dropped_may_regrow else ~active
    return Rewired(kept, kept | largest(grow, candidates, count, generator))
