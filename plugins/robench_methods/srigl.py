"""Structured RigL (SRigL): constant fan-in."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from robench.contracts.options import Fraction, PresetOptions
from robench.errors import InputError
from robench.sparse.distributions import Shapes
from robench.sparse.dynamic import DynamicSparse
from robench.sparse.masks import mask_like
from robench.sparse.rewiring import Layer
from robench.sparse.structure import grown_in_each, kept_of_each, largest_of_each
from robench.sparse.topk import Rewired, largest, smallest


@final
@dataclass(kw_only=True, eq=False)
class SRigL(DynamicSparse):
    """Structured RigL: every active neuron of a layer has the same number of inputs; weak neurons are ablated.

    Lasby et al. 2024, arXiv:2305.02299. An update, after the optimiser step, drops the smallest weights of the layer
    and marks as many places of largest gradient. A neuron with fewer than `ablation_threshold` * fan-in kept or
    marked places is ablated; never in the last layer, nor so many that the rest could not hold the budget. The fan-in
    becomes floor(budget / active neurons), each active neuron keeps its largest weights up to it and grows up to it
    by gradient. A neuron is one output: a row of a Linear weight, a filter of a convolution. `budget` is what
    `distribution` gives the layer; fan-in * neurons is below it by less than one weight a neuron. A weight dropped
    and grown again keeps value and state. Costs 3 f(masks) a step, 2 f(masks) + f(dense) at an update.

    Defaults are the official code's for convolutional networks: 0.3 by cosine, every 100 steps, rest after 75 %,
    ERK, threshold 0.3 (0.95 for ViTs). Differences: it loses arbitrary weights of over-full neurons (here the
    smallest), its guard of the last layer has no effect, ablated neurons may come back here when gradients mark them,
    and active weights are not initialised for sparsity.
    """

    ablation_threshold: Fraction = 0.3

    dropped_may_regrow: ClassVar[bool] = True
    regrown_keeps: ClassVar[bool] = True
    constant_fan_in: ClassVar[bool] = True
    presets: ClassVar[Mapping[str, PresetOptions]] = {
        "cifar": PresetOptions("official code: every 100 steps", {"update_interval": 100}),
        "imagenet": PresetOptions("official code: every 800 steps at batch 512, ResNet-50", {"update_interval": 800}),
        "vit": PresetOptions("official code, ViT", {"ablation_threshold": 0.95, "distribution": "uniform"}),
    }

    def layer_counts(self, shapes: Shapes, sparsity: float) -> dict[str, int]:
        """Return what all neurons hold at one fan-in; raises InputError where that would be 0."""
        self._budgets = super().layer_counts(shapes, sparsity)
        counts = {name: budget - budget % shapes[name][0] for name, budget in self._budgets.items()}
        for name, count in counts.items():
            if count == 0:
                raise InputError(f"sparsity: {sparsity} leaves the {shapes[name][0]} neurons of {name} no input each")
        return counts

    def start(self, model: nn.Module, optimizer: Optimizer, *, total_steps: int, seed: int) -> None:
        """Draw masks of one fan-in a layer; all neurons are active."""
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        self._neurons = {name: len(weight) for name, weight in self.weights.items()}

    def draw(self, weight: Tensor, count: int, generator: torch.Generator) -> Tensor:
        """Return a mask with equally many random ones in each row."""
        table = largest_of_each(torch.zeros(len(weight), weight[0].numel()), count // len(weight), generator)
        return mask_like(weight, table)

    @property
    def neurons(self) -> Mapping[str, int]:
        """Number of active neurons of each layer."""
        return dict(self._neurons)

    def fan_in(self, name: str) -> int:
        """Return the number of active inputs of every active neuron of a layer."""
        width = prod(self.weights[name].shape[1:])
        return min(width, self._budgets[name] // self._neurons[name])

    def active_at(self, step: int) -> int:
        """Return fan-in * active neurons, all layers together; which neurons are active depends on the data."""
        return sum(self.fan_in(name) * neurons for name, neurons in self._neurons.items())

    @property
    def grow_uses_gradient(self) -> bool:
        """Always."""
        return True

    def grow_scores(self, weight: Tensor, grad: Tensor, rng: torch.Generator) -> Tensor:
        """Return the magnitude of the gradient."""
        return grad.abs()

    def choose(self, layer: Layer) -> Rewired:
        """Drop over the layer, ablate neurons, and bring the others to one fan-in."""
        kept = layer.active & ~smallest(layer.drop_scores, layer.active, layer.drop, layer.rng)
        salient = kept | largest(layer.grow_scores, ~kept, layer.drop, layer.rng)
        rows = (layer.shape[0], -1)
        alive = self._alive(layer.name, salient.view(rows).sum(dim=1, dtype=torch.float32), layer.rng)
        self._neurons[layer.name] = int(alive.count_nonzero())
        fan_in = self.fan_in(layer.name)
        kept = kept_of_each(kept.view(rows), layer.drop_scores.view(rows), fan_in, layer.rng) & alive[:, None]
        active = grown_in_each(kept, layer.grow_scores.view(rows), fan_in, layer.rng) & alive[:, None]
        return Rewired(kept.flatten(), active.flatten())

    def _alive(self, name: str, salient: Tensor, rng: torch.Generator) -> Tensor:
        """Return which neurons stay: no fewer than can hold the budget of the layer."""
        every = torch.ones_like(salient, dtype=torch.bool)
        if name == list(self.weights)[-1]:
            return every
        least = -(-self._budgets[name] // prod(self.weights[name].shape[1:]))
        return (salient >= self.ablation_threshold * self.fan_in(name)) | largest(salient, every, least, rng)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the masks and `neurons`."""
        return {**super().state_dict(), "neurons": dict(self._neurons)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`."""
        if "neurons" not in state:
            raise InputError("state: neurons is missing; it is not the state of SRigL")
        super().load_state_dict(state)
        self._neurons = dict(state["neurons"])
