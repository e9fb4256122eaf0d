"""Memory-Economic Sparse Training (MEST): elastic mutation, with or without a soft memory bound."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, final

import torch
from torch import Tensor

from robench.contracts.options import Fraction, NonNegative, PresetOptions
from robench.sparse.dynamic import DynamicSparse


@final
@dataclass(kw_only=True, eq=False)
class MEST(DynamicSparse):
    """Memory-Economic Sparse Training: drop by weight and gradient, grow at random or by gradient.

    Yuan et al. 2021, arXiv:2110.14032. Importance is |w| + gradient_weight * |grad|, with the gradient of the step
    that the update follows. Just-dropped weights may be drawn again and then restart at value 0 and state 0.
    Training costs 3 f(masks) a step, soft bound included, and 2 f(masks) + f(dense) at an update with gradient growth.

    Elastic mutation (EM, `soft_bound=0`): the drop fraction is 0.2 of the active weights, half of that in the last
    quarter of the time up to `stop_fraction`, then none: EM at 90 % sparsity in the official code, which steps at
    epochs 90 and 120 of 160. With a soft memory bound (EM&S), each layer holds the share `soft_bound` of its final
    number of weights in addition, half of that in the last quarter; an update drops down to the final number, grows
    up again, and the one at `stop_fraction` only drops. `drop_fraction` is not used then.

    `gradient_weight` 0.01 is the paper's; in the official code it is 0, and gradients are cleared before they
    could be read. `growth="gradient"` has no official reference. The official scripts update every 5 epochs, which is
    3,910 steps at their batch of 64, and the presets do. Other differences: the official code drops by a percentile
    threshold (off by one), takes active weights that are 0 for inactive, leaves the momentum of dropped weights alive,
    and gives all layers one density after the start, which is `distribution="uniform"` but for the first layer.
    """

    drop_fraction: Fraction = 0.2
    growth: Literal["random", "gradient"] = "random"
    gradient_weight: NonNegative = 0.01
    soft_bound: NonNegative = 0.0

    dropped_may_regrow: ClassVar[bool] = True
    presets: ClassVar[Mapping[str, PresetOptions]] = {
        "cifar": PresetOptions(
            "official scripts, EM at 90 %: every 5 epochs of 782 batches of 64, up to epoch 120 of 160",
            {"update_interval": 3910, "stop_fraction": 0.75},
        ),
        "cifar-soft": PresetOptions(
            "official scripts, EM&S at 90 %: density .15, .125, .10, every 5 epochs of 782 batches of 64",
            {"update_interval": 3910, "soft_bound": 0.5},
        ),
    }

    @property
    def drop_uses_gradient(self) -> bool:
        """Where the gradient has a weight."""
        return self.gradient_weight > 0

    @property
    def grow_uses_gradient(self) -> bool:
        """With gradient growth."""
        return self.growth == "gradient"

    def drop_scores(self, weight: Tensor, grad: Tensor) -> Tensor:
        """Return the importance |w| + gradient_weight * |grad|."""
        if not self.drop_uses_gradient:
            return weight.abs()
        return weight.abs().add_(grad.abs(), alpha=self.gradient_weight)

    def grow_scores(self, weight: Tensor, grad: Tensor, rng: torch.Generator) -> Tensor:
        """Return random numbers, or the magnitude of the gradient."""
        return grad.abs() if self.grow_uses_gradient else super().grow_scores(weight, grad, rng)

    def fraction_at(self, step: int) -> float:
        """Return the drop fraction, halved in the last quarter before the topology rests."""
        return self.drop_fraction if self._early(step) else self.drop_fraction / 2

    def initial_counts(self) -> dict[str, int]:
        """Return the final numbers of active weights, and the soft bound on top."""
        return self._bounded(0) if self.soft_bound else self.final_counts()

    def updates_at(self, step: int) -> bool:
        """Say whether the topology is due for an update; a soft bound adds the one that ends it."""
        return super().updates_at(step) or (self.soft_bound > 0 and step == self.landing_step)

    def active_at(self, step: int) -> int | None:
        """Return the number of active weights under the soft bound; None without one."""
        if not self.soft_bound:
            return None
        ended = step >= self.landing_step
        return sum(self._bounded(step if ended else self.last_update(step)).values())

    def drop_counts(self, step: int) -> Mapping[str, int]:
        """Return the mutation of each layer, or all that it holds above its final number."""
        if not self.soft_bound:
            return super().drop_counts(step)
        final = self.final_counts()
        return {name: int(mask.sum()) - final[name] for name, mask in self.masks.items()}

    def grow_counts(self, step: int, dropped: Mapping[str, int]) -> Mapping[str, int]:
        """Return as many as were dropped, or up to the soft bound."""
        if not self.soft_bound:
            return dropped
        final = self.final_counts()
        return {name: count - final[name] for name, count in self._bounded(step).items()}

    def _early(self, step: int) -> bool:
        return step < 0.75 * self.stop_step

    def _bounded(self, step: int) -> dict[str, int]:
        extra = 0.0 if step >= self.landing_step else self.soft_bound if self._early(step) else self.soft_bound / 2
        return {
            name: min(self.weights[name].numel(), count + int(count * extra))
            for name, count in self.final_counts().items()
        }
