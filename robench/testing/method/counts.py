"""How many weights are active."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, get_args

import torch
from torch import nn

from robench.contracts import Method
from robench.errors import InputError
from robench.sparse.distributions import Distribution, nonzeros
from robench.sparse.masks import maskable
from robench.testing.check import check, ensure
from robench.testing.method.recording import Recording, record
from robench.testing.method.trial import STEPS, Trial, difference, takes


@check(1)
def active_count(cls: type[Method], **options: Any) -> str:
    """The number of active weights follows the declared schedule to the unit at every step."""
    run = record(cls, options)
    start = run.start.counts()
    for step in run.steps:
        counts = step.after.counts()
        active = sum(counts.values())
        if step.declared is None:
            changed = difference(start, counts)
            ensure(
                changed is None, f"step {step.number}: {changed} has not the count of the start; none else is declared"
            )
        else:
            ensure(active == step.declared, f"step {step.number}: {active} active, {step.declared} declared")
    return f"{sum(start.values())} after start, {active} after {STEPS} steps, {len(run.updates())} updates"


@check(2)
def distribution(cls: type[Method], **options: Any) -> str:
    """Where the number of a layer's weights is fixed at the start, it is what the option `distribution` asks for.

    `robench.sparse.distributions.nonzeros` of the shapes of the layers that can be masked; a method of constant fan-in
    may fall short by less than a weight a neuron.
    """
    if not takes(cls, "distribution"):
        return "has no option distribution"
    if cls.leaves_dense:
        return "declares that layers of its choice stay dense"
    seen = []
    for name in get_args(Distribution):
        try:
            trial = Trial(cls, {**options, "distribution": name})
        except InputError:
            continue
        if trial.method.masks and trial.method.active_at(0) is None:
            shapes = {key: weight.shape for key, weight in maskable(trial.model).items()}
            asked = nonzeros(name, shapes, getattr(trial.method, "sparsity", 0.5))
            for layer, count in trial.counts().items():
                short = len(trial.method.masks[layer]) - 1 if cls.constant_fan_in else 0
                fits = asked.get(layer, -1) - short <= count <= asked.get(layer, -1)
                ensure(fits, f"{name}: {layer} has {count} active weights, {asked.get(layer, 'no mask')} asked for")
            seen.append(name)
    return ", ".join(seen) or "counts of layers are the method's own"


@check(1, 2)
def target_density(cls: type[Method], **options: Any) -> str:
    """The declared schedule ends at the sparsity asked for: floor(sparsity * N) of each masked layer's N, in total.

    A method of constant fan-in may fall short by less than a weight a neuron.
    """
    if not takes(cls, "sparsity"):
        return "has no option sparsity"
    seen = []
    for sparsity in (0.25, 0.5, 0.75):
        try:
            trial = Trial(cls, {**options, "sparsity": sparsity})
            start = trial.active()
            for _ in trial.steps():
                pass
            declared = trial.method.active_at(STEPS - 1)
        except InputError:
            continue
        declared = start if declared is None else declared
        asked = _asked(trial, sparsity)
        short = sum(len(mask) - 1 for mask in trial.method.masks.values()) if cls.constant_fan_in else 0
        fits = asked - short <= declared <= asked
        ensure(fits, f"sparsity {sparsity}: {declared} active weights declared for the end, not {asked}")
        seen.append(f"{sparsity}: {declared}")
    ensure(seen, "every sparsity is refused")
    return ", ".join(seen)


@check(2, 18)
def no_empty_layer(cls: type[Method], **options: Any) -> str:
    """A sparsity that would leave a layer without a weight is refused with InputError, never carried out."""
    if not takes(cls, "sparsity"):
        return "has no option sparsity"
    refused = []
    for sparsity in (0.9, 0.999):
        try:
            trial = Trial(cls, {**options, "sparsity": sparsity})
            for step in trial.steps():
                empty = [name for name, count in trial.counts().items() if count == 0]
                ensure(not empty, f"sparsity {sparsity}, step {step}: no weight is left in {empty[:1]}")
        except InputError:
            refused.append(str(sparsity))
    return f"refused: {', '.join(refused) or 'none'}"


@check(3)
def ties(cls: type[Method], **options: Any) -> str:
    """Equal magnitudes and gradients that are all 0 give the same counts as distinct ones."""
    plain = _first_count(record(cls, options))
    tied = _first_update(Trial(cls, options, prepare=_level), _without_gradient)
    ensure(tied == plain, f"{tied} active after the first update on ties, {plain} without")
    return f"{tied} active either way"


@check(3, 17)
def mask_is_truth(cls: type[Method], **options: Any) -> str:
    """An active weight that is exactly 0 stays active: whether it is, the mask says, never `w != 0`."""
    plain = _first_count(record(cls, options))
    trial = Trial(cls, options)
    start = trial.active()
    for group in trial.optimizer.param_groups:
        group["lr"] = 0.0
    for name, weight in trial.weights().items():
        weight[tuple(trial.method.masks[name].nonzero()[0])] = 0.0
    seen = _first_update(trial, Trial.backward)
    declared = trial.method.active_at(trial.step - 1)
    declared = start if declared is None else declared
    ensure(seen in (plain, declared), f"{seen} active after an update with active weights at 0, {plain} without")
    return f"{seen} active with active weights at 0, {plain} without"


def _first_update(trial: Trial, backward: Callable[[Trial], None]) -> int:
    """Train up to and with the first update; return the number of active weights."""
    while trial.step < STEPS and trial.method.updates == 0:
        backward(trial)
        trial.finish()
    return trial.active()


def _first_count(run: Recording) -> int:
    """Return the number of active weights after the first update of a run, or at its end."""
    first = next((step for step in run.steps if step.added), run.steps[-1])
    return sum(first.after.counts().values())


@torch.no_grad()
def _level(model: nn.Module) -> None:
    """Make all weights of a tensor equal in magnitude, about half of them negative."""
    for weight in model.parameters():
        weight.copy_(torch.where(weight < 0, -0.1, 0.1))


def _without_gradient(trial: Trial) -> None:
    trial.backward()
    for weight in trial.model.parameters():
        weight.grad = torch.zeros_like(weight)


def _asked(trial: Trial, sparsity: float) -> int:
    share = Fraction(str(sparsity))
    sizes = [mask.numel() for mask in trial.method.masks.values()]
    return sum(size - math.floor(share * size) for size in sizes)
