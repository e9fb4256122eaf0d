"""Memory-Economic Sparse Training (MEST), elastic mutation."""

from dataclasses import dataclass
from typing import ClassVar, Literal, final

import torch
from torch import Tensor

from robench.contracts.options import Fraction, NonNegative
from robench.sparse.dynamic import DynamicSparse


@final
@dataclass(kw_only=True, eq=False)
class MEST(DynamicSparse):
    """Memory-Economic Sparse Training: drop by weight and gradient, grow at random or by gradient.

    Yuan et al. 2021, arXiv:2110.14032, elastic mutation (EM) at a fixed number of active weights. Importance is
    |w| + gradient_weight * |grad|, with the gradient of the step that the update follows. Just-dropped weights
    may be drawn again and then restart at value 0 and state 0.

    The drop fraction is 0.2 of the active weights, half of that in the last quarter of the time up to
    `stop_fraction`, then none: EM at 90 % sparsity in the official code, which steps at epochs 90 and 120 of 160.
    `gradient_weight` 0.01 is the paper's; in the official code it is 0, and gradients are cleared before they
    could be read. `growth="gradient"` has no official reference. Other differences: the official code
    updates every 5 epochs, drops by a percentile threshold (off by one), takes active weights that are 0
    for inactive, and leaves the momentum of dropped weights alive.
    """

    drop_fraction: Fraction = 0.2
    growth: Literal["random", "gradient"] = "random"
    gradient_weight: NonNegative = 0.01

    dropped_may_regrow: ClassVar[bool] = True

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
        return self.drop_fraction if step < 0.75 * self.stop_step else self.drop_fraction / 2
