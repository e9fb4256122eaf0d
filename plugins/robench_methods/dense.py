"""Dense training."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeVar, final

import torch
from annotated_types import Gt, Lt
from torch import Tensor, nn
from torch.optim import Optimizer

from robench.contracts.options import NonNegative
from robench.contracts.role import Role
from robench.errors import InputError
from robench.rng import torch_stream
from robench.sparse.unmasked import Unmasked

Hook = TypeVar("Hook", bound=Callable[..., Tensor | None])


@final
@dataclass(kw_only=True, eq=False)
class Dense(Unmasked):
    """Dense training: every weight active at every step.

    The baseline of the leaderboards; without options it does nothing to the plain loop. With them it is the
    regularised control: `dropout` is the probability (Srivastava et al. 2014, inverted) at the input of the model's
    last Linear, `weight_decay` takes the place of the recipe's for all parameters that share an optimiser group with
    a matrix (AdamW's vectors stay without). Costs 3 f a step.

    Parameters keep their names: dropout is a hook, silent in eval mode. Its random numbers are those of the step, so
    a resumed run draws the same; on several ranks each draws alike.
    """

    role: ClassVar[Role] = Role.DENSE

    dropout: Annotated[float, Gt(0), Lt(1)] | None = None
    weight_decay: NonNegative | None = None

    def start(self, model: nn.Module, optimizer: Optimizer, *, total_steps: int, seed: int) -> None:
        """Set up the regularisation that is asked for.

        Raises InputError for dropout in a model without Linear and weight decay in an optimiser without it.
        """
        self._seed, self._step, self._calls = seed, 0, 0
        if self.dropout is not None:
            layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
            if not layers:
                raise InputError(f"model: {type(model).__name__} has no Linear to put dropout in front of")
            layers[-1].register_forward_pre_hook(_uncompiled(self._drop))
        if self.weight_decay is not None:
            _set_weight_decay(optimizer, self.weight_decay)

    def after_step(self, step: int) -> None:
        """Move on to the random numbers of the next step."""
        self._step, self._calls = step + 1, 0

    def state_dict(self) -> dict[str, Any]:
        """Return the step whose random numbers are next, where there is dropout."""
        return {} if self.dropout is None else {"step": self._step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`."""
        self._step, self._calls = int(state.get("step", 0)), 0

    def _drop(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor | None:
        """Drop inputs of a layer in training; each forward pass of a step has numbers of its own."""
        if not layer.training or self.dropout is None:
            return None
        rng = torch_stream(self._seed, "classifier dropout", self._step, self._calls)
        self._calls += 1
        kept = torch.rand(inputs[0].shape, generator=rng) >= self.dropout
        return inputs[0] * kept.to(inputs[0]) / (1 - self.dropout)


def _uncompiled(hook: Hook) -> Hook:
    """Keep a hook out of compiled graphs; to ask for it imports the compiler, so not as a decorator."""
    disable: Callable[[Hook], Hook] = torch.compiler.disable  # which torch leaves untyped
    return disable(hook)


def _set_weight_decay(optimizer: Optimizer, value: float) -> None:
    for group in optimizer.param_groups:
        if "weight_decay" not in group:
            raise InputError(f"weight_decay: {type(optimizer).__name__} has none")
        if any(parameter.ndim > 1 for parameter in group["params"]):
            group["weight_decay"] = value
