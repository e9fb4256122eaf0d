"""Gradual pruning with zero-cost neuroregeneration (GraNet)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, final

import torch
from torch import Tensor

from robench.contracts.options import Fraction, PresetOptions, Sparsity
from robench.errors import InputError
from robench.sparse.distributions import Shapes
from robench.sparse.dynamic import DynamicSparse
from robench.sparse.schedules import cubic, is_update, landing, last_update


@final
@dataclass(kw_only=True, eq=False)
class GraNet(DynamicSparse):
    """Gradual pruning with neuroregeneration: prune over all layers, drop and grow within each.

    Liu et al. 2021, arXiv:2106.10404. From `initial_sparsity` (by `distribution`; 0 is dense-to-sparse training, more
    is sparse-to-sparse) to `sparsity` on a cubic schedule that ends at `prune_stop_fraction` of all steps, by
    magnitude over all layers: final layer densities are not those of `distribution`, their sum is. Each update,
    after the optimiser step, first prunes (weight and state 0) and then, within each layer, drops and grows
    `drop_fraction`; a weight dropped and grown again there keeps value and state. Regeneration goes on to the end.
    Costs 3 f(masks) a step with the masks of that step, 2 f(masks) + f(dense) at an update with gradient growth.

    Differences from the official code: it draws inexact initial masks and stops pruning one update early, at a
    density above the target; drop counts are floored (ceil there); its cosine ends at 0.005, not 0; it updates every
    1000 (CIFAR) or 4000 (ImageNet) steps.
    """

    drop_fraction: Fraction = 0.5
    stop_fraction: Fraction = 1.0
    initial_sparsity: Sparsity = 0.0
    prune_stop_fraction: Fraction = 0.5
    growth: Literal["gradient", "random"] = "gradient"

    dropped_may_regrow: ClassVar[bool] = True
    regrown_keeps: ClassVar[bool] = True
    presets: ClassVar[Mapping[str, PresetOptions]] = {
        "cifar": PresetOptions(
            "official scripts, sparse-to-sparse: epoch 80 of 160; needs a sparsity above 0.5",
            {"initial_sparsity": 0.5, "prune_stop_fraction": 0.5, "update_interval": 1000},
        ),
        "imagenet": PresetOptions(
            "official code, dense-to-sparse: epoch 30 of 100", {"prune_stop_fraction": 0.3, "update_interval": 4000}
        ),
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.initial_sparsity > self.sparsity:
            raise InputError(f"initial_sparsity: {self.initial_sparsity} is above sparsity {self.sparsity}")

    def layer_counts(self, shapes: Shapes, sparsity: float) -> dict[str, int]:
        """Return final numbers of weights; take note of the initial ones."""
        self._initial = super().layer_counts(shapes, self.initial_sparsity)
        return super().layer_counts(shapes, sparsity)

    def initial_counts(self) -> dict[str, int]:
        """Return the number of active weights of each layer at `initial_sparsity`."""
        return self._initial

    @property
    def grow_uses_gradient(self) -> bool:
        """With gradient growth."""
        return self.growth == "gradient"

    def grow_scores(self, weight: Tensor, grad: Tensor, rng: torch.Generator) -> Tensor:
        """Return the magnitude of the gradient, or random numbers."""
        return grad.abs() if self.grow_uses_gradient else super().grow_scores(weight, grad, rng)

    @property
    def prune_stop_step(self) -> int:
        """Step of the update that reaches the target."""
        return landing(round(self.prune_stop_fraction * self.total_steps), self.total_steps)

    def updates_at(self, step: int) -> bool:
        """Say whether the topology is due for an update; pruning ends with one."""
        regular = is_update(step, interval=self.update_interval, stop=self._end(), total=self.total_steps)
        return regular or step == self.prune_stop_step

    def dense_gradient(self, step: int) -> bool:
        """Return whether weights are grown: an update after `stop_fraction` only prunes."""
        return step < self.stop_step and super().dense_gradient(step)

    def active_at(self, step: int) -> int:
        """Return the number of active weights by the schedule."""
        end = self.prune_stop_step
        last = last_update(step, interval=self.update_interval, stop=self._end(), total=self.total_steps)
        left = cubic(end if step >= end else last, 0, end)
        final = sum(self.final_counts().values())
        return final + math.ceil(left * (sum(self._initial.values()) - final))

    def rewire(self, step: int, gradients: Mapping[str, Tensor]) -> None:
        """Prune over all layers, then drop and grow within each, until the topology rests."""
        kept = self.pool(step, gradients, self.active_at(step))
        for name, mask in self.masks.items():
            self.change(step, name, gradients, drop=int(mask.count_nonzero()) - kept[name], grow=0)
        if step < self.stop_step:
            super().rewire(step, gradients)

    def _end(self) -> int:
        """Return the step from which neither pruning nor regeneration goes on."""
        return max(self.stop_step, self.prune_stop_step)
