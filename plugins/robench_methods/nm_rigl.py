"""RigL with N:M structure."""

from dataclasses import dataclass
from fractions import Fraction as Ratio
from typing import ClassVar, Literal, final

import torch
from torch import Tensor

from robench.contracts.options import PositiveInt
from robench.errors import InputError
from robench.sparse.distributions import Shapes
from robench.sparse.dynamic import DynamicSparse
from robench.sparse.masks import mask_like
from robench.sparse.rewiring import Layer
from robench.sparse.structure import blocks, grown_in_each, largest_of_each, unblocked
from robench.sparse.topk import Rewired, smallest


@final
@dataclass(kw_only=True, eq=False)
class NMRigL(DynamicSparse):
    """RigL with N:M structure: exactly N of every M consecutive inputs are active, at every step.

    The drop, the growth and the schedule of RigL (Evci et al. 2020, arXiv:1911.11134) on the pattern of Zhou et al.
    2021, arXiv:2102.04010: the smallest weights of a layer are dropped, then each block of M grows as many as it
    lost where its gradients are largest. `block` is M, N is M * (1 - sparsity) and must be whole (InputError): the
    defaults are 2:4, which `robench.sparse.semi_structured` hands to hardware. A block holds M consecutive input
    channels at one output and one place of the kernel.

    The first layer and layers whose number of input channels is no multiple of M stay dense and outside the budget.
    The update takes the place of the step; a weight dropped and grown again in one update keeps value and state.
    Costs 3 f(masks) a step, 2 f(masks) + f(dense) at an update. This combination has no official reference.
    """

    distribution: Literal["uniform"] = "uniform"
    block: PositiveInt = 4

    dropped_may_regrow: ClassVar[bool] = True
    regrown_keeps: ClassVar[bool] = True
    update_replaces_step: ClassVar[bool] = True
    leaves_dense: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self._active_in_block = self._whole()

    @property
    def active_in_block(self) -> int:
        """N, from `sparsity` and `block`."""
        return self._active_in_block

    def layer_counts(self, shapes: Shapes, sparsity: float) -> dict[str, int]:
        """Return N/M of the layers that can be cut into blocks, but for the first layer."""
        active = self.active_in_block
        uniform = super().layer_counts(shapes, sparsity)
        fits = {name: torch.Size(shapes[name]) for name in uniform if shapes[name][1] % self.block == 0}
        if not fits:
            raise InputError(f"model: no layer has a multiple of {self.block} input channels")
        return {name: shape.numel() // self.block * active for name, shape in fits.items()}

    def draw(self, weight: Tensor, count: int, generator: torch.Generator) -> Tensor:
        """Return a mask with N random ones in each block."""
        table = torch.zeros(weight.numel() // self.block, self.block, device=weight.device)
        flat = unblocked(largest_of_each(table, self.active_in_block, generator), weight.shape)
        return mask_like(weight, flat)

    @property
    def grow_uses_gradient(self) -> bool:
        """Always."""
        return True

    def grow_scores(self, weight: Tensor, grad: Tensor, rng: torch.Generator) -> Tensor:
        """Return the magnitude of the gradient."""
        return grad.abs()

    def choose(self, layer: Layer) -> Rewired:
        """Drop over the layer, grow in each block."""
        kept = layer.active & ~smallest(layer.drop_scores, layer.active, layer.drop, layer.rng)
        table = grown_in_each(
            blocks(kept, layer.shape, self.block),
            blocks(layer.grow_scores, layer.shape, self.block),
            self.active_in_block,
            layer.rng,
        )
        return Rewired(kept, unblocked(table, layer.shape))

    def _whole(self) -> int:
        count = self.block * (1 - Ratio(repr(float(self.sparsity))))
        if count.denominator != 1 or count < 1:
            allowed = ", ".join(f"{1 - n / self.block:g}" for n in range(self.block, 0, -1))
            raise InputError(f"sparsity: {self.sparsity} with block {self.block} is not allowed: one of {allowed}")
        return int(count)
