"""Pruning: start dense, end sparse."""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor

from robench.contracts.options import Fraction
from robench.contracts.role import Role
from robench.errors import InputError
from robench.sparse.rewiring import Rewiring
from robench.sparse.schedules import landing


@dataclass(kw_only=True, eq=False)
class Pruning(Rewiring):
    """Take away the weights of smallest score while training; nothing grows.

    A subclass says when (`updates_at`) and how much is left (`surplus_at`), and may override `drop_scores` (here:
    magnitude).

    Attributes:
        scope: "layer" brings each layer to the number that `distribution` gives it; "global" compares all layers, whose
            sum is the same number.

    Example:
        Half of the way at the end of step 0, 55 of 100 weights are left of which 10 are to stay:

        >>> from torch import nn, optim
        >>> class Halving(Pruning):
        ...     def updates_at(self, step):
        ...         return True
        ...     def surplus_at(self, step):
        ...         return 0.5 ** (step + 1)
        >>> model, method = nn.Linear(10, 10), Halving(sparsity=0.9)
        >>> method.start(model, optim.SGD(model.parameters(), lr=0.1), total_steps=9, seed=0)
        >>> method.active_at(0), method.active_at(1)
        (55, 33)
    """

    scope: Literal["global", "layer"] = "global"

    role: ClassVar[Role] = Role.PRUNING

    @abstractmethod
    def surplus_at(self, step: int) -> float:
        """Return the share of weights above the final number that is left at the end of `step`: 1 dense, 0 final."""

    def initial_counts(self) -> dict[str, int]:
        """Return the sizes of all layers."""
        return {name: weight.numel() for name, weight in self.weights.items()}

    def counts_at(self, step: int) -> dict[str, int]:
        """Return the number of active weights of each layer at the end of `step`, in the scope of a layer."""
        left = self.surplus_at(step)
        size = self.initial_counts()
        return {name: final + math.ceil(left * (size[name] - final)) for name, final in self.final_counts().items()}

    def active_at(self, step: int) -> int:
        """Return the number of active weights at the end of `step`."""
        return sum(self.counts_at(step).values())

    def rewire(self, step: int, gradients: Mapping[str, Tensor]) -> None:
        """Prune to the schedule."""
        counts = self.counts_at(step)
        if self.scope == "global":
            counts = self.pool(step, gradients, sum(counts.values()))
        for name, mask in self.masks.items():
            self.change(step, name, gradients, drop=int(mask.count_nonzero()) - counts[name], grow=0)


@dataclass(kw_only=True, eq=False)
class ScheduledPruning(Pruning):
    """Pruning between two shares of all steps.

    Attributes:
        start_fraction: Share of all steps up to which the network is dense.
        stop_fraction: Share of all steps from which it has its final number of weights, not below `start_fraction`.

    Example:
        >>> from torch import nn, optim
        >>> class AtOnce(ScheduledPruning):
        ...     def updates_at(self, step):
        ...         return step == self.span()[1]
        ...     def surplus_at(self, step):
        ...         return float(step < self.span()[1])
        >>> model, method = nn.Linear(10, 10), AtOnce(sparsity=0.9, start_fraction=0.2, stop_fraction=0.5)
        >>> method.start(model, optim.SGD(model.parameters(), lr=0.1), total_steps=10, seed=0)
        >>> method.span(), method.active_at(4), method.active_at(5)
        ((2, 5), 100, 10)
    """

    start_fraction: Fraction = 0.0
    stop_fraction: Fraction = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.start_fraction > self.stop_fraction:
            raise InputError(f"start_fraction: {self.start_fraction} is above stop_fraction {self.stop_fraction}")

    def span(self) -> tuple[int, int]:
        """Return the step at which pruning starts, and the one at whose end the network has its final number."""
        end = landing(round(self.stop_fraction * self.total_steps), self.total_steps)
        return round(self.start_fraction * self.total_steps), end
