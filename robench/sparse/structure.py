"""Choosing within each row of a table: blocks of N:M sparsity, the inputs of a neuron."""

from collections.abc import Iterator

import torch
from torch import Tensor

_SCORES_AT_A_TIME = 1 << 20


def largest_of_each(scores: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return a bool mask of the `count` largest scores in each row of `scores` (rows, width), infinite ones allowed.

    Ties at the threshold of a row are drawn at random from `generator`, so that the choice depends neither on the sort
    nor on the device; nothing is drawn where there are none. 0 <= count <= width.

    Example:
        >>> largest_of_each(torch.tensor([[3.0, 1.0, 2.0], [0.0, 5.0, 4.0]]), 2, torch.Generator()).int().tolist()
        [[1, 0, 1], [0, 1, 1]]
    """
    if count == 0 or count == scores.shape[1]:
        return torch.full_like(scores, count > 0, dtype=torch.bool)
    threshold = _nth_of_each(scores, count)
    chosen = scores >= threshold
    crowded = chosen.count_nonzero(dim=1) > count
    if crowded.any():
        rows = crowded.nonzero().squeeze(1)
        chosen[rows] = _without_surplus(chosen[rows], scores[rows] == threshold[rows], count, generator)
    return chosen


def _nth_of_each(scores: Tensor, count: int) -> Tensor:
    """Return the `count`-th largest value of each row: (rows, 1)."""
    if scores.device.type != "cpu":
        return scores.topk(count, dim=1, sorted=False).values.amin(dim=1, keepdim=True)
    place = scores.shape[1] - count
    exact = scores.to(torch.promote_types(scores.dtype, torch.float32), copy=True).numpy()
    exact.partition(place, axis=1)
    return torch.from_numpy(exact[:, place : place + 1].copy()).to(scores.dtype)


def _without_surplus(chosen: Tensor, ties: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return `chosen` with no more than `count` in each row: ties of smallest random number are left out."""
    drawn = torch.rand(ties.shape, generator=generator, device=generator.device).to(ties.device)
    order = drawn.masked_fill_(~ties, 2.0).argsort(dim=1, stable=True)
    surplus = chosen.count_nonzero(dim=1) - count
    rank = torch.arange(ties.shape[1], device=ties.device)
    return chosen & ~torch.zeros_like(chosen).scatter_(1, order, rank < surplus[:, None])


def kept_of_each(mask: Tensor, scores: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return `mask` (rows, width) with no more than the `count` largest scores in each row.

    Example:
        >>> mask = torch.tensor([[True, True, False], [True, False, False]])
        >>> kept_of_each(mask, torch.tensor([[1.0, 2.0, 3.0]] * 2), 1, torch.Generator()).int().tolist()
        [[0, 1, 0], [1, 0, 0]]
    """
    chosen = mask.clone()
    full = (mask.count_nonzero(dim=1) > count).nonzero().squeeze(1)
    for part in _parts(full, mask.shape[1]):
        low = scores[part].masked_fill_(~mask[part], -torch.inf)
        chosen[part] = largest_of_each(low, count, generator)
    return chosen


def grown_in_each(kept: Tensor, scores: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return `kept` (rows, width; at most `count` in a row) and the largest scores that fill each row up to `count`.

    Example:
        >>> kept = torch.tensor([[True, False, False], [False, False, False]])
        >>> grown_in_each(kept, torch.tensor([[1.0, 2.0, 3.0]] * 2), 2, torch.Generator()).int().tolist()
        [[1, 0, 1], [0, 1, 1]]
    """
    chosen = kept.clone()
    short = (kept.count_nonzero(dim=1) < count).nonzero().squeeze(1)
    for part in _parts(short, kept.shape[1]):
        chosen[part] = largest_of_each(scores[part].masked_fill_(kept[part], torch.inf), count, generator)
    return chosen


def _parts(rows: Tensor, width: int) -> Iterator[Tensor]:
    """Yield a part of the rows at a time: what is chosen from is copied."""
    return (part for part in torch.split(rows, max(1, _SCORES_AT_A_TIME // width)) if len(part))


def blocks(flat: Tensor, shape: torch.Size, width: int) -> Tensor:
    """Return a weight (out, in, *kernel), given flat, as (blocks, width): `width` consecutive inputs each.

    Inputs are those of dimension 1, at one output and one place of the kernel, as N:M hardware reads them.

    Example:
        One output, 4 inputs and a kernel of 2 places; input i at place k is the number 2 i + k.

        >>> blocks(torch.arange(8), torch.Size([1, 4, 2]), width=2).tolist()
        [[0, 2], [4, 6], [1, 3], [5, 7]]
    """
    return flat.view(shape).movedim(1, -1).reshape(-1, width)


def unblocked(table: Tensor, shape: torch.Size) -> Tensor:
    """Undo `blocks`: return the weight, flat and row-major.

    Example:
        >>> unblocked(torch.tensor([[0, 2], [4, 6], [1, 3], [5, 7]]), torch.Size([1, 4, 2])).tolist()
        [0, 1, 2, 3, 4, 5, 6, 7]
    """
    outputs, inputs, *kernel = shape
    return table.view(outputs, *kernel, inputs).movedim(-1, 1).reshape(-1)
