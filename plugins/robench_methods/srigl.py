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

    Lasby et al. 2024, arXiv:2305.02299. An update, after the optimiser step, keeps the largest weights of the layer
    and marks as many places of largest gradient as were dropped, kept ones among them. A neuron with fewer kept or
    marked places than `ablation_threshold` * fan-in, rounded down but at least 1, is ablated; the fan-in is the one
    before any ablation. No more are ablated than leave one neuron above what can hold the layer's weights, none in the
    last layer, none at threshold 0. What an ablated neuron would have kept is made up for by the largest weights of the
    others. The fan-in becomes floor(budget / active neurons), each active neuron keeps its largest weights up to it and
    grows up to it by gradient. A neuron is one output: a row of a Linear weight, a filter of a convolution. `budget` is
    what `distribution` gives the layer; fan-in * neurons is below it by less than one weight a neuron. A weight dropped
    and grown again keeps value and state. Costs 3 f(masks) a step, 2 f(masks) + f(dense) at an update.

    Defaults are the official code's for convolutional networks: 0.3 by cosine, every 100 steps, rest after 75 %,
    ERK, threshold 0.3 (0.95 for ViTs). Differences: it loses arbitrary weights of over-full neurons (here the
    smallest); where the active neurons have fewer weights than are to be kept, it keeps arbitrary inactive places (here
    they are grown by gradient); its guard of the last layer has no effect; it takes active weights that are 0 for
    inactive; a threshold of 1 is a number of weights there; active weights are not initialised for sparsity.
    """

    ablation_threshold: Fraction = 0.3

    dropped_may_regrow: ClassVar[bool] = True
    regrown_keeps: ClassVar[bool] = True
    constant_fan_in: ClassVar[bool] = True
    presets: ClassVar[Mapping[str, PresetOptions]] = {
        "cifar": PresetOptions("official repository: every 100 steps", {"update_interval": 100}),
        "imagenet": PresetOptions(
            "official repository: every 800 steps at batch 512, ResNet-50", {"update_interval": 800}
        ),
        "vit": PresetOptions("official repository, ViT", {"ablation_threshold": 0.95, "distribution": "uniform"}),
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
        scores = torch.zeros(len(weight), weight[0].numel(), device=weight.device)
        table = largest_of_each(scores, count // len(weight), generator)
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
        """Ablate neurons, keep the largest weights of the others, and bring each to one fan-in."""
        rows = (layer.shape[0], -1)
        kept = layer.active & ~smallest(layer.drop_scores, layer.active, layer.drop, layer.rng)
        alive = self._alive(layer, kept)
        self._neurons[layer.name] = int(alive.count_nonzero())
        fan_in = self.fan_in(layer.name)
        kept = self._of_the_living(layer, kept, alive)
        kept = kept_of_each(kept.view(rows), layer.drop_scores.view(rows), fan_in, layer.rng)
        table = torch.ones_like(kept)  # an ablated neuron is full: nothing grows in it
        table[alive] = kept[alive]
        active = grown_in_each(table, layer.grow_scores.view(rows), fan_in, layer.rng) & alive[:, None]
        return Rewired(kept.flatten(), active.flatten())

    def _alive(self, layer: Layer, kept: Tensor) -> Tensor:
        """Return which neurons stay."""
        every = torch.ones(layer.shape[0], dtype=torch.bool, device=kept.device)
        width = prod(layer.shape[1:])
        least = -(-int(layer.active.count_nonzero()) // width)
        if not self.ablation_threshold or least == len(every) or layer.name == list(self.weights)[-1]:
            return every
        marked = largest(layer.grow_scores, torch.ones_like(kept), layer.drop, layer.rng)
        salient = (kept | marked).view(len(every), -1).count_nonzero(dim=1)
        threshold = max(1, int(self.ablation_threshold * (self._budgets[layer.name] // len(every))))
        return salient >= salient.sort(descending=True).values[least].clamp(max=threshold)

    def _of_the_living(self, layer: Layer, kept: Tensor, alive: Tensor) -> Tensor:
        """Return `kept` without ablated neurons, filled up with the largest weights of the others."""
        if alive.all():
            return kept
        living = alive.repeat_interleave(len(kept) // len(alive))
        candidates = layer.active & living
        count = min(int(kept.count_nonzero()), int(candidates.count_nonzero()))
        return largest(layer.drop_scores, candidates, count, layer.rng)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the masks and `neurons`."""
        return {**super().state_dict(), "neurons": dict(self._neurons)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`."""
        if "neurons" not in state:
            raise InputError("state: neurons is missing; it is not the state of SRigL")
        super().load_state_dict(state)
        self._neurons = dict(state["neurons"])
