"""DynamicSparse: the engine that every dynamic sparse training method is a few lines on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from robench.contracts.options import Fraction, PositiveInt
from robench.contracts.role import Role
from robench.sparse.rewiring import Rewiring
from robench.sparse.schedules import cosine, is_update, landing, last_update


@dataclass(kw_only=True, eq=False)
class DynamicSparse(Rewiring):
    """Drop and grow connections while training, the number of active weights of each layer fixed.

    To make a method, override `drop_scores` and/or `grow_scores` (here: magnitude and random, as in SET) and
    declare the three class fields. A method whose scores read the gradient says so by
    `drop_uses_gradient` / `grow_uses_gradient`. One that moves weights between layers, or whose density
    changes, overrides `drop_counts` and/or `grow_counts`; one with a structure inside a layer overrides `choose`.

    A layer drops floor(fraction * active) weights; a layer with density 1 has nothing to rewire and is left alone.

    Attributes:
        drop_fraction: Share of a layer's active weights dropped at the first update, annealed by a cosine to 0.
        update_interval: In optimiser steps (see `schedules.is_update`).
        stop_fraction: Share of all steps at which the cosine is 0, after which the topology rests.

    Example:
        50 of 100 weights are active, of which the update at step 1 drops 0.3 / 2 x (1 + cos(pi / 3)) = 22.5 %:

        >>> from torch import nn, ones, optim
        >>> model = nn.Linear(10, 10)
        >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
        >>> method = DynamicSparse(sparsity=0.5, update_interval=1)
        >>> method.start(model, optimizer, total_steps=4, seed=0)
        >>> begin = method.masks["weight"].clone()
        >>> for step in range(2):
        ...     model(ones(1, 10)).sum().backward()
        ...     if method.before_step(step):
        ...         optimizer.step()
        ...     method.after_step(step)
        >>> mask = method.masks["weight"]
        >>> int(mask.sum()), int((begin & ~mask).sum()), method.exploration_rate
        (50, 11, 0.61)
    """

    drop_fraction: Fraction = 0.3
    update_interval: PositiveInt = 100
    stop_fraction: Fraction = 0.75

    role: ClassVar[Role] = Role.DYNAMIC

    @property
    def stop_step(self) -> int:
        """Step from which the topology rests; known after `start`."""
        return round(self.stop_fraction * self.total_steps)

    @property
    def landing_step(self) -> int:
        """Step of the update that ends a density schedule: `stop_step`, but before the last step of all."""
        return landing(self.stop_step, self.total_steps)

    def fraction_at(self, step: int) -> float:
        """Return the share of active weights dropped by an update at `step`."""
        return cosine(self.drop_fraction, step, self.stop_step)

    def updates_at(self, step: int) -> bool:
        """Say whether the topology is due for an update at `step`."""
        return is_update(step, interval=self.update_interval, stop=self.stop_step, total=self.total_steps)

    def last_update(self, step: int) -> int:
        """Return the last step at or before `step` with an update by the interval, 0 where there was none."""
        return last_update(step, interval=self.update_interval, stop=self.stop_step, total=self.total_steps)

    def drop_counts(self, step: int) -> Mapping[str, int]:
        """Return how many active weights each layer drops: floor(fraction * active), no more than can grow."""
        return {name: self._drop_count(mask, step) for name, mask in self._masks.items()}

    def grow_counts(self, step: int, dropped: Mapping[str, int]) -> Mapping[str, int]:
        """Return how many weights each layer grows: as many as it dropped."""
        return dropped

    def rewire(self, step: int, gradients: Mapping[str, Tensor]) -> None:
        """Drop and grow, layer by layer."""
        drop = self.drop_counts(step)
        grow = self.grow_counts(step, drop)
        for name in self._masks:
            self.change(step, name, gradients, drop=drop[name], grow=grow[name])

    def _drop_count(self, mask: Tensor, step: int) -> int:
        active = int(mask.count_nonzero())
        inactive = mask.numel() - active
        count = int(active * self.fraction_at(step)) if inactive else 0
        return count if self.dropped_may_regrow else min(count, inactive)
