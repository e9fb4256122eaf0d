"""What a method saves, and that runs can be repeated and continued."""

import copy
import json
from typing import Any

import torch

from robench.contracts import Method
from robench.testing.check import check, ensure
from robench.testing.method.trial import STEPS, Trial, difference

_STOPS = (0, 1, 4, 10)


@check(15)
def state_plain(cls: type[Method], **options: Any) -> str:
    """The state is a flat dict of contiguous tensors and plain JSON values, a copy that later steps leave alone."""
    trial = Trial(cls, options).advance(5)
    state = trial.method.state_dict()
    tensors = {key: value for key, value in state.items() if torch.is_tensor(value)}
    for key, value in tensors.items():
        ensure(value.is_contiguous(), f"{key} is not contiguous")
    text = json.dumps({key: value for key, value in state.items() if key not in tensors}, sort_keys=True)
    saved = {key: value.clone() for key, value in tensors.items()}
    trial.advance(STEPS - 5)
    changed = difference(saved, tensors)
    ensure(changed is None, f"{changed} is not a copy: it changed with later steps")
    later = json.dumps({key: value for key, value in state.items() if key not in tensors}, sort_keys=True)
    ensure(later == text, "its JSON values are not copies: they changed with later steps")
    return f"{len(tensors)} tensors, {len(state) - len(tensors)} values"


@check(15)
def resume(cls: type[Method], **options: Any) -> str:
    """A run saved after any step and loaded continues bit for bit: masks, schedule, all that decides the rest."""
    whole, saved = Trial(cls, options, optimizer="AdamW"), {}
    for step in range(STEPS):
        if step in _STOPS:
            saved[step] = _checkpoint(whole)
        whole.advance()
    end = whole.everything()
    for step, checkpoint in saved.items():
        rest = Trial(cls, options, optimizer="AdamW")
        rest.model.load_state_dict(checkpoint["model"])
        rest.optimizer.load_state_dict(checkpoint["optimizer"])
        rest.method.load_state_dict(checkpoint["method"])
        rest.step = step
        differs = difference(end, rest.advance(STEPS - step).everything())
        ensure(differs is None, f"continued after {step} steps, it ends with another {differs}")
    return f"continued after {', '.join(map(str, _STOPS))} steps"


@check(19)
def same_seed(cls: type[Method], **options: Any) -> str:
    """One seed gives one run: the same weights, masks and state, on any number of threads."""
    threads = torch.get_num_threads()
    one = _run(cls, options, threads)
    differs = difference(one, _run(cls, options, threads))
    ensure(differs is None, f"two runs of one seed end with another {differs}")
    differs = difference(one, _run(cls, options, threads + 1))
    ensure(differs is None, f"with hooks on {threads + 1} threads, not {threads}, a run ends with another {differs}")
    return f"equal bit for bit, on {threads} and {threads + 1} threads"


def _run(cls: type[Method], options: dict[str, Any], threads: int) -> dict[str, Any]:
    """Return where a run ends whose hooks, and the optimiser, have this number of threads."""
    trial, before = Trial(cls, options), torch.get_num_threads()
    while trial.step < STEPS:
        trial.backward()
        torch.set_num_threads(threads)
        try:
            trial.finish()
        finally:
            torch.set_num_threads(before)
    return trial.everything()


def _checkpoint(trial: Trial) -> dict[str, Any]:
    """Return copies of the three state dicts; the method's values as they come back from JSON."""
    state = trial.method.state_dict()
    tensors = {key: value.clone() for key, value in state.items() if torch.is_tensor(value)}
    values = json.loads(json.dumps({key: value for key, value in state.items() if key not in tensors}))
    network, optimizer = copy.deepcopy((trial.model.state_dict(), trial.optimizer.state_dict()))
    return {"model": network, "optimizer": optimizer, "method": {**tensors, **values}}
