"""ExampleThirdParty, a training method for robench."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from robench.contracts import NonNegative
from robench.sparse import DynamicSparse
from torch import Tensor


@final
@dataclass(kw_only=True, eq=False)
class ExampleThirdParty(DynamicSparse):
    """Drop the smallest weights, grow by gradient and chance.

    Say here what it is, after which paper, what it costs, and where it differs from other code.
    """

    noise: NonNegative = 0.1

    api_version: ClassVar[int] = 1

    @property
    def grow_uses_gradient(self) -> bool:
        """The gradient of inactive weights is read: a step with an update costs a dense one."""
        return True

    def grow_scores(self, weight: Tensor, grad: Tensor, rng: torch.Generator) -> Tensor:
        """Return the gradient's magnitude, raised by up to `noise` at random."""
        chance = torch.rand(weight.shape, generator=rng).to(weight.device)
        return grad.abs() * (1 + self.noise * chance)
