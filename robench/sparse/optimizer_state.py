"""What an optimiser holds of a weight: where it starts, what keeps it at 0, and which optimisers cannot be masked."""

from collections.abc import Iterator, Mapping
from inspect import Parameter, signature
from typing import Any

import torch
from torch import Tensor, nn, optim
from torch.optim import Optimizer

from robench.errors import InputError

KEEPS_ZERO = frozenset({optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop})
"""Optimisers that leave a weight at 0 whose gradient and state are 0; with any other, `after_step` repairs."""

STARTS_AT: Mapping[type[Optimizer], Mapping[str, str]] = {
    optim.Rprop: {"step_size": "lr"},
    optim.Adagrad: {"sum": "initial_accumulator_value"},
}
"""State that does not start at 0: optimiser -> name in the state -> the option of its group that it starts at."""


def state_of(optimizer: Optimizer, weight: Tensor) -> Iterator[tuple[Tensor, float]]:
    """Yield all that the optimiser holds in the shape of `weight`, each with the value that a fresh weight has there.

    Example:
        >>> weight = nn.Parameter(torch.ones(2, 2))
        >>> weight.grad = torch.ones(2, 2)
        >>> optimizer = optim.Rprop([weight], lr=0.1)
        >>> optimizer.step()
        >>> [(tuple(value.shape), start) for value, start in state_of(optimizer, weight)]
        [((2, 2), 0.0), ((2, 2), 0.1)]
    """
    if weight not in optimizer.state:
        return
    starts = next((known for cls, known in STARTS_AT.items() if isinstance(optimizer, cls)), {})
    group = next((g for g in optimizer.param_groups if any(weight is p for p in g["params"])), {})
    for key, value in optimizer.state[weight].items():
        if isinstance(value, Tensor) and value.shape == weight.shape:
            yield value, float(group.get(starts.get(key, ""), 0.0))


@torch.no_grad()
def restart(optimizer: Optimizer, weight: Tensor, places: Tensor) -> None:
    """Give the state of `weight` the values of a fresh one where `places` (bool, its shape) is False.

    Example:
        >>> weight = nn.Parameter(torch.ones(2))
        >>> optimizer = optim.SGD([weight], momentum=0.9)
        >>> optimizer.state[weight]["momentum_buffer"] = torch.tensor([3.0, 4.0])
        >>> restart(optimizer, weight, torch.tensor([True, False]))
        >>> optimizer.state[weight]["momentum_buffer"].tolist()
        [3.0, 0.0]
    """
    for value, start in state_of(optimizer, weight):
        if start:
            value.masked_fill_(~places, start)
        else:
            value.mul_(places)


@torch.no_grad()
def restart_all(optimizer: Optimizer) -> None:
    """Give the state of every parameter the values of a fresh one; step counts stay.

    Example:
        >>> weight = nn.Parameter(torch.ones(2))
        >>> optimizer = optim.SGD([weight], momentum=0.9)
        >>> optimizer.state[weight]["momentum_buffer"] = torch.tensor([3.0, 4.0])
        >>> restart_all(optimizer)
        >>> optimizer.state[weight]["momentum_buffer"].tolist()
        [0.0, 0.0]
    """
    for parameter in optimizer.state:
        for value, start in state_of(optimizer, parameter):
            value.fill_(start)


def held(optimizer: Optimizer, weights: Mapping[str, nn.Parameter]) -> dict[str, nn.Parameter]:
    """Return those of `weights` that the optimiser trains.

    Raises:
        InputError: It trains none.

    Example:
        >>> one, other = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
        >>> list(held(optim.SGD([other]), {"one": one, "other": other}))
        ['other']
    """
    known = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    trained = {name: weight for name, weight in weights.items() if id(weight) in known}
    if not trained:
        raise InputError("optimizer: it holds no weight that can be masked; make it from the parameters of this model")
    return trained


def refuse_closures(optimizer: Optimizer) -> None:
    """Refuse an optimiser that needs a closure, and a closure given to another at its step: its gradients are new.

    Raises:
        InputError: As said.

    Example:
        >>> refuse_closures(optim.LBFGS([nn.Parameter(torch.ones(2))]))
        Traceback (most recent call last):
            ...
        robench.errors.InputError: optimizer: LBFGS needs a closure; sparse training masks gradients once
    """
    closure = signature(type(optimizer).step).parameters.get("closure")
    if closure is not None and closure.default is Parameter.empty:
        raise InputError(f"optimizer: {type(optimizer).__name__} needs a closure; sparse training masks gradients once")
    optimizer.register_step_pre_hook(_refuse_closure)


def _refuse_closure(optimizer: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if kwargs.get("closure", args[1] if len(args) > 1 else None) is not None:
        raise InputError("optimizer: step() was given a closure; call backward and before_step first, then step()")


def refuse_vanishing_eps(optimizer: Optimizer, weights: Mapping[str, nn.Parameter]) -> None:
    """Refuse an `eps` that is 0 in the type of a weight: an inactive weight's step is then 0 / 0, and the weight NaN.

    Fused optimisers compute in float32, where it is not 0.

    Raises:
        InputError: As said.

    Example:
        >>> weight = nn.Parameter(torch.ones(2, 2, dtype=torch.half))
        >>> refuse_vanishing_eps(optim.Adam([weight], eps=1e-8), {"weight": weight})
        Traceback (most recent call last):
            ...
        robench.errors.InputError: optimizer: eps 1e-08 is 0 in float16, the type of weight; give 6e-08 or more
    """
    for group in optimizer.param_groups:
        eps, members = group.get("eps"), {id(parameter) for parameter in group["params"]}
        if group.get("fused") or not isinstance(eps, int | float) or eps <= 0:
            continue
        for name, weight in weights.items():
            if id(weight) in members and torch.tensor(eps, dtype=weight.dtype) == 0:
                raise InputError(
                    f"optimizer: eps {eps:g} is 0 in {str(weight.dtype).removeprefix('torch.')}, the type of {name}; "
                    f"give {torch.finfo(weight.dtype).smallest_normal * torch.finfo(weight.dtype).eps:.0g} or more"
                )
