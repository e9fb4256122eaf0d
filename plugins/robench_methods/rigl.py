"""Rigging the Lottery (RigL)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from robench.contracts.options import PresetOptions
from robench.sparse.dynamic import DynamicSparse


@final
@dataclass(kw_only=True, eq=False)
class RigL(DynamicSparse):
    """Rigging the Lottery: drop the smallest weights, grow those with the largest gradients.

    Evci et al. 2020, arXiv:1911.11134. Growth reads the dense gradient of the current batch. As in the official
    code, the update takes the place of the optimiser step, and a weight dropped and grown again in one update
    keeps its value and optimiser state. Training costs 3 f(masks) a step, 2 f(masks) + f(dense) at an update.

    Defaults are the paper's: cosine from 0.3, every 100 steps, rest after 75 % of training, ERK. Differences from
    the official code: an update counts as one of the steps (there it uses an extra batch), none at step 0,
    and ties are drawn at random where it adds N(0, 1e-5) noise to magnitudes. ITOP drops the ceiling of the fraction,
    here the floor: one weight more a layer, with its preset too.
    """

    dropped_may_regrow: ClassVar[bool] = True
    regrown_keeps: ClassVar[bool] = True
    update_replaces_step: ClassVar[bool] = True
    presets: ClassVar[Mapping[str, PresetOptions]] = {
        "cifar": PresetOptions(
            "RigL repository, CIFAR (WRN-16-4): 75,000 of 97,656 steps; its flag keeps the drop fraction constant, the "
            "cosine is the paper's (WRN-22-2)",
            {"stop_fraction": 0.77},
        ),
        "imagenet": PresetOptions(
            "RigL repository, ResNet-50: 25,000 of 32,000 steps; its flag keeps the drop fraction constant, the cosine "
            "is the paper's",
            {"stop_fraction": 0.78},
        ),
        "itop": PresetOptions(
            "In-Time-Over-Parameterization, repository, CIFAR and ImageNet (arXiv:2102.02887); there step and update "
            "share a batch, and its cosine ends at 0.005",
            {"drop_fraction": 0.5, "update_interval": 4000, "stop_fraction": 1.0},
        ),
    }

    @property
    def grow_uses_gradient(self) -> bool:
        """Always."""
        return True

    def grow_scores(self, weight: Tensor, grad: Tensor, rng: torch.Generator) -> Tensor:
        """Return the magnitude of the gradient."""
        return grad.abs()
