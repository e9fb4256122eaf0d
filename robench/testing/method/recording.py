"""One training of a method, written down: what many laws look at, trained once."""

import json
import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn

from robench.contracts import Method
from robench.testing.method.trial import INTERVAL, STEPS, Trial

STOPS = (1, 4, 10)
"""Steps before which a checkpoint is taken."""
_PLAIN_STATE = INTERVAL + 2
"""Step before which the state is taken that later ones must leave alone: updates lie on both sides."""
_KEPT = 6


@final
@dataclass(frozen=True)
class Moment:
    """Copies of what there was at one moment: all tensors of the model, gradients, masks, state of masked weights."""

    tensors: dict[str, Tensor]
    gradients: dict[str, Tensor]
    masks: dict[str, Tensor]
    state: dict[str, dict[str, Tensor]]

    @classmethod
    def of(cls, trial: Trial) -> "Moment":
        """Return the trial as it is now."""
        tensors = _tensors(trial.model)
        gradients = {name: w.grad.clone() for name, w in trial.model.named_parameters() if w.grad is not None}
        state = {name: {k: v.clone() for k, v in trial.state(name).items()} for name in trial.method.masks}
        return cls(tensors, gradients, trial.masks(), state)

    def counts(self) -> dict[str, int]:
        """Return the number of active weights of each layer."""
        return {name: int(mask.sum()) for name, mask in self.masks.items()}


@final
@dataclass(frozen=True)
class Step:
    """One step: with gradients, after `before_step`, after the optimiser (if `taken`) and after `after_step`."""

    number: int
    ready: Moment
    hooked: Moment
    optimised: Moment
    after: Moment
    taken: bool
    added: int
    declared: int | None
    exploration: float
    drew: str | None

    @property
    def grown(self) -> dict[str, Tensor]:
        """Weights that are active now and were not before."""
        return {name: mask & ~self.ready.masks.get(name, mask) for name, mask in self.after.masks.items()}


@final
class Recording:
    """A run from before `start` to the last step."""

    def __init__(self, cls: type[Method], options: Mapping[str, Any], optimizer: str) -> None:
        before: list[Any] = []
        self.trial = trial = Trial(
            cls,
            options,
            prepare=lambda model: before.extend([_tensors(model), _random_states()]),
            optimizer=optimizer,
        )
        self.fresh: dict[str, Tensor] = before[0]
        self.start_drew = _drew(before[1])
        self.start = Moment.of(trial)
        self.checkpoints: dict[int, dict[str, Any]] = {}
        self.steps: list[Step] = []
        while trial.step < STEPS:
            if trial.step in STOPS:
                self.checkpoints[trial.step] = _checkpoint(trial)
            if trial.step == _PLAIN_STATE:
                self.state = trial.method.state_dict()
                self.saved = copied(self.state)
                self.masks_saved = trial.masks()
            # Of other optimisers nothing is asked between the hooks.
            self.steps.append(_step(trial, None if optimizer == "SGD" else self._last()))
        self.end = trial.everything()

    def _last(self) -> Moment:
        return self.steps[-1].after if self.steps else self.start

    def updates(self) -> list[int]:
        """Return the steps at which `updates` counted one more."""
        return [step.number for step in self.steps if step.added]


_RECENT: dict[tuple[Any, ...], Recording] = {}


def record(cls: type[Method], options: Mapping[str, Any], optimizer: str = "SGD") -> Recording:
    """Return the run of the method with these options; the last few are kept, so that checks share them."""
    key = (cls, repr(sorted(options.items())), optimizer, torch.get_num_threads())
    if key not in _RECENT:
        recording = Recording(cls, options, optimizer)
        while len(_RECENT) >= _KEPT:
            del _RECENT[next(iter(_RECENT))]
        _RECENT[key] = recording
    return _RECENT[key]


def moments(recording: Recording) -> Iterator[tuple[str, Moment]]:
    """Yield what there was after `start` and after each step, with where it was."""
    yield "after start", recording.start
    for step in recording.steps:
        yield f"step {step.number}", step.after


def _step(trial: Trial, last: Moment | None) -> Step:
    """Make a step; with the moment that it began at, write down no more than how it ended."""
    number, count = trial.step, trial.method.updates
    trial.backward()
    ready, random_states = last or Moment.of(trial), _random_states()
    taken = trial.method.before_step(number)
    drew, hooked = _drew(random_states), last or Moment.of(trial)
    if taken:
        trial.optimizer.step()
    optimised, random_states = last or Moment.of(trial), _random_states()
    trial.method.after_step(number)
    drew = drew or _drew(random_states)
    trial.step += 1
    method = trial.method
    return Step(
        number,
        ready,
        hooked,
        optimised,
        Moment.of(trial),
        taken,
        method.updates - count,
        method.active_at(number),
        method.exploration_rate,
        drew,
    )


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    return {name: t.detach().clone() for name, t in (*model.named_parameters(), *model.named_buffers())}


def _random_states() -> dict[str, Any]:
    return {
        "torch": torch.random.get_rng_state().numpy().tobytes(),
        "NumPy": str({**np.random.get_state(legacy=False)["state"], "key": _numpy_key()}),
        "Python": random.getstate(),
    }


def _numpy_key() -> bytes:
    return bytes(np.random.get_state(legacy=False)["state"]["key"].tobytes())


def _drew(before: Mapping[str, Any]) -> str | None:
    """Return whose global generator has moved since."""
    now = _random_states()
    return next((name for name in now if now[name] != before[name]), None)


def copied(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a method's state."""
    return {key: value.clone() if torch.is_tensor(value) else deepcopy(value) for key, value in state.items()}


def _checkpoint(trial: Trial) -> dict[str, Any]:
    """Return copies of the three state dicts; the method's values as they come back from JSON."""
    state = trial.method.state_dict()
    tensors = {key: value.clone() for key, value in state.items() if torch.is_tensor(value)}
    values = json.loads(json.dumps({key: value for key, value in state.items() if key not in tensors}))
    network, optimizer = deepcopy((trial.model.state_dict(), trial.optimizer.state_dict()))
    return {"model": network, "optimizer": optimizer, "method": {**tensors, **values}}
