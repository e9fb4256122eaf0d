"""Masked: hold chosen weights, and what the optimiser knows of them, at exactly 0."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any, ClassVar

import torch
from torch import Tensor, distributed, nn, optim
from torch.optim import Optimizer

from robench.contracts.method import Method
from robench.contracts.options import Sparsity
from robench.contracts.role import Role
from robench.errors import InputError
from robench.rng import torch_stream
from robench.sparse.coverage import warn_outside
from robench.sparse.distributions import Distribution, Shapes, nonzeros
from robench.sparse.masks import maskable, random_mask

KEEPS_ZERO = frozenset({optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop})
"""Optimisers that leave a weight at 0 whose gradient and state are 0; with any other, `after_step` repairs."""


@dataclass(kw_only=True, eq=False)
class Masked(Method):
    """The masking half of sparse training; subclasses say whether and how masks change.

    Initial masks are uniformly random with exact counts, weights are not rescaled.

    Masking multiplies the gradient, so weights and state that are 0 stay 0 through the optimisers in
    KEEPS_ZERO; after any other optimiser, weights and state are multiplied as well. Persistent memory is one byte
    per masked weight. Parameters keep their storage, memory format and identity.

    An average of the weights (EMA, SWA) holds exact zeros as long as the masks rest; after an update it still holds
    what the dropped weights were: multiply it by `masks` before use.

    Attributes:
        sparsity: Share of the masked weights that is 0, in [0, 1); which weights: `masks.maskable`.
        distribution: How it is spread over layers; see `distributions.nonzeros`.

    Example:
        >>> class Fixed(Masked):
        ...     updates = 0
        >>> model, method = nn.Linear(10, 10), Fixed(sparsity=0.9)
        >>> method.start(model, optim.SGD(model.parameters(), lr=0.1), total_steps=1, seed=0)
        >>> int(method.masks["weight"].sum()), int(model.weight.count_nonzero())
        (10, 10)
    """

    role: ClassVar[Role] = Role.STATIC

    sparsity: Sparsity = 0.5
    distribution: Distribution = "erk"

    def __post_init__(self) -> None:
        self._final: dict[str, int] = {}
        self._weights: dict[str, nn.Parameter] = {}
        self._masks: dict[str, Tensor] = {}

    def layer_counts(self, shapes: Shapes, sparsity: float) -> dict[str, int]:
        """Return the number of active weights of every layer that is masked; see `distributions.nonzeros`."""
        return nonzeros(self.distribution, shapes, sparsity)

    def final_counts(self) -> dict[str, int]:
        """Return the number of active weights that `sparsity` and `distribution` ask of each layer."""
        return dict(self._final)

    def initial_counts(self) -> dict[str, int]:
        """Return the number of active weights of each layer at the start."""
        return self.final_counts()

    def draw(self, weight: Tensor, count: int, generator: torch.Generator) -> Tensor:
        """Return the initial mask of one layer: bool, the weight's shape, `count` ones; see `masks.random_mask`."""
        return random_mask(weight, count, generator)

    def start(self, model: nn.Module, optimizer: Optimizer, *, total_steps: int, seed: int) -> None:
        """Draw masks and apply them to weights and optimiser state in place.

        With torch.distributed initialised, every rank takes the seed of rank 0. A closure given to another optimiser is
        refused at its step: it would make new gradients that are not masked.

        Args:
            model: On its device, its weights initialised.
            optimizer: Made from the parameters of `model`.
            total_steps: Optimiser steps of the whole run, at least 1.
            seed: Of the run; masks are drawn from its stream "topology".

        Raises:
            InputError: The model has nothing to mask, a layer would be left empty, `total_steps` is below 1, or the
                optimiser needs a closure or trains another model.
        """
        if total_steps < 1:
            raise InputError(f"total_steps: {total_steps} is not allowed: 1 or more")
        weights = maskable(model)
        if not weights:
            raise InputError(f"model: {type(model).__name__} has no weight that can be masked")
        _refuse_another_model(optimizer, weights)
        shapes = {name: weight.shape for name, weight in weights.items()}
        self._final = self.layer_counts(shapes, self.sparsity)
        _refuse_closures(optimizer)
        self._optimizer = optimizer
        self._seed = _shared(seed)
        self._weights = {name: weights[name] for name in self._final}
        counts = self.initial_counts()
        self._masks = {
            name: self.draw(weight, counts[name], torch_stream(self._seed, "topology", "start", name))
            for name, weight in self._weights.items()
        }
        for name, mask in self._masks.items():
            self._keep(name, mask)
        warn_outside(model)

    @torch.no_grad()
    def before_step(self, step: int) -> bool:
        """Zero the gradients of inactive weights in place.

        Raises:
            InputError: Before `start`: all would train dense.
        """
        if not self._masks:
            raise InputError(f"{type(self).__name__}: start() has not been called")
        pairs = [(w.grad, self._masks[n]) for n, w in self._weights.items() if w.grad is not None]
        if pairs:
            torch._foreach_mul_([gradient for gradient, _ in pairs], [mask for _, mask in pairs])
        return True

    @torch.no_grad()
    def after_step(self, step: int) -> None:
        """Zero inactive weights and their state after an optimiser that is not in KEEPS_ZERO."""
        if type(self._optimizer) not in KEEPS_ZERO:
            for name, mask in self._masks.items():
                self._keep(name, mask)

    @property
    def weights(self) -> Mapping[str, nn.Parameter]:
        """The weights that are masked, in model order; empty before `start`."""
        return self._weights

    @property
    def masks(self) -> Mapping[str, Tensor]:
        """Live masks, rewired in place: name -> bool tensor on the weight's device, True = active."""
        return self._masks

    def state_dict(self) -> dict[str, Any]:
        """Return `mask.<name>`: bool, for every masked weight."""
        return {f"mask.{name}": _copy(mask) for name, mask in self._masks.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`.

        Raises:
            InputError: It belongs to other layers or shapes.
        """
        stored = {key.removeprefix("mask."): value for key, value in state.items() if key.startswith("mask.")}
        shapes = {name: mask.shape for name, mask in self._masks.items()}
        if {name: mask.shape for name, mask in stored.items()} != shapes:
            raise InputError("state: masks are not those of this model; call start() with the same model first")
        for name, mask in self._masks.items():
            mask.copy_(stored[name])

    @torch.no_grad()
    def clear_optimizer_state(self) -> None:
        """Set to 0 all that the optimiser holds in the shape of a parameter, masked or not; step counts stay."""
        for parameter in self._optimizer.state:
            for value in _state(self._optimizer, parameter):
                value.zero_()

    @torch.no_grad()
    def _keep(self, name: str, places: Tensor) -> None:
        """Set weight and optimiser state to 0 where `places` (bool, shape of the weight) is False."""
        weight = self._weights[name]
        weight.mul_(places)
        for value in _state(self._optimizer, weight):
            value.mul_(places)


def _refuse_another_model(optimizer: Optimizer, weights: Mapping[str, nn.Parameter]) -> None:
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    if not any(id(weight) in held for weight in weights.values()):
        raise InputError("optimizer: it holds no weight that can be masked; make it from the parameters of this model")


def _refuse_closures(optimizer: Optimizer) -> None:
    closure = signature(type(optimizer).step).parameters.get("closure")
    if closure is not None and closure.default is Parameter.empty:
        raise InputError(f"optimizer: {type(optimizer).__name__} needs a closure; sparse training masks gradients once")
    optimizer.register_step_pre_hook(_refuse_closure)


def _refuse_closure(optimizer: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if kwargs.get("closure", args[1] if len(args) > 1 else None) is not None:
        raise InputError("optimizer: step() was given a closure; call backward and before_step first, then step()")


def _state(optimizer: Optimizer, weight: Tensor) -> Iterator[Tensor]:
    if weight in optimizer.state:
        for value in optimizer.state[weight].values():
            if isinstance(value, Tensor) and value.shape == weight.shape:
                yield value


def _copy(mask: Tensor) -> Tensor:
    return mask.clone(memory_format=torch.contiguous_format)


def _shared(seed: int) -> int:
    if not (distributed.is_available() and distributed.is_initialized()):
        return seed
    box = [seed]
    distributed.broadcast_object_list(box, src=0)
    return box[0]
