"""What the values of inactive, grown and kept weights are."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from robench.contracts import Method
from robench.testing.check import check, ensure
from robench.testing.method.trial import OPTIMIZERS, STEPS, Trial


@check(5, 15)
def inactive_weights(cls: type[Method], **options: Any) -> str:
    """Inactive weights are exactly 0 after `start` and every step, under momentum, Nesterov, weight decay and Adam."""
    for optimizer in OPTIMIZERS:
        trial = Trial(cls, options, optimizer=optimizer)
        _ensure_zero(trial, f"{optimizer}, after start")
        for step in trial.steps():
            _ensure_zero(trial, f"{optimizer}, step {step}")
    return f"0 throughout under {', '.join(OPTIMIZERS)}"


@check(5)
def optimizer_state(cls: type[Method], **options: Any) -> str:
    """The optimiser's state of a weight is 0 while it is inactive and when it has just been grown."""
    for optimizer in OPTIMIZERS:
        trial = Trial(cls, options, optimizer=optimizer)
        for step, before in _with_masks(trial):
            for name, mask in trial.method.masks.items():
                fresh = ~mask | ~before.get(name, mask)
                for key, value in trial.state(name).items():
                    left = int(value[fresh].count_nonzero())
                    ensure(left == 0, f"{optimizer}, step {step}: {key} of {left} such weights of {name} is not 0")
    return f"0 throughout under {', '.join(OPTIMIZERS)}"


@check(4)
def grown_weights(cls: type[Method], **options: Any) -> str:
    """A weight that has just been grown is 0 in the parameter that the optimiser sees."""
    trial, count = Trial(cls, options), 0
    for step, before in _with_masks(trial):
        for name, weight in trial.weights().items():
            grown = trial.method.masks[name] & ~before.get(name, trial.method.masks[name])
            stale = int(weight[grown].count_nonzero())
            ensure(stale == 0, f"step {step}: {stale} of {int(grown.sum())} weights grown in {name} are not 0")
            count += int(grown.sum())
    return f"{count} grown"


@check(3, 5)
def kept_weights(cls: type[Method], **options: Any) -> str:
    """An update leaves the weights it keeps alone; it restarts dropped and regrown ones at 0 only as declared.

    One that restarts, restarts with its optimiser state. A weight that a falling density prunes, and the same update
    grows again, restarts whatever is declared.
    """
    trial, restarted = Trial(cls, options), 0
    while trial.step < STEPS:
        trial.backward()
        masks, old = trial.masks(), _copies(trial)
        stepped = trial.method.before_step(trial.step)
        restarted += _compare(trial, masks, old)
        if stepped:
            trial.optimizer.step()
        masks, old = trial.masks(), _copies(trial)
        trial.method.after_step(trial.step)
        restarted += _compare(trial, masks, old)
        trial.step += 1
    return f"{restarted} dropped, regrown at once and restarted"


def _ensure_zero(trial: Trial, where: str) -> None:
    for name, weight in trial.weights().items():
        loose = int(weight[~trial.method.masks[name]].count_nonzero())
        ensure(loose == 0, f"{where}: {loose} inactive weights of {name} are not 0")


def _compare(trial: Trial, masks: dict[str, Tensor], old: dict[str, Tensor]) -> int:
    method = trial.method
    falling = method.active_at(trial.step) is not None
    may_restart = method.dropped_may_regrow and (falling or not method.regrown_keeps)
    restarted = 0
    for name, weight in trial.weights().items():
        kept = trial.method.masks[name] & masks.get(name, torch.zeros_like(trial.method.masks[name]))
        now, then = weight[kept], old.get(name, weight)[kept]
        changed = now != then
        lost = int((now[changed] == 0).sum())
        ensure(lost == int(changed.sum()), f"step {trial.step}: weights of {name} active before and after have changed")
        ensure(may_restart or lost == 0, f"step {trial.step}: {lost} weights of {name} restart, which is not declared")
        for key, value in trial.state(name).items():
            stale = int(value[kept][changed].count_nonzero())
            ensure(stale == 0, f"step {trial.step}: {stale} weights of {name} restart at 0 with their old {key}")
        restarted += lost
    return restarted


def _copies(trial: Trial) -> dict[str, Tensor]:
    return {name: weight.clone() for name, weight in trial.weights().items()}


def _with_masks(trial: Trial) -> Iterator[tuple[int, dict[str, Tensor]]]:
    """Train to the end; yield each step made with the masks from before it."""
    while trial.step < STEPS:
        before = trial.masks()
        trial.advance()
        yield trial.step - 1, before
