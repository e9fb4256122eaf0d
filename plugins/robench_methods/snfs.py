"""Sparse Networks From Scratch (SNFS): sparse momentum."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from robench.contracts.options import Fraction, PresetOptions
from robench.errors import InputError
from robench.sparse.allocation import proportional
from robench.sparse.distributions import Distribution
from robench.sparse.dynamic import DynamicSparse


@final
@dataclass(kw_only=True, eq=False)
class SNFS(DynamicSparse):
    """Sparse momentum: drop the smallest weights, move them to layers and places of large momentum.

    Dettmers and Zettlemoyer 2019, arXiv:1907.04840. After the optimiser step each layer drops `drop_fraction` of its
    active weights; all of them together are given to layers in proportion to the mean |momentum| of active weights
    and grown where |momentum| is largest. The number of weights in all layers is constant, that of a layer is not.
    Momentum is m <- momentum * m + gradient over ALL weights, in a buffer of its own (4 bytes a weight), so every
    step needs the dense gradient: 2 f(masks) + f(dense). A step with a gradient that is not finite is left out.

    Defaults are the official code's: 0.5 of the weights, first layer included there, no rest; it updates once an
    epoch. Differences: it draws inexact initial masks, keeps the optimiser's own momentum dense (here a grown weight
    has state 0 unless it was dropped in the same update), gives layers at most 99 % of their free places and spreads
    what they cannot take evenly (here in proportion), drops the ceiling of the fraction (here the floor) and less of
    layers less than 20 % sparse, uses m1 / sqrt(m2) with Adam, and its cosine ends at 0.005.
    """

    distribution: Distribution = "uniform"
    drop_fraction: Fraction = 0.5
    stop_fraction: Fraction = 1.0
    momentum: Fraction = 0.9

    dropped_may_regrow: ClassVar[bool] = True
    regrown_keeps: ClassVar[bool] = True
    presets: ClassVar[Mapping[str, PresetOptions]] = {
        "cifar": PresetOptions("official code: once an epoch of 391 batches of 128", {"update_interval": 391}),
        "imagenet": PresetOptions("official code: once an epoch of 5,005 batches of 256", {"update_interval": 5005}),
    }

    @property
    def grow_uses_gradient(self) -> bool:
        """Always: what the scores get for a gradient is the momentum."""
        return True

    def grow_scores(self, weight: Tensor, grad: Tensor, rng: torch.Generator) -> Tensor:
        """Return the magnitude of the momentum."""
        return grad.abs()

    def dense_gradient(self, step: int) -> bool:
        """Every step: momentum is dense."""
        return True

    def active_at(self, step: int) -> int:
        """Return the number of active weights of all layers, which is constant."""
        return sum(self.final_counts().values())

    def start(self, model: nn.Module, optimizer: Optimizer, *, total_steps: int, seed: int) -> None:
        """Draw masks; momentum starts at 0."""
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        self._momentum = {name: torch.zeros_like(weight, requires_grad=False) for name, weight in self.weights.items()}

    @torch.no_grad()
    def before_step(self, step: int) -> bool:
        """Take the dense gradient into the momentum, then mask it."""
        gradients = self._read_gradients()
        if all(torch.stack(torch.aminmax(gradient)).isfinite().all() for gradient in gradients.values()):
            for name, gradient in gradients.items():
                self._momentum[name].mul_(self.momentum).add_(gradient)
        return super().before_step(step)

    def drop_counts(self, step: int) -> Mapping[str, int]:
        """Return floor(fraction * active), of full layers too."""
        return {name: int(int(mask.count_nonzero()) * self.fraction_at(step)) for name, mask in self.masks.items()}

    def grow_counts(self, step: int, dropped: Mapping[str, int]) -> Mapping[str, int]:
        """Share out what was dropped by the mean |momentum| of active weights."""
        shares = {name: _mean(self._momentum[name].abs()[mask]) for name, mask in self.masks.items()}
        places = {name: mask.numel() - int(mask.count_nonzero()) + dropped[name] for name, mask in self.masks.items()}
        return proportional(sum(dropped.values()), shares, places)

    def rewire(self, step: int, gradients: Mapping[str, Tensor]) -> None:
        """Drop and grow with the momentum in place of the gradient."""
        super().rewire(step, self._momentum)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the masks and `momentum.<name>`."""
        momentum = {f"momentum.{name}": value.clone().contiguous() for name, value in self._momentum.items()}
        return {**super().state_dict(), **momentum}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`."""
        super().load_state_dict(state)
        for name, value in self._momentum.items():
            if f"momentum.{name}" not in state:
                raise InputError(f"state: momentum.{name} is missing; it is not the state of SNFS")
            value.copy_(state[f"momentum.{name}"])


def _mean(values: Tensor) -> float:
    """On a CPU NumPy adds in one order, whatever the number of threads; on another device nothing is copied from it."""
    if not values.numel():
        return 0.0
    return float(np.mean(values.double().numpy()) if values.device.type == "cpu" else values.double().mean())
