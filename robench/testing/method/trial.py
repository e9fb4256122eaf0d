"""A short training run that can stop after any step, be looked at, and go on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Self, final

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Muon, Optimizer

from robench.contracts import Factory, Method
from robench.registry.options import describe, validate
from robench.rng import torch_stream
from robench.sparse.distributions import nonzeros
from robench.sparse.masks import maskable, random_mask
from robench.testing.method.network import INPUT, WIDTHS, Matrices, Network, batch, gradients

STEPS = 13
"""Steps of a trial; methods that take an update interval get INTERVAL, so that several updates fall into it."""
INTERVAL = 3

OPTIMIZERS: dict[str, Callable[[Any], Optimizer]] = {
    "SGD": lambda weights: SGD(weights, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "Adam": lambda weights: Adam(weights, lr=0.01, weight_decay=0.01),
    "AdamW": lambda weights: AdamW(weights, lr=0.01, weight_decay=0.1, amsgrad=True),
}

MUON: dict[str, Callable[[Any], Optimizer]] = {"Muon": lambda weights: Muon(weights, lr=0.02, weight_decay=0.1)}
"""Optimisers that take matrices alone; their trials train `network.Matrices`."""

_EVEN = tuple(range(2, width + 1, 2) for width in WIDTHS[:2])
_ANY = tuple(range(1, width + 1) for width in WIDTHS[2:])


def construct(cls: type[Method], options: Mapping[str, Any]) -> Method:
    """Construct the method with checked options, and a short update interval where it takes one.

    One that follows a finished run inherits masks and weights as that would leave them.
    """
    quick = {"update_interval": INTERVAL} if takes(cls, "update_interval") else {}
    method = cls(**validate(cls.__name__, cls, {**quick, **options}))
    if method.follows is not None:
        _bequeath(method)
    return method


def _bequeath(method: Method) -> None:
    """Hand over weights and masks as a run that the method follows would leave them, at the method's sparsity."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = Network()
    weights = maskable(model)
    shapes = {name: weight.shape for name, weight in weights.items()}
    counts = nonzeros(getattr(method, "distribution", "erk"), shapes, getattr(method, "sparsity", 0.5))
    masks = {name: random_mask(weights[name], n, torch_stream(0, "bequeathed", name)) for name, n in counts.items()}
    method.inherit(masks, model.state_dict())


def takes(cls: type[Method], option: str) -> bool:
    """Say whether the method has an option of this name."""
    return any(option == known.name for known in describe(cls))


def applies(optimizer: str, trial: "Trial") -> bool:
    """Say whether trials under this optimiser are for the method: matrices alone carry no mask that is inherited."""
    return optimizer in OPTIMIZERS or bool(trial.method.masks and trial.method.follows is None)


def matrices(method: Method) -> nn.Module:
    """Return the network of two matrices as the method builds it, with fixed weights; random states are put back."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return method.build(Factory(Matrices, INPUT))


def network(method: Method, seed: int = 0) -> nn.Module:
    """Return the small network as the method builds it, its weights fixed by `seed`; random states are put back."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return method.build(Factory(_build, INPUT, (*_EVEN, *_ANY)))


def _build(widths: Sequence[int] = WIDTHS) -> nn.Module:
    """Build the small network; on the meta device, where a control tries many widths, one for each of them."""
    on_meta = torch.get_default_device().type == "meta"
    return _without_values(tuple(widths)) if on_meta else Network(widths)


@cache
def _without_values(widths: tuple[int, ...]) -> nn.Module:
    return Network(widths)


@final
class Trial:
    """One run of a method on the small network."""

    def __init__(
        self,
        cls: type[Method],
        options: Mapping[str, Any],
        *,
        prepare: Callable[[nn.Module], None] = lambda model: None,
        optimizer: str = "SGD",
        seed: int = 0,
    ) -> None:
        self.method = construct(cls, options)
        self.model = matrices(self.method) if optimizer in MUON else network(self.method, seed)
        prepare(self.model)
        self.optimizer = {**OPTIMIZERS, **MUON}[optimizer](self.model.parameters())
        self.step = 0
        self.loss = 0.0
        self.method.start(self.model, self.optimizer, total_steps=STEPS, seed=seed)

    def backward(self) -> None:
        """Leave the gradients of the next step's batch in the model; dropout draws are those of the step."""
        torch.manual_seed(self.step)
        images, labels = batch(self.step)
        self.optimizer.zero_grad()
        self.loss = gradients(self.model, images, labels)

    def noise(self) -> None:
        """Leave random gradients in the model, for laws of counts and times: much cheaper than a batch's."""
        rng = torch.Generator().manual_seed(self.step)
        for weight in self.model.parameters():
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
            weight.grad.normal_(std=0.01, generator=rng)

    def finish(self, *, clear: bool = False) -> bool:
        """Do what follows the gradients; return whether the optimiser stepped. `clear` them before `after_step`."""
        stepped = self.method.before_step(self.step)
        if stepped:
            self.optimizer.step()
        if clear:
            self.optimizer.zero_grad()
        self.method.after_step(self.step)
        self.step += 1
        return stepped

    def advance(self, steps: int = 1) -> Self:
        """Train for a number of steps."""
        for _ in range(steps):
            self.backward()
            self.finish()
        return self

    def steps(self) -> Iterator[int]:
        """Yield each step's number after it was made, on random gradients, up to the last."""
        while self.step < STEPS:
            self.noise()
            self.finish()
            yield self.step - 1

    def weights(self) -> dict[str, Tensor]:
        """Return the masked weights, live, without their gradients."""
        return {name: self.model.get_parameter(name).detach() for name in self.method.masks}

    def state(self, name: str) -> dict[str, Tensor]:
        """Return the optimiser's state of one weight as far as it has the weight's shape."""
        weight = self.model.get_parameter(name)
        values = self.optimizer.state[weight].items()
        return {key: value for key, value in values if torch.is_tensor(value) and value.shape == weight.shape}

    def masks(self) -> dict[str, Tensor]:
        """Return copies of the masks."""
        return {name: mask.clone() for name, mask in self.method.masks.items()}

    def counts(self) -> dict[str, int]:
        """Return the number of active weights of each layer."""
        return {name: int(mask.sum()) for name, mask in self.method.masks.items()}

    def active(self) -> int:
        """Return the number of active weights of all layers together."""
        return sum(self.counts().values())

    def everything(self) -> dict[str, Any]:
        """Return all that two equal runs share: weights, buffers, optimiser state, state of the method."""
        optimizer = self.optimizer.state_dict()["state"]
        return {
            **{f"model.{key}": value.clone() for key, value in self.model.state_dict().items()},
            **{f"optimizer.{i}.{key}": _copy(value) for i, s in optimizer.items() for key, value in s.items()},
            **{f"method.{key}": _copy(value) for key, value in self.method.state_dict().items()},
        }


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """Return the name of the first entry that differs between two mappings, bit for bit; None if none does."""
    if one.keys() != other.keys():
        return min(one.keys() ^ other.keys())
    return next((key for key in one if not _same(one[key], other[key])), None)


def _same(one: Any, other: Any) -> bool:
    return torch.equal(one, other) if torch.is_tensor(one) and torch.is_tensor(other) else bool(one == other)


def _copy(value: Any) -> Any:
    return value.clone() if torch.is_tensor(value) else value
