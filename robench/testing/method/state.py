"""What a method saves, and that runs can be repeated and continued."""

import json
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor

from robench.contracts import Method
from robench.testing.check import check, ensure
from robench.testing.method.recording import STOPS, copied, record
from robench.testing.method.trial import STEPS, Trial, difference


@check(15)
def state_plain(cls: type[Method], **options: Any) -> str:
    """The state is a flat dict of contiguous tensors and plain JSON values, a copy that later steps leave alone."""
    run = record(cls, options)
    state = run.state
    tensors = {key: value for key, value in state.items() if torch.is_tensor(value)}
    for key, value in tensors.items():
        ensure(value.is_contiguous(), f"{key} is not contiguous")
        mask = next((n for n, m in run.masks_saved.items() if not m.all() and _is(value, m)), None)
        ensure(mask is None, f"{key} is the mask of {mask} as {value.dtype}, not bool")
    json.dumps({key: value for key, value in state.items() if key not in tensors})
    changed = difference(run.saved, state)
    ensure(changed is None, f"{changed} is not a copy: it changed with later steps")
    return f"{len(tensors)} tensors, {len(state) - len(tensors)} values"


@check(15)
def resume(cls: type[Method], **options: Any) -> str:
    """A run saved after any step and loaded continues bit for bit: masks, schedule, all that decides the rest."""
    whole = record(cls, options, "AdamW")
    for step, checkpoint in whole.checkpoints.items():
        rest = Trial(cls, options, optimizer="AdamW")
        rest.model.load_state_dict(checkpoint["model"])
        rest.optimizer.load_state_dict(deepcopy(checkpoint["optimizer"]))
        rest.method.load_state_dict(copied(checkpoint["method"]))
        rest.step = step
        differs = difference(whole.end, rest.advance(STEPS - step).everything())
        ensure(differs is None, f"continued after {step} steps, it ends with another {differs}")
    return f"continued after {', '.join(map(str, STOPS))} steps"


@check(19)
def same_seed(cls: type[Method], **options: Any) -> str:
    """One seed gives one run, on any number of threads; another seed, with other weights, starts from other masks."""
    threads = torch.get_num_threads()
    run = record(cls, options)
    differs = difference(run.end, _run(cls, options, threads))
    ensure(differs is None, f"two runs of one seed end with another {differs}")
    differs = difference(run.end, _run(cls, options, threads + 1))
    ensure(differs is None, f"with hooks on {threads + 1} threads, not {threads}, a run ends with another {differs}")
    if run.trial.method.follows is None:
        other = Trial(cls, options, seed=1).method.masks
        drawn = {name: mask for name, mask in run.start.masks.items() if not mask.all() and mask.any()}
        equal = [name for name, mask in drawn.items() if torch.equal(mask, other[name])]
        ensure(not equal, f"another seed starts with the same mask of {equal[:1]}")
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


def _is(value: Tensor, mask: Tensor) -> bool:
    """Say whether a tensor that is not bool holds a mask."""
    return value.dtype != torch.bool and value.shape == mask.shape and torch.equal(value.double(), mask.double())
