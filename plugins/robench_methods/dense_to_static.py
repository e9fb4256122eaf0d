"""From a dense network to a static mask."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from robench.sparse.distributions import Shapes, nonzeros
from robench.sparse.inheriting import Inheriting


@final
@dataclass(kw_only=True, eq=False)
class DenseToStatic(Inheriting):
    """Dense to static: the final mask of a finished run, trained from the original initialisation.

    Frankle and Carbin 2019, arXiv:1803.03635 (lottery tickets), with one round of pruning. The run is that of
    method `of` with the same model, data, recipe and seed; it is done first where it is not finished. Where it is
    dense, its mask is its largest final weights by magnitude, `sparsity` spread by `distribution` with exact counts
    in each layer; else it is the mask that it left. Costs 3 f a step; what the followed run cost is booked there.

    Differs from the paper, which prunes a share of each layer in several rounds. Equal magnitudes: the first in the
    layer stays.
    """

    of: str = "dense"

    def choose(
        self, shapes: Shapes, sparsity: float, masks: Mapping[str, Tensor], weights: Mapping[str, Tensor]
    ) -> Mapping[str, Tensor]:
        """Return the masks that the run left, or the places of its largest weights where it left none."""
        if masks:
            return masks
        counts = nonzeros(self.distribution, shapes, sparsity)
        return {name: _largest(weights[name], count) for name, count in counts.items()}


def _largest(weight: Tensor, count: int) -> Tensor:
    """Return a bool mask of the `count` weights of largest magnitude."""
    order = weight.detach().abs().flatten().argsort(descending=True, stable=True)
    mask = torch.zeros(weight.numel(), dtype=torch.bool)
    mask[order[:count].cpu()] = True
    return mask.view(weight.shape)
