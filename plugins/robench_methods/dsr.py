"""Dynamic Sparse Reparameterization (DSR)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, final

from torch import Tensor, nn
from torch.optim import Optimizer

from robench.contracts.options import Fraction, Positive, PresetOptions
from robench.errors import InputError
from robench.sparse.allocation import proportional
from robench.sparse.distributions import Distribution
from robench.sparse.dynamic import DynamicSparse
from robench.sparse.schedules import is_update


@final
@dataclass(kw_only=True, eq=False)
class DSR(DynamicSparse):
    """Dynamic Sparse Reparameterization: drop below one threshold for all layers, grow in layers that survive.

    Mostafa and Wang 2019, arXiv:1902.05967. After the optimiser step all weights with |w| below the threshold are
    dropped; then it is halved where they were more than 1.1 times `drop_fraction` of the active weights, doubled
    where less than 0.9 times. As many are grown at random, given to layers in proportion to what survived in them;
    just-dropped weights are no candidates. The number of weights in all layers is constant, that of a layer is not.
    Costs 3 f(masks) a step.

    The official code asks for a number of weights (20,000 of about 146,000 active ones in its WRN-28-2 at 90 %
    sparsity), here a share. On CIFAR it updates every 100, 200, 400, 800 steps from epochs 0, 25, 80, 140 of 200:
    `interval_doubles` doubles `update_interval` at these shares of training, as its preset does. Both rest at 95 % of
    training. Never are more dropped than there are places to grow. A layer left without weights is an error.
    """

    distribution: Distribution = "uniform"
    drop_fraction: Fraction = 0.14
    stop_fraction: Fraction = 0.95
    initial_threshold: Positive = 0.001
    interval_doubles: bool = False

    presets: ClassVar[Mapping[str, PresetOptions]] = {
        "cifar": PresetOptions(
            "official repository, WRN-28-2: every 100, 200, 400, 800 steps, up to epoch 190 of 200",
            {"drop_fraction": 0.14, "stop_fraction": 0.95, "update_interval": 100, "interval_doubles": True},
        ),
        "imagenet": PresetOptions(
            "official repository, ResNet-50 at 80 %: 400,000 of about 5.1 million active weights, up to epoch 95 of "
            "100; its intervals are not known to us",
            {"drop_fraction": 0.08, "stop_fraction": 0.95},
        ),
    }

    def fraction_at(self, step: int) -> float:
        """Return the share that the threshold aims at, the same at every update."""
        return self.drop_fraction

    def updates_at(self, step: int) -> bool:
        """Say whether the topology is due for an update; the interval doubles at 1/8, 2/5 and 7/10 of all steps."""
        doubled = sum(step >= share * self.total_steps for share in (0.125, 0.4, 0.7)) if self.interval_doubles else 0
        interval = self.update_interval * 2**doubled
        return is_update(step, interval=interval, stop=self.stop_step, total=self.total_steps)

    def active_at(self, step: int) -> int:
        """Return the number of active weights of all layers, which is constant."""
        return sum(self.final_counts().values())

    def start(self, model: nn.Module, optimizer: Optimizer, *, total_steps: int, seed: int) -> None:
        """Draw masks; the threshold starts anew."""
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        self._threshold = self.initial_threshold

    def drop_counts(self, step: int) -> Mapping[str, int]:
        """Return how many weights lie below the threshold, or the smallest of all, as many as can grow."""
        active = self.active_at(step)
        free = sum(mask.numel() for mask in self.masks.values()) - active
        below = self._below()
        if sum(below.values()) <= free:
            return below
        kept = self.pool(step, {}, active - free)
        return {name: int(mask.count_nonzero()) - kept[name] for name, mask in self.masks.items()}

    def grow_counts(self, step: int, dropped: Mapping[str, int]) -> Mapping[str, int]:
        """Share out what was dropped by the numbers of weights that survived."""
        active = {name: int(mask.count_nonzero()) for name, mask in self.masks.items()}
        survivors = {name: float(count - dropped[name]) for name, count in active.items()}
        places = {name: mask.numel() - active[name] for name, mask in self.masks.items()}
        return proportional(sum(dropped.values()), survivors, places)

    def rewire(self, step: int, gradients: Mapping[str, Tensor]) -> None:
        """Drop and grow, then adapt the threshold to how many lay below it."""
        below, aim = sum(self._below().values()), self.drop_fraction * self.active_at(step)
        super().rewire(step, gradients)
        if below > 1.1 * aim:
            self._threshold /= 2
        elif below < 0.9 * aim:
            self._threshold *= 2

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the masks and `threshold`."""
        return {**super().state_dict(), "threshold": self._threshold}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`."""
        if "threshold" not in state:
            raise InputError("state: threshold is missing; it is not the state of DSR")
        super().load_state_dict(state)
        self._threshold = state["threshold"]

    def _below(self) -> dict[str, int]:
        return {
            name: int(((self.weights[name].detach().abs() < self._threshold) & mask).sum())
            for name, mask in self.masks.items()
        }
