"""Choosing within each row of a table: blocks of N:M sparsity, the inputs of a neuron."""

from collections.abc import Iterator

import torch
from torch import Tensor

_SCORES_AT_A_TIME = 1 << 18


def largest_of_each(scores: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return a bool mask of the `count` largest scores in each row of `scores` (rows, width), infinite ones allowed.

    Ties are drawn at random from `generator`, on its device, so that the choice depends neither on the sort nor on
    the device. 0 <= count <= width.

    Example:
        >>> largest_of_each(torch.tensor([[3.0, 1.0, 2.0], [0.0, 5.0, 4.0]]), 2, torch.Generator()).int().tolist()
        [[1, 0, 1], [0, 1, 1]]
    """
    order = torch.rand(scores.shape, generator=generator, device=generator.device).argsort(dim=1).to(scores.device)
    best = scores.gather(1, order).argsort(dim=1, descending=True, stable=True)[:, :count]
    return torch.zeros_like(scores, dtype=torch.bool).scatter_(1, order.gather(1, best), True)


def kept_of_each(mask: Tensor, scores: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return `mask` (rows, width) with no more than the `count` largest scores in each row.

    Example:
        >>> mask = torch.tensor([[True, True, False], [True, False, False]])
        >>> kept_of_each(mask, torch.tensor([[1.0, 2.0, 3.0]] * 2), 1, torch.Generator()).int().tolist()
        [[0, 1, 0], [1, 0, 0]]
    """
    chosen = torch.empty_like(mask)
    for part in _parts(scores):
        low = scores[part].masked_fill(~mask[part], -torch.inf)
        chosen[part] = largest_of_each(low, count, generator).logical_and_(mask[part])
    return chosen


def grown_in_each(kept: Tensor, scores: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return `kept` (rows, width; at most `count` in a row) and the largest scores that fill each row up to `count`.

    Example:
        >>> kept = torch.tensor([[True, False, False], [False, False, False]])
        >>> grown_in_each(kept, torch.tensor([[1.0, 2.0, 3.0]] * 2), 2, torch.Generator()).int().tolist()
        [[1, 0, 1], [0, 1, 1]]
    """
    chosen = torch.empty_like(kept)
    for part in _parts(scores):
        chosen[part] = largest_of_each(scores[part].masked_fill(kept[part], torch.inf), count, generator)
    return chosen


def _parts(table: Tensor) -> Iterator[slice]:
    """Yield a part of the rows at a time: a sort takes many times the memory of what it sorts."""
    step = max(1, _SCORES_AT_A_TIME // table.shape[1])
    return (slice(begin, begin + step) for begin in range(0, len(table), step))


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
