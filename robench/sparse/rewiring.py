"""Rewiring: the machinery under every method whose masks change while it trains."""

import warnings
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from robench.errors import InputError, PluginError
from robench.rng import torch_stream
from robench.sparse.allocation import pooled
from robench.sparse.exploration import Explored, explored
from robench.sparse.masked import Masked, refuse_wrapped
from robench.sparse.topk import Rewired, rewire, selected


class Layer(NamedTuple):
    """One layer in an update.

    Attributes:
        name: As in `named_parameters()`.
        step: Of the update.
        shape: Of the weight.
        active: Its mask, flat and row-major.
        drop_scores: Flat likewise; active weights of smallest score are dropped.
        grow_scores: Flat likewise; candidates of largest score are grown.
        drop: How many to drop.
        grow: How many to grow.
        rng: Generator of this update and layer alone.
    """

    name: str
    step: int
    shape: torch.Size
    active: Tensor
    drop_scores: Tensor
    grow_scores: Tensor
    drop: int
    grow: int
    rng: torch.Generator


@dataclass(kw_only=True, eq=False)
class Rewiring(Masked):
    """When masks change, in which order, and what is done to weights and optimiser state; not which weights.

    A subclass says when (`updates_at`) and by how much (`rewire`, in calls of `change`), and may override the scores
    and `choose`. Scores that read the gradient are declared by `drop_uses_gradient` / `grow_uses_gradient`; otherwise
    they are given NaN for a gradient, and fail. Scores that tie are drawn at random. The gradient of a weight that the
    loss did not reach counts as 0, as under DistributedDataParallel; the first time, one warning names such weights.

    An update is skipped where a weight, or a gradient that is read, is not finite: a step that a gradient
    scaler will skip too. If the number of active weights is then not the declared one (`active_at`), the update is
    made up for at the next step. An update that would leave a layer without weights raises InputError. At sparsity 0
    there is nothing to rewire: training is dense training, bit for bit.

    Memory between updates: a byte a masked weight for its mask and up to sparsity / 8 for which weights were ever
    active (compressed: 0.07 at 90 % sparsity where one in ten of the inactive weights was; 1/8 on a GPU, from which no
    mask is copied). Random scores and the order of ties are drawn on the CPU, so that masks depend on no device, and
    sorted where the weights are. At an update up
    to 15 bytes a weight of the largest layer, and where the update follows the step and reads the gradient 4 bytes a
    weight of all layers, for a copy of it.

    Example:
        >>> class Thinning(Rewiring):
        ...     def updates_at(self, step):
        ...         return step > 0
        ...     def rewire(self, step, gradients):
        ...         self.change(step, "weight", gradients, drop=2, grow=1)
        >>> model, method = nn.Linear(10, 1), Thinning(sparsity=0.5)
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> method.start(model, optimizer, total_steps=3, seed=0)
        >>> for step in range(3):
        ...     model(torch.ones(1, 10)).sum().backward()
        ...     if method.before_step(step):
        ...         optimizer.step()
        ...     method.after_step(step)
        ...     print(method.updates, int(method.masks["weight"].sum()))
        0 5
        1 4
        2 3
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self._updates = 0
        self._total = 0
        self._overdue = False
        self._dense = False
        self._explored: dict[str, Explored] = {}
        self._gradients: dict[str, Tensor] | None = None
        self._warned = False

    @property
    def drop_uses_gradient(self) -> bool:
        """Whether `drop_scores` reads the gradient of active weights."""
        return False

    @property
    def grow_uses_gradient(self) -> bool:
        """Whether `grow_scores` reads the gradient of inactive weights: the step costs a dense weight gradient."""
        return False

    def drop_scores(self, weight: Tensor, grad: Tensor) -> Tensor:
        """Return a score for each weight, in its shape: active weights of smallest score are dropped.

        Args:
            weight: Before the step where the update replaces it, else after it.
            grad: Dense gradient of the step, in the weight's shape; NaN unless `drop_uses_gradient`.
        """
        return weight.abs()

    def grow_scores(self, weight: Tensor, grad: Tensor, rng: torch.Generator) -> Tensor:
        """Return a score for each weight, in its shape: candidates of largest score are grown.

        Args:
            weight: As in `drop_scores`.
            grad: Dense gradient of the step, in the weight's shape; NaN unless `grow_uses_gradient`.
            rng: CPU generator of this update and layer alone.
        """
        return torch.rand(weight.shape, generator=rng).to(weight.device)

    @property
    def total_steps(self) -> int:
        """Number of optimiser steps of the run; 0 before `start`."""
        return self._total

    @abstractmethod
    def updates_at(self, step: int) -> bool:
        """Say whether the topology is due for an update at `step`."""

    def first_update(self, total_steps: int) -> int | None:
        """Return the first step with an update in a training of so many steps, None where there is none.

        For a method that has not started.
        """
        self._total = total_steps
        return next(filter(self.updates_at, range(total_steps)), None)

    @abstractmethod
    def rewire(self, step: int, gradients: Mapping[str, Tensor]) -> None:
        """Update the topology; `gradients` (name -> dense gradient) is empty where none is read."""

    def choose(self, layer: Layer) -> Rewired:
        """Return the new mask of one layer; a structured method overrides this."""
        return rewire(
            layer.active,
            layer.drop_scores,
            layer.grow_scores,
            layer.drop,
            grown=layer.grow,
            dropped_may_regrow=self.dropped_may_regrow,
            generator=layer.rng,
        )

    def dense_gradient(self, step: int) -> bool:
        """Updates of methods that grow by gradient need it."""
        return self.grow_uses_gradient and self._due(step)

    def start(self, model: nn.Module, optimizer: Optimizer, *, total_steps: int, seed: int) -> None:
        """Draw masks as `Masked.start` does and fix the schedule to `total_steps` optimiser steps."""
        self._total = total_steps
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        self._updates, self._overdue = 0, False
        self._dense = sum(self._final.values()) == sum(weight.numel() for weight in self._weights.values())
        self._explored = {name: explored(mask) for name, mask in self._masks.items()}
        self._gradients, self._warned = None, False

    def before_step(self, step: int) -> bool:
        """Update the topology in place of the step where declared; else mask the gradients.

        Returns:
            False where the update replaces the step.

        Raises:
            InputError: Before `start`; or gradients are read and no weight has one.
        """
        if self._masks and self._due(step):
            gradients = self._read_gradients()
            if self.update_replaces_step and self._update(step, gradients):
                return False
            if not self.update_replaces_step:
                self._gradients = {name: gradient.clone() for name, gradient in gradients.items()}
        return super().before_step(step)

    def after_step(self, step: int) -> None:
        """Keep inactive weights at 0; update the topology where that follows the step."""
        super().after_step(step)
        if self._gradients is not None:
            gradients, self._gradients = self._gradients, None
            self._update(step, gradients)

    @property
    def updates(self) -> int:
        """Number of topology updates so far."""
        return self._updates

    @property
    def exploration_rate(self) -> float:
        """Share of masked weights that were ever active: the union of masks over time."""
        total = sum(mask.numel() for mask in self._masks.values())
        return sum(self._explored[name].count(mask) for name, mask in self._masks.items()) / total if total else 1.0

    def state_dict(self) -> dict[str, Any]:
        """Return masks, `explored.<name>` (uint8, eight weights a byte, ever active), `updates`; `overdue` if so."""
        ever = {f"explored.{name}": self._explored[name].packed(mask) for name, mask in self._masks.items()}
        overdue = {"overdue": True} if self._overdue else {}
        return {**super().state_dict(), **ever, "updates": self._updates, **overdue}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`; random numbers are addressed by step, none need restoring.

        Raises:
            InputError: It is the state of another method, or of other layers or shapes.
        """
        refuse_wrapped(state, self._masks)
        if missing := {"updates", *(f"explored.{name}" for name in self._masks)} - state.keys():
            raise InputError(f"state: {min(missing)} is missing; it is not the state of {type(self).__name__}")
        super().load_state_dict(state)
        self._updates, self._overdue = state["updates"], state.get("overdue", False)
        for name, mask in self._masks.items():
            self._explored[name].load(state[f"explored.{name}"], mask)

    def pool(self, step: int, gradients: Mapping[str, Tensor], count: int) -> dict[str, int]:
        """Return how many of the `count` active weights of largest drop score, over all layers, each layer has."""
        scores = {name: selected(self._drop_scores(name, gradients), mask) for name, mask in self._masks.items()}
        return pooled(scores, count, torch_stream(self._seed, "topology", step))

    def _drop_scores(self, name: str, gradients: Mapping[str, Tensor]) -> Tensor:
        weight = self._weights[name].detach()
        return self.drop_scores(weight, gradients[name] if self.drop_uses_gradient else _unread(weight))

    def _due(self, step: int) -> bool:
        return not self._dense and (self._overdue or self.updates_at(step))

    def _read_gradients(self) -> dict[str, Tensor]:
        """Return what the update reads: 0 for a weight that the loss did not reach, as DistributedDataParallel does."""
        if not (self.drop_uses_gradient or self.grow_uses_gradient):
            return {}
        missing = [name for name, weight in self._weights.items() if weight.grad is None]
        if missing and len(missing) == len(self._weights):
            raise InputError(f"gradient: {missing[0]} has none; call before_step after backward, before zero_grad")
        if missing and not self._warned:
            self._warned = True
            names = ", ".join(missing[:3]) + (" ..." if len(missing) > 3 else "")
            text = f"gradient: the loss does not reach {len(missing)} of {len(self._weights)} masked weights"
            warnings.warn(f"{text}, it counts as 0: {names}", UserWarning, stacklevel=3)
        return {n: _zero(w) if w.grad is None else w.grad for n, w in self._weights.items()}

    @torch.no_grad()
    def _update(self, step: int, gradients: dict[str, Tensor]) -> bool:
        finite = all(_extremes(t).isfinite().all() for t in [*self._weights.values(), *gradients.values()])
        if finite:
            self.rewire(step, gradients)
            self._updates += 1
        declared = self.active_at(step)
        self._overdue = not finite and declared not in (
            None,
            sum(int(mask.count_nonzero()) for mask in self._masks.values()),
        )
        return finite

    def change(self, step: int, name: str, gradients: Mapping[str, Tensor], *, drop: int, grow: int) -> None:
        """Drop and grow that many weights of layer `name`; a grown weight and its optimiser state are 0.

        Args:
            step: Of the update.
            name: As in `named_parameters()`.
            gradients: Name -> dense gradient, as `rewire` got them.
            drop: How many active weights of smallest score become inactive.
            grow: How many candidates of largest score become active.

        Raises:
            PluginError: A score is NaN, as it is where a gradient is used that is not declared.
            InputError: The layer would be left without a weight.
        """
        if not drop and not grow:
            return
        weight, mask = self._weights[name].detach(), self._masks[name]
        rng = torch_stream(self._seed, "topology", step, name)
        unread = _unread(weight)
        drops = self._drop_scores(name, gradients)
        grows = self.grow_scores(weight, gradients[name] if self.grow_uses_gradient else unread, rng) if grow else drops
        if _extremes(drops).isnan().any() or _extremes(grows).isnan().any():
            raise PluginError(f"{type(self).__name__}: scores of {name} are NaN; is the use of the gradient declared?")
        active = mask.flatten()
        new = self.choose(Layer(name, step, weight.shape, active, drops.flatten(), grows.flatten(), drop, grow, rng))
        if not new.active.any():
            raise InputError(f"sparsity: {self.sparsity} leaves no weight in {name} at step {step}")
        alive = active & new.active if self.regrown_keeps else new.kept
        self._keep(name, alive.view(weight.shape))
        self._explored[name].move(active, new.active)
        mask.copy_(new.active.view(weight.shape))


def _zero(weight: Tensor) -> Tensor:
    """Return 0 in the shape of `weight`, without the memory."""
    return weight.detach().new_zeros(()).expand_as(weight)


def _unread(weight: Tensor) -> Tensor:
    """Return NaN in the shape of `weight`, without the memory: what scores see of a gradient that is not read."""
    return weight.new_tensor(torch.nan).expand_as(weight)


def _extremes(tensor: Tensor) -> Tensor:
    """Return the least and the largest value, NaN if one is NaN: one pass and no copy."""
    return torch.stack(torch.aminmax(tensor.detach()))
