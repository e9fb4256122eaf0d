"""Masked: hold chosen weights, and what the optimiser knows of them, at exactly 0."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, distributed, nn
from torch.optim import Optimizer

from robench.contracts.method import Method
from robench.contracts.options import Sparsity
from robench.contracts.role import Role
from robench.errors import InputError
from robench.rng import torch_stream
from robench.sparse.coverage import warn_outside
from robench.sparse.distributions import Distribution, Shapes, nonzeros
from robench.sparse.masks import maskable, random_mask
from robench.sparse.optimizer_state import (
    KEEPS_ZERO,
    held,
    refuse_closures,
    refuse_vanishing_eps,
    restart,
    restart_all,
)


@dataclass(kw_only=True, eq=False)
class Masked(Method):
    """The masking half of sparse training; subclasses say whether and how masks change.

    Initial masks are uniformly random with exact counts, weights are not rescaled.

    Masking multiplies the gradient, so weights and state that are 0 stay 0 through the optimisers in
    `optimizer_state.KEEPS_ZERO`; after any other optimiser, weights and state are masked as well. What a fresh weight's
    state starts at (0, but for the step size of Rprop and the sums of Adagrad) is what an inactive one has. Persistent
    memory is one byte per masked weight. Parameters keep their storage, memory format and identity.

    Only weights that the optimiser trains are masked: what it does not hold stays as it is, like a frozen weight, and
    is named in one warning.

    Clip gradients between `before_step` and the optimiser's step: before it their norm counts those of inactive
    weights, which the step does not see. Scores then read gradients that are not clipped. A first step of
    sharpness-aware minimisation (SAM), which moves weights by the gradient, moves inactive ones too unless that
    gradient is multiplied by `masks`; `before_step` belongs after the second backward.

    An average of the weights (EMA, SWA) holds exact zeros as long as the masks rest; after an update it still holds
    what the dropped weights were: multiply it by `masks` before use.

    Attributes:
        sparsity: Share of the masked weights that is 0, in [0, 1); which weights: `masks.maskable`.
        distribution: How it is spread over layers; see `distributions.nonzeros`.

    Example:
        >>> class Fixed(Masked):
        ...     updates = 0
        >>> model, method = nn.Linear(10, 10), Fixed(sparsity=0.9)
        >>> method.start(model, torch.optim.SGD(model.parameters(), lr=0.1), total_steps=1, seed=0)
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
            optimizer: Made from the parameters of `model`; what it does not hold is not masked.
            total_steps: Optimiser steps of the whole run, at least 1.
            seed: Of the run; masks are drawn from its stream "topology", on the CPU: they depend on no device.

        Raises:
            InputError: The model has nothing to mask, a layer would be left empty, a weight is complex or has no values
                (lazy, on the meta device), `total_steps` is below 1, or the optimiser needs a closure, trains another
                model, or has an `eps` that is 0 in the type of a weight.
        """
        if total_steps < 1:
            raise InputError(f"total_steps: {total_steps} is not allowed: 1 or more")
        weights = _trained(model, optimizer)
        shapes = {name: weight.shape for name, weight in weights.items()}
        self._final = self.layer_counts(shapes, self.sparsity)
        refuse_closures(optimizer)
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
        refuse_wrapped(state, self._masks)
        shapes = {name: mask.shape for name, mask in self._masks.items()}
        if {name: mask.shape for name, mask in stored.items()} != shapes:
            raise InputError("state: masks are not those of this model; call start() with the same model first")
        for name, mask in self._masks.items():
            mask.copy_(stored[name])

    @torch.no_grad()
    def clear_optimizer_state(self) -> None:
        """Bring all that the optimiser holds of any parameter, masked or not, to where it starts; step counts stay."""
        restart_all(self._optimizer)

    @torch.no_grad()
    def _keep(self, name: str, places: Tensor) -> None:
        """Set the weight to 0 and its optimiser state to its start where `places` (bool, its shape) is False."""
        weight = self._weights[name]
        weight.mul_(places)
        restart(self._optimizer, weight, places)


def _trained(model: nn.Module, optimizer: Optimizer) -> dict[str, nn.Parameter]:
    """Return the weights that are masked: those that can be, less those that the optimiser does not hold."""
    weights = maskable(model)
    if not weights:
        raise InputError(f"model: {type(model).__name__} has no weight that can be masked")
    for name, weight in weights.items():
        if weight.is_meta:
            raise InputError(f"model: {name} is on the meta device, without values; move the model to its device first")
        if weight.is_complex():
            raise InputError(f"model: {name} is complex; weights of real numbers can be masked")
    trained = held(optimizer, weights)
    refuse_vanishing_eps(optimizer, trained)
    if left := [name for name in weights if name not in trained]:
        names = ", ".join(left[:3]) + (" ..." if len(left) > 3 else "")
        text = (
            f"optimizer: it does not train {len(left)} of {len(weights)} weights that can be masked, which stay dense"
        )
        warnings.warn(f"{text}: {names}", UserWarning, stacklevel=4)
    return trained


def refuse_wrapped(state: Mapping[str, Any], masks: Mapping[str, Tensor]) -> None:
    """Say so where the names in a state differ from those of `masks` by what torch.compile or DDP puts before them.

    Raises:
        InputError: They do.

    Example:
        >>> refuse_wrapped({"mask.module.a": None}, {"a": torch.ones(1)})
        Traceback (most recent call last):
            ...
        robench.errors.InputError: state: it names module.a what is a here; start() with it wrapped as then
    """
    stored = {key.removeprefix("mask.") for key in state if key.startswith("mask.")}
    if stored != masks.keys() and {_bare(name) for name in stored} == {_bare(name) for name in masks}:
        theirs, ours = min(stored), min(masks)
        raise InputError(f"state: it names {theirs} what is {ours} here; start() with it wrapped as then")


def _bare(name: str) -> str:
    return name.replace("_orig_mod.", "").removeprefix("module.")


def _copy(mask: Tensor) -> Tensor:
    return mask.clone(memory_format=torch.contiguous_format)


def _shared(seed: int) -> int:
    if not (distributed.is_available() and distributed.is_initialized()):
        return seed
    box = [seed]
    distributed.broadcast_object_list(box, src=0)
    return box[0]
