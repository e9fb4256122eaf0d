"""What the values of inactive, grown and kept weights are."""

from typing import Any

from torch import Tensor

from robench.contracts import Method
from robench.testing.check import check, ensure
from robench.testing.method.recording import Moment, Step, moments, record
from robench.testing.method.trial import MUON, OPTIMIZERS, Trial, applies


@check(5, 15)
def inactive_weights(cls: type[Method], **options: Any) -> str:
    """Inactive weights are exactly 0 after `start` and every step, under momentum, weight decay, Adam and Muon.

    What an optimiser does to a weight need not depend on its own gradient alone: Muon orthogonalises whole matrices.
    """
    seen = [name for name in (*OPTIMIZERS, *MUON) if applies(name, record(cls, options).trial)]
    for optimizer in seen:
        for where, moment in moments(record(cls, options, optimizer)):
            for name, mask in moment.masks.items():
                loose = int(moment.tensors[name][~mask].count_nonzero())
                ensure(loose == 0, f"{optimizer}, {where}: {loose} inactive weights of {name} are not 0")
    return f"0 throughout under {', '.join(seen)}"


@check(5)
def optimizer_state(cls: type[Method], **options: Any) -> str:
    """The optimiser's state of a weight is 0 while it is inactive and when it has just been grown."""
    for optimizer in OPTIMIZERS:
        for step in record(cls, options, optimizer).steps:
            grown = step.grown
            for name, mask in step.after.masks.items():
                for key, value in step.after.state[name].items():
                    left = int(value[~mask | grown[name]].count_nonzero())
                    ensure(
                        left == 0, f"{optimizer}, step {step.number}: {key} of {left} such weights of {name} is not 0"
                    )
    return f"0 throughout under {', '.join(OPTIMIZERS)}"


@check(4)
def grown_weights(cls: type[Method], **options: Any) -> str:
    """A weight that has just been grown is 0 in the parameter that the optimiser sees."""
    count = 0
    for step in record(cls, options).steps:
        for name, grown in step.grown.items():
            stale = int(step.after.tensors[name][grown].count_nonzero())
            ensure(stale == 0, f"step {step.number}: {stale} of {int(grown.sum())} weights grown in {name} are not 0")
            count += int(grown.sum())
    return f"{count} grown"


@check(3, 5)
def kept_weights(cls: type[Method], **options: Any) -> str:
    """`start` and updates leave the weights they keep alone, and what the optimiser knows of them.

    An update restarts dropped and regrown ones at 0 only as declared. One that restarts, restarts with its optimiser
    state. A weight that a falling density prunes, and the same update grows again, restarts whatever is declared. A
    method that follows a finished run may start from that run's weights.
    """
    run = record(cls, options)
    for name, mask in run.start.masks.items():
        same = bool((run.start.tensors[name][mask] == run.fresh[name][mask]).all())
        ensure(same or run.trial.method.follows is not None, f"start() changes active weights of {name}")
    restarted = 0
    for step in run.steps:
        restarted += _compare(run.trial, step, step.ready, step.hooked)
        restarted += _compare(run.trial, step, step.optimised, step.after)
    return f"{restarted} dropped, regrown at once and restarted"


@check(7)
def active_gradients(cls: type[Method], **options: Any) -> str:
    """In a step that rewires nothing, `before_step` leaves the gradients of active weights as they are."""
    steps = [step for step in record(cls, options).steps if not step.added]
    for step in steps:
        for name, mask in step.hooked.masks.items():
            if name in step.ready.gradients and name in step.hooked.gradients:
                before, now = (moment.gradients[name][mask] for moment in (step.ready, step.hooked))
                ensure(bool((before == now).all()), f"step {step.number}: gradients of active weights of {name} change")
    return f"unchanged in {len(steps)} steps"


def _compare(trial: Trial, step: Step, old: Moment, new: Moment) -> int:
    """Compare before and after a hook; return how many weights restart."""
    method, restarted = trial.method, 0
    falling = step.declared is not None
    may_restart = method.dropped_may_regrow and (falling or not method.regrown_keeps)
    for name, mask in new.masks.items():
        kept = mask & old.masks[name] if name in old.masks else ~mask & mask
        now, then = new.tensors[name][kept], old.tensors[name][kept]
        changed = now != then
        lost = int((now[changed] == 0).sum())
        ensure(
            lost == int(changed.sum()), f"step {step.number}: weights of {name} active before and after have changed"
        )
        ensure(may_restart or lost == 0, f"step {step.number}: {lost} weights of {name} restart, which is not declared")
        for key, value in new.state[name].items():
            stale = int(value[kept][changed].count_nonzero())
            ensure(stale == 0, f"step {step.number}: {stale} weights of {name} restart at 0 with their old {key}")
            if not may_restart and not lost:
                _ensure_state(method, step.number, f"{key} of {name}", value[kept], old.state[name].get(key), kept)
        restarted += lost
    return restarted


def _ensure_state(method: Method, step: int, what: str, now: Tensor, old: Tensor | None, kept: Tensor) -> None:
    same = old is None or bool((now == old[kept]).all())
    cleared = method.update_clears_state and not now.any()
    ensure(same or cleared, f"step {step}: {what} changes for weights active before and after")
