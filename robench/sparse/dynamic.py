"""DynamicSparse: the engine that every dynamic sparse training method is a few lines on."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from robench.contracts.options import Fraction, PositiveInt
from robench.errors import InputError, PluginError
from robench.rng import torch_stream
from robench.sparse.masked import Masked
from robench.sparse.schedules import cosine, is_update
from robench.sparse.selection import rewire


@dataclass(kw_only=True, eq=False)
class DynamicSparse(Masked):
    """Drop and grow connections while training, the number of active weights of each layer fixed.

    To make a method, override `drop_scores` and/or `grow_scores` (here: magnitude and random, as SET does) and
    declare the three class fields. A method whose scores read the gradient says so by
    `drop_uses_gradient` / `grow_uses_gradient`; otherwise its scores are given NaN for a gradient, and fail.

    Options: `drop_fraction`, share of a layer's active weights dropped at the first update, annealed by a cosine
    to 0 at `stop_fraction` of all steps, after which the topology rests; `update_interval` in optimiser steps
    (see `schedules.is_update`). A layer drops floor(fraction * active) weights; a layer with density 1 has
    nothing to rewire and is left alone. Scores that tie are drawn at random.

    An update is skipped where a weight, or a gradient that is read, is not finite: a step that a gradient
    scaler will skip too.
    """

    drop_fraction: Fraction = 0.3
    update_interval: PositiveInt = 100
    stop_fraction: Fraction = 0.75

    dropped_may_regrow: ClassVar[bool] = False
    """Weights dropped in an update are candidates for growth in it."""
    regrown_keeps: ClassVar[bool] = False
    """A weight dropped and grown again in one update keeps value and optimiser state; else both restart at 0."""
    update_replaces_step: ClassVar[bool] = False
    """The optimiser step is skipped where the topology is updated; else the update follows the step."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._updates = 0
        self._total = 0
        self._stop = 0
        self._explored: dict[str, np.ndarray[Any, np.dtype[np.uint8]]] = {}
        self._gradients: dict[str, Tensor] | None = None

    @property
    def drop_uses_gradient(self) -> bool:
        """Whether `drop_scores` reads the gradient of active weights."""
        return False

    @property
    def grow_uses_gradient(self) -> bool:
        """Whether `grow_scores` reads the gradient of inactive weights: the step costs a dense weight gradient."""
        return False

    def drop_scores(self, weight: Tensor, grad: Tensor) -> Tensor:
        """Return a score for each weight, in its shape: active weights of smallest score are dropped."""
        return weight.abs()

    def grow_scores(self, weight: Tensor, grad: Tensor, rng: torch.Generator) -> Tensor:
        """Return a score for each weight, in its shape: candidates of largest score are grown.

        `rng` is a CPU generator of this update and layer alone.
        """
        return torch.rand(weight.shape, generator=rng).to(weight.device)

    @property
    def stop_step(self) -> int:
        """Step from which the topology rests; known after `start`."""
        return self._stop

    def fraction_at(self, step: int) -> float:
        """Return the share of active weights dropped by an update at `step`."""
        return cosine(self.drop_fraction, step, self._stop)

    def updates_at(self, step: int) -> bool:
        """Say whether the topology is due for an update at `step`."""
        return is_update(step, interval=self.update_interval, stop=self._stop, total=self._total)

    def dense_gradient(self, step: int) -> bool:
        """Updates of methods that grow by gradient need it."""
        return self.grow_uses_gradient and self.updates_at(step)

    def start(self, model: nn.Module, optimizer: Optimizer, *, total_steps: int, seed: int) -> None:
        """Draw masks as `Masked.start` does and fix the schedule to `total_steps` optimiser steps."""
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        self._updates = 0
        self._total, self._stop = total_steps, round(self.stop_fraction * total_steps)
        self._explored = {name: _packed(mask) for name, mask in self._masks.items()}
        self._gradients = None

    def before_step(self, step: int) -> bool:
        """Update the topology in place of the step where declared; else mask the gradients."""
        if self.updates_at(step):
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
        return sum(int(np.bitwise_count(bits).sum()) for bits in self._explored.values()) / total if total else 1.0

    def state_dict(self) -> dict[str, Any]:
        """Return masks, `explored.<name>` (uint8, eight weights a byte, ever active) and `updates`."""
        explored = {f"explored.{name}": torch.from_numpy(bits.copy()) for name, bits in self._explored.items()}
        return {**super().state_dict(), **explored, "updates": self._updates}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`; random numbers are addressed by step, none need restoring."""
        if missing := {"updates", *(f"explored.{name}" for name in self._masks)} - state.keys():
            raise InputError(f"state: {min(missing)} is missing; it is not the state of {type(self).__name__}")
        super().load_state_dict(state)
        self._updates = state["updates"]
        self._explored = {name: state[f"explored.{name}"].cpu().numpy().copy() for name in self._masks}

    def _read_gradients(self) -> dict[str, Tensor]:
        if not (self.drop_uses_gradient or self.grow_uses_gradient):
            return {}
        missing = [name for name, weight in self._weights.items() if weight.grad is None]
        if missing:
            raise InputError(f"gradient: {missing[0]} has none; call before_step after backward, before zero_grad")
        return {name: weight.grad for name, weight in self._weights.items() if weight.grad is not None}

    @torch.no_grad()
    def _update(self, step: int, gradients: dict[str, Tensor]) -> bool:
        if not all(_extremes(t).isfinite().all() for t in [*self._weights.values(), *gradients.values()]):
            return False
        for name in self._weights:
            self._update_layer(step, name, gradients.get(name))
        self._updates += 1
        return True

    def _update_layer(self, step: int, name: str, gradient: Tensor | None) -> None:
        weight, mask = self._weights[name].detach(), self._masks[name]
        active = mask.flatten()
        count = int(active.sum())
        if count == active.numel():
            return
        rng = torch_stream(self._seed, "topology", step, name)
        unread = weight.new_tensor(torch.nan).expand_as(weight)
        drop = self.drop_scores(weight, gradient if gradient is not None and self.drop_uses_gradient else unread)
        grow = self.grow_scores(weight, gradient if gradient is not None and self.grow_uses_gradient else unread, rng)
        if _extremes(drop).isnan().any() or _extremes(grow).isnan().any():
            raise PluginError(f"{type(self).__name__}: scores of {name} are NaN; is the use of the gradient declared?")
        new = rewire(
            active,
            drop.flatten(),
            grow.flatten(),
            int(count * self.fraction_at(step)),
            dropped_may_regrow=self.dropped_may_regrow,
            generator=rng,
        )
        alive = active & new.active if self.regrown_keeps else new.kept
        self._keep(name, alive.view(weight.shape))
        mask.copy_(new.active.view(weight.shape))
        self._explored[name] |= _packed(mask)


def _extremes(tensor: Tensor) -> Tensor:
    """Return the least and the largest value, NaN if one is NaN: one pass and no copy."""
    return torch.stack(torch.aminmax(tensor.detach()))


def _packed(mask: Tensor) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    return np.packbits(mask.cpu().numpy())
