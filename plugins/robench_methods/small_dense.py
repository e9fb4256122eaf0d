"""Small dense training."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, final

from torch import nn
from torch.optim import Optimizer

from robench.contracts.model import Factory
from robench.contracts.options import Sparsity
from robench.contracts.role import Role
from robench.errors import InputError
from robench.sparse.distributions import Distribution, nonzeros
from robench.sparse.flops import count_layers, count_parameters, weigh
from robench.sparse.masks import maskable
from robench.sparse.narrowing import narrow
from robench.sparse.shapes import shapes_alone
from robench.sparse.unmasked import Unmasked

TOLERANCE = 0.01


@final
@dataclass(kw_only=True, eq=False)
class SmallDense(Unmasked):
    """Small dense training: the same architecture, narrower, dense.

    The control that tells sparsity apart from mere size; RigL (arXiv:1911.11134) calls it "Small-Dense". The widths
    of the stages are chosen so that parameters, or inference FLOPs (`match`), are within 1 % of those of the full
    network at `sparsity` spread by `distribution`: masked weights at their exact counts, all others dense.

    Costs 3 f a step, f of the narrow network; the record's ratios are to the full network. Differs from RigL, which
    scales all widths by one factor: here each stage is rounded by itself, which is what brings it within 1 %.
    """

    role: ClassVar[Role] = Role.SMALL

    sparsity: Sparsity = 0.5
    match: Literal["parameters", "flops"] = "parameters"
    distribution: Distribution = "erk"

    def build(self, factory: Factory) -> nn.Module:
        """Return the narrow network; the random state of its weights is that of a plain build.

        Raises InputError where the model has no widths to choose, or none within 1 %.
        """
        if factory.widths is None:
            raise InputError("model: it has no widths to choose, so it cannot be narrowed")
        size = self._size(factory)
        with shapes_alone():
            target = self._target(factory(), factory.input_size)
        widths = narrow(factory.widths, size, target)
        if abs(size(widths) / target - 1) > TOLERANCE:
            found = f"{self.match} {size(widths):.0f} at widths {list(widths)}"
            raise InputError(f"sparsity: {self.sparsity} asks for {target:.0f}; nearest are {found}, not within 1 %")
        return factory(widths=widths)

    def start(self, model: nn.Module, optimizer: Optimizer, *, total_steps: int, seed: int) -> None:
        """Choose no masks."""

    def _size(self, factory: Factory) -> Callable[[tuple[int, ...]], float]:
        def size(widths: tuple[int, ...]) -> float:
            with shapes_alone():
                model = factory(widths=widths)
            if self.match == "parameters":
                return sum(parameter.numel() for parameter in model.parameters())
            return weigh(count_layers(model, factory.input_size), {})

        return size

    def _target(self, full: nn.Module, input_size: tuple[int, ...]) -> float:
        weights = maskable(full)
        counts = nonzeros(self.distribution, {name: w.shape for name, w in weights.items()}, self.sparsity)
        if self.match == "parameters":
            zeros = sum(weights[name].numel() - count for name, count in counts.items())
            return count_parameters(full, {}).total - zeros
        densities = {name: count / weights[name].numel() for name, count in counts.items()}
        return weigh(count_layers(full, input_size), densities)
