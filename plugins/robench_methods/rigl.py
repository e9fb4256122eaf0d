"""Rigging the Lottery (RigL)."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from robench.sparse.dynamic import DynamicSparse


@final
@dataclass(kw_only=True, eq=False)
class RigL(DynamicSparse):
    """Rigging the Lottery: drop the smallest weights, grow those with the largest gradients.

    Evci et al. 2020, arXiv:1911.11134. Growth reads the dense gradient of the current batch. As in the official
    code, the update takes the place of the optimiser step, and a weight dropped and grown again in one update
    keeps its value and optimiser state.

    Defaults are the paper's: cosine from 0.3, every 100 steps, rest after 75 % of training, ERK. Differences from
    the official code: an update counts as one of the steps (there it uses an extra batch), none at step 0,
    and ties are drawn at random where it adds N(0, 1e-5) noise to magnitudes.
    """

    dropped_may_regrow: ClassVar[bool] = True
    regrown_keeps: ClassVar[bool] = True
    update_replaces_step: ClassVar[bool] = True

    @property
    def grow_uses_gradient(self) -> bool:
        """Always."""
        return True

    def grow_scores(self, weight: Tensor, grad: Tensor, rng: torch.Generator) -> Tensor:
        """Return the magnitude of the gradient."""
        return grad.abs()
