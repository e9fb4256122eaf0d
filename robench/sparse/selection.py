"""Choosing weights by score: exact counts, whatever the ties."""

from typing import NamedTuple

import torch
from torch import Tensor


class Rewired(NamedTuple):
    """Masks of one layer after an update, flat and row-major: the kept weights, and all active ones."""

    kept: Tensor
    active: Tensor


def largest(scores: Tensor, candidates: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return the flat indices of the `count` candidates with the largest scores, in no particular order.

    `scores` (finite or infinite, not NaN) and `candidates` (bool) are flat and of one length. Ties at the
    threshold are drawn at random from `generator`, so the chosen set never depends on the implementation of
    the sort, the device or the number of threads. count <= number of candidates.
    """
    places = candidates.nonzero().squeeze(1)
    if count == 0 or count >= len(places):
        return places[:count]
    values = scores[places]
    top = values.topk(count, sorted=False)
    threshold = top.values.min()
    above, ties = values > threshold, (values == threshold).nonzero().squeeze(1)
    needed = count - int(above.sum())
    if needed == len(ties):
        return places[top.indices]
    drawn = torch.randperm(len(ties), generator=generator, device=generator.device)[:needed]
    return torch.cat([places[above], places[ties[drawn.to(ties.device)]]])


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
    kept = active.clone()
    kept[largest(-drop, active, count, generator)] = False
    now = kept.clone()
    now[largest(grow, ~(kept if dropped_may_regrow else active), count, generator)] = True
    return Rewired(kept, now)
