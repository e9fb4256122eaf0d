"""When and from what the topology is rewired."""

from typing import Any

import torch
from torch import Tensor, nn

from robench.contracts import Method
from robench.contracts.role import Role
from robench.testing.check import check, ensure
from robench.testing.method.network import accumulate, batch
from robench.testing.method.trial import STEPS, Trial, difference


@check(9)
def updates(cls: type[Method], **options: Any) -> str:
    """Masks change only where `updates` counts one more, and never at the last step: what grows must be trained."""
    trial, seen = Trial(cls, options), []
    while trial.step < STEPS:
        masks, count = trial.masks(), trial.method.updates
        trial.advance()
        added, changed = trial.method.updates - count, difference(masks, trial.method.masks)
        ensure(added in (0, 1), f"step {trial.step - 1}: updates grew by {added}")
        ensure(changed is None or added, f"step {trial.step - 1}: {changed} changed, updates did not")
        seen += [trial.step - 1] * added
    ensure(STEPS - 1 not in seen, f"there is an update at step {STEPS - 1}, the last one")
    return f"at steps {', '.join(map(str, seen))}" if seen else "none"


@check(6)
def topology_moves(cls: type[Method], **options: Any) -> str:
    """A method of role dynamic activates inactive weights; one of role static changes nothing after the first step."""
    trial, grown = Trial(cls, options), 0
    first = trial.advance().masks()
    while trial.step < STEPS:
        before = trial.masks()
        trial.advance()
        grown += sum(int((mask & ~before[name]).sum()) for name, mask in trial.method.masks.items())
    if cls.role is Role.DYNAMIC:
        ensure(trial.method.updates, f"no update in {STEPS} steps; pass options that make it update more often")
        ensure(grown, f"{trial.method.updates} updates activated no weight that was inactive before")
    if cls.role is Role.STATIC:
        changed = difference(first, trial.method.masks)
        ensure(changed is None, f"the mask of {changed} is another one at the end")
    return f"{grown} inactive weights became active"


@check(8)
def replaces_step(cls: type[Method], **options: Any) -> str:
    """The optimiser step is skipped exactly where the topology is updated, if `update_replaces_step`; else never."""
    trial, skipped = Trial(cls, options), 0
    while trial.step < STEPS:
        trial.backward()
        count = trial.method.updates
        stepped = trial.finish()
        updated = trial.method.updates > count
        ensure(
            stepped is not (cls.update_replaces_step and updated),
            f"step {trial.step - 1}: {'updated' if updated else 'no update'}, {'taken' if stepped else 'skipped'}; "
            f"update_replaces_step is {cls.update_replaces_step}",
        )
        skipped += not stepped
    return f"{skipped} of {STEPS} steps skipped, {trial.method.updates} updates"


@check(7, 17)
def dense_gradient(cls: type[Method], **options: Any) -> str:
    """Gradients of inactive weights are read only at steps where `dense_gradient(step)` says so: they cost FLOPs."""
    plain = Trial(cls, options).advance(STEPS).everything()
    if difference(plain, Trial(cls, options).advance(STEPS).everything()):
        return "two equal runs differ, so nothing can be told; see the check same-seed"
    blind, paid = Trial(cls, options), 0
    while blind.step < STEPS:
        blind.backward()
        if blind.method.dense_gradient(blind.step):
            paid += 1
        else:
            _hide(blind)
        blind.finish()
    differs = difference(plain, blind.everything())
    ensure(differs is None, f"without the gradients that the method says it does not need, {differs} differs")
    return f"needed at {paid} of {STEPS} steps"


@check(7)
def whole_gradient(cls: type[Method], **options: Any) -> str:
    """What decides is the gradient at `before_step`, of all micro-batches, one tick a step; it is gone after the step.

    In double precision: the order in which gradients are added up decides no mask.
    """
    whole, apart = (Trial(cls, options, prepare=_to_double) for _ in range(2))
    for step in range(STEPS):
        for trial in (whole, apart):
            torch.manual_seed(step)
            trial.optimizer.zero_grad()
            accumulate(trial.model, (batch(2 * step), batch(2 * step + 1)), apart=trial is apart)
            trial.finish(clear=trial is apart)
        differs = difference(whole.method.masks, apart.method.masks)
        ensure(
            differs is None,
            f"step {step}: with two micro-batches, and gradients cleared after the step, the mask of {differs} differs",
        )
    return f"equal after each of {STEPS} steps"


@check(7)
def overflow(cls: type[Method], **options: Any) -> str:
    """Gradients that are infinite, whose step a scaler skips, leave weights finite and rewire no reader of them."""
    trial, overflows = Trial(cls, options), 0
    for _ in range(STEPS - 1):
        trial.backward()
        if trial.step % 2:
            masks, reads = trial.masks(), trial.method.dense_gradient(trial.step)
            _overflow(trial)
            trial.method.before_step(trial.step)
            trial.method.after_step(trial.step)
            changed = difference(masks, trial.method.masks) if reads else None
            ensure(changed is None, f"step {trial.step}: {changed} was rewired by gradients that are not finite")
            trial.step, overflows = trial.step + 1, overflows + 1
        else:
            trial.finish()
        for name, weight in trial.model.named_parameters():
            ensure(weight.isfinite().all(), f"step {trial.step - 1}: {name} is not finite")
    return f"{overflows} such steps"


@check(17)
def exploration(cls: type[Method], **options: Any) -> str:
    """`exploration_rate` is the share of masked weights that were ever active, counted from the masks."""
    trial = Trial(cls, options)
    ever = trial.masks()
    for step in trial.steps():
        ever = {name: mask | ever.get(name, mask) for name, mask in trial.method.masks.items()}
        total = sum(mask.numel() for mask in ever.values())
        share = sum(int(mask.sum()) for mask in ever.values()) / total if total else 1.0
        rate = trial.method.exploration_rate
        ensure(abs(rate - share) < 1e-9, f"step {step}: exploration_rate is {rate}, the masks so far say {share}")
    return f"{trial.method.exploration_rate:.3f} at the end"


def _to_double(model: nn.Module) -> None:
    model.double()


def _hide(trial: Trial) -> None:
    """Set the gradients of inactive weights to 0, as sparse hardware would never have made them."""
    for name, mask in trial.method.masks.items():
        _gradient(trial, name).mul_(mask)


def _overflow(trial: Trial) -> None:
    for name in trial.method.masks:
        _gradient(trial, name).view(-1)[::2] = torch.inf


def _gradient(trial: Trial, name: str) -> Tensor:
    gradient = trial.model.get_parameter(name).grad
    if gradient is None:
        raise AssertionError(f"step {trial.step}: {name} has no gradient")
    return gradient
