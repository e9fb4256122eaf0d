"""When and from what the topology is rewired."""

from typing import Any

import torch
from torch import Tensor, nn

from robench.contracts import Method
from robench.contracts.role import Role
from robench.testing.check import check, ensure
from robench.testing.method.network import accumulate, batch
from robench.testing.method.recording import record
from robench.testing.method.trial import STEPS, Trial, difference, takes


@check(9)
def updates(cls: type[Method], **options: Any) -> str:
    """Masks change only where `updates` counts one more, and never at the last step: what grows must be trained."""
    run = record(cls, options)
    for step in run.steps:
        changed = difference(step.ready.masks, step.after.masks)
        ensure(step.added in (0, 1), f"step {step.number}: updates grew by {step.added}")
        ensure(changed is None or step.added, f"step {step.number}: {changed} changed, updates did not")
    seen = run.updates()
    ensure(STEPS - 1 not in seen, f"there is an update at step {STEPS - 1}, the last one")
    return f"at steps {', '.join(map(str, seen))}" if seen else "none"


@check(9)
def rest(cls: type[Method], **options: Any) -> str:
    """From the step that is `stop_fraction` of all on nothing is grown; a declared density may end there."""
    if not takes(cls, "stop_fraction"):
        return "has no option stop_fraction"
    stop, seen = STEPS // 2, []
    trial = Trial(cls, {**options, "stop_fraction": stop / STEPS})
    masks, count = trial.masks(), trial.method.updates
    for step in trial.steps():
        now, updated = trial.masks(), trial.method.updates > count
        grown = sum(int((mask & ~masks.get(name, mask)).sum()) for name, mask in now.items())
        late = step >= stop and updated
        what = f"{grown} weights are grown" if grown else "there is an update"
        fits = not late or (trial.method.active_at(step) is not None and not grown)
        ensure(fits, f"step {step}: {what}; the topology rests from {stop} on")
        seen += [step] * updated
        masks, count = now, trial.method.updates
    return f"updates at steps {', '.join(map(str, seen)) or 'none'}, rest from step {stop}"


@check(6)
def topology_moves(cls: type[Method], **options: Any) -> str:
    """A method of role dynamic activates inactive weights; one of role static changes nothing after the first step."""
    run = record(cls, options)
    grown = sum(int(mask.sum()) for step in run.steps[1:] for mask in step.grown.values())
    if cls.role is Role.DYNAMIC:
        count = len(run.updates())
        ensure(run.trial.method.updates, f"no update in {STEPS} steps; pass options that make it update more often")
        ensure(grown, f"{count} updates activated no weight that was inactive before")
    if cls.role is Role.STATIC:
        changed = difference(run.steps[0].after.masks, run.steps[-1].after.masks)
        ensure(changed is None, f"the mask of {changed} is another one at the end")
    return f"{grown} inactive weights became active"


@check(8)
def replaces_step(cls: type[Method], **options: Any) -> str:
    """The optimiser step is skipped exactly where the topology is updated, if `update_replaces_step`; else never."""
    run = record(cls, options)
    for step in run.steps:
        ensure(
            step.taken is not (cls.update_replaces_step and step.added > 0),
            f"step {step.number}: {'updated' if step.added else 'no update'}, {'taken' if step.taken else 'skipped'}; "
            f"update_replaces_step is {cls.update_replaces_step}",
        )
    skipped = sum(not step.taken for step in run.steps)
    return f"{skipped} of {STEPS} steps skipped, {len(run.updates())} updates"


@check(7, 17)
def dense_gradient(cls: type[Method], **options: Any) -> str:
    """Gradients of inactive weights are read only at steps where `dense_gradient(step)` says so: they cost FLOPs."""
    plain = record(cls, options).end
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
        trial.noise()
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
    run = record(cls, options)
    ever = run.start.masks
    for step in run.steps:
        ever = {name: mask | ever.get(name, mask) for name, mask in step.after.masks.items()}
        total = sum(mask.numel() for mask in ever.values())
        share = sum(int(mask.sum()) for mask in ever.values()) / total if total else 1.0
        rate = step.exploration
        ensure(
            abs(rate - share) < 1e-9, f"step {step.number}: exploration_rate is {rate}, the masks so far say {share}"
        )
    return f"{rate:.3f} at the end"


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
