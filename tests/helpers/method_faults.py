"""Deliberately broken methods: each breaks one law and keeps the others."""

from dataclasses import dataclass
from typing import Any

import torch

from robench.contracts.role import Role
from robench.sparse.masks import maskable
from tests.helpers.gradient_faults import (
    ByGradient,
    LastMicroBatch,
    LateGradient,
    MeanOfMagnitudes,
    Overflowing,
    UndeclaredGradient,
)
from tests.helpers.sound import Sound

OWN_COUNT = [0]


class MomentumLeak(Sound):
    """Brings weights back to 0 after each step and forgets the optimiser's state of them."""

    def states(self, name):
        return []


class BernoulliDrift(Sound):
    """Grows each candidate with the right probability: the count is right in expectation only."""

    def grow(self, active, kept, moved, rng):
        share = moved / max(1, int((~active).sum()))
        return kept | (~active & (torch.rand(active.shape, generator=rng) < share))


class BareAtTheStart(Sound):
    """Leaves the weights as they are until after the first step."""

    def start(self, model, optimizer, *, total_steps, seed):
        values = {name: weight.detach().clone() for name, weight in self.chosen(model).items()}
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        for name, weight in self.weights.items():
            weight.data.copy_(values[name])


class HalfRestarted(Sound):
    """Grows among just-dropped weights too, and restarts those at 0 with their old momentum."""

    dropped_may_regrow = True

    def grow(self, active, kept, moved, rng):
        self.again = active & ~kept
        return super().grow(kept, kept, moved, rng)

    def restart(self, name, fresh):
        self.weights[name].data.mul_(~self.again)


class StaleValues(Sound):
    """Hides dropped weights behind the mask; grown again, they are what they were."""

    def clean(self):
        for name, weight in self.weights.items():
            parked = self.parked.setdefault(name, torch.zeros_like(weight))
            parked.copy_(torch.where(self.held[name], parked, torch.where(weight != 0, weight, parked)))
        super().clean()

    def __post_init__(self):
        super().__post_init__()
        self.parked = {}

    def rewire(self, step, name):
        old, mask = self.weights[name].detach().clone(), self.held[name].clone()
        super().rewire(step, name)
        grown = self.held[name] & ~mask
        self.weights[name].data[grown] = self.parked[name][grown]
        dropped = mask & ~self.held[name]
        self.parked[name][dropped] = old[dropped]

    def state_dict(self):
        return {**super().state_dict(), **{f"parked.{name}": value.clone() for name, value in self.parked.items()}}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.parked = {name: state[f"parked.{name}"].clone() for name in self.weights}


class MaskedNorm(Sound):
    """Masks every parameter called weight, norms too."""

    def chosen(self, model):
        norms = {n: w for n, w in model.named_parameters() if n.endswith("norm.weight") and not n.startswith("norm")}
        return {**maskable(model), **norms}


class GlobalRandom(Sound):
    """Grows by torch's global generator."""

    def grow(self, active, kept, moved, rng):
        return super().grow(active, kept, moved, None)


class ThresholdTies(Sound):
    """Drops whatever is at or below the threshold, however many that are."""

    def drop(self, weight, active, moved):
        threshold = weight[active].abs().sort().values[moved - 1] if moved else -1.0
        return active & (weight.abs() > threshold)


class ResumeWithoutSchedule(Sound):
    """Keeps the step of the next update to itself."""

    def __post_init__(self):
        super().__post_init__()
        self.next = self.update_interval

    def due(self, step):
        now = self.next <= step < self.total - 1
        self.next = step + self.update_interval if now else self.next
        return now


class ValueAsMask(Sound):
    """Takes active weights that are 0 for inactive."""

    def active(self, weight, mask):
        return (weight != 0).contiguous()


class RankDivergence(Sound):
    """Every rank draws from its own seed."""

    def agree(self, seed):
        return seed


class OffByOneAtTheEnd(Sound):
    """Prunes one weight at a time and stops one short of the target it was asked for."""

    surplus = 3

    def start(self, model, optimizer, *, total_steps, seed):
        sizes = {name: weight.numel() for name, weight in self.chosen(model).items()}
        self.begin = {name: min(total, self.size(total) + self.surplus) for name, total in sizes.items()}
        super().start(model, optimizer, total_steps=total_steps, seed=seed)

    def keep(self, name, weight):
        return self.begin[name] if self.size(weight.numel()) else 0

    def at(self, step):
        done = sum(self.due(past) for past in range(step + 1))
        return {name: max(begin - done, self.target(name)) for name, begin in self.begin.items()}

    def target(self, name):
        return min(self.size(self.weights[name].numel()) + 1, self.weights[name].numel())

    def active_at(self, step):
        return sum(self.at(step).values())

    def rewire(self, step, name):
        super().rewire(step, name)
        mask = self.held[name]
        extra = int(mask.sum()) - self.at(step)[name]
        scores = torch.where(mask, self.weights[name].detach().abs(), torch.inf).flatten()
        mask.view(-1)[scores.argsort(stable=True)[:extra]] = False
        self.clear(name)


class OnTarget(OffByOneAtTheEnd):
    """The sound sibling of OffByOneAtTheEnd."""

    def target(self, name):
        return self.size(self.weights[name].numel())


class Decaying(Sound):
    """Lets dropped weights fade instead of bringing them to 0."""

    @torch.no_grad()
    def clear(self, name):
        mask = self.held[name]
        self.weights[name].data.mul_(torch.where(mask, 1.0, 0.5))
        for value in self.states(name):
            value.mul_(mask)

    def restart(self, name, fresh):
        self.weights[name].data.mul_(~fresh)


class Rescaled(Sound):
    """Scales the weights it keeps up at every update."""

    def restart(self, name, fresh):
        self.weights[name].data.mul_(1.5 if fresh.any() else 1.0)


class Uncounted(Sound):
    """Does not count its updates."""

    @property
    def updates(self):
        return 0

    role = Role.OTHER


class LastMinute(Sound):
    """Updates at the last step too."""

    def due(self, step):
        return super().due(step) or step == self.total - 1


class NoMove(Sound):
    """Regrows what it dropped, as momentum growth does where momentum is masked."""

    def grow(self, active, kept, moved, rng):
        return active


class UndeclaredSkip(Sound):
    """Skips the optimiser step of an update without saying so."""

    def before_step(self, step):
        return super().before_step(step) and not self.due(step)


class Unexplored(Sound):
    """Gives the density for the exploration rate."""

    @property
    def exploration_rate(self):
        active = sum(int(mask.sum()) for mask in self.held.values())
        return active / sum(mask.numel() for mask in self.held.values())


class Probing(Sound):
    """Runs a forward pass at the start, and BatchNorm's statistics with it."""

    def start(self, model, optimizer, *, total_steps, seed):
        with torch.no_grad():
            model(torch.ones(4, 3, 8, 8))
        super().start(model, optimizer, total_steps=total_steps, seed=seed)


class Reallocating(Sound):
    """Puts the masked weight in a new place after every step."""

    def clear(self, name):
        super().clear(name)
        self.weights[name].data = self.weights[name].data.clone()


class Patching(Sound):
    """Wraps the optimiser's step."""

    def start(self, model, optimizer, *, total_steps, seed):
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        step = optimizer.step
        optimizer.step = lambda *args, **kwargs: step(*args, **kwargs)


class Buffering(Sound):
    """Leaves a buffer of its own in the model's state dict."""

    def start(self, model, optimizer, *, total_steps, seed):
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        model.register_buffer("sparsity", torch.tensor(self.sparsity))


class EmptyLayer(Sound):
    """Carries out a sparsity that leaves a layer nothing."""

    def start(self, model, optimizer, *, total_steps, seed):
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        if self.sparsity > 0.95:
            next(iter(self.held.values())).zero_()
            self.clean()


class LiveState(Sound):
    """Gives its live masks for a copy."""

    def state_dict(self):
        return {**super().state_dict(), **{f"mask.{name}": mask for name, mask in self.held.items()}}


class Unrepeatable(Sound):
    """Draws its first masks from a stream that counts instances."""

    def start(self, model, optimizer, *, total_steps, seed):
        OWN_COUNT[0] += 1
        super().start(model, optimizer, total_steps=total_steps, seed=seed + 1000 * OWN_COUNT[0])
        self.seed = seed


class DenseSkew(Sound):
    """Shrinks every weight a little at the start, at sparsity 0 too."""

    def start(self, model, optimizer, *, total_steps, seed):
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        for weight in self.weights.values():
            weight.data.mul_(0.9)


class Silent(Sound):
    __doc__ = None


@dataclass(kw_only=True, eq=False)
class Untyped(Sound):
    """Has an option that takes anything."""

    anything: Any = None


FAULTS: dict[type, str] = {
    MomentumLeak: "optimizer-state",
    BernoulliDrift: "active-count",
    StaleValues: "grown-weights",
    MaskedNorm: "layers",
    GlobalRandom: "global-random",
    ThresholdTies: "ties",
    ResumeWithoutSchedule: "resume",
    ValueAsMask: "mask-is-truth",
    RankDivergence: "ranks",
    OffByOneAtTheEnd: "target-density",
    Decaying: "inactive-weights",
    BareAtTheStart: "inactive-weights",
    HalfRestarted: "kept-weights",
    LateGradient: "whole-gradient",
    LastMicroBatch: "whole-gradient",
    MeanOfMagnitudes: "ranks",
    Rescaled: "kept-weights",
    Uncounted: "updates",
    LastMinute: "updates",
    NoMove: "topology-moves",
    UndeclaredSkip: "replaces-step",
    UndeclaredGradient: "dense-gradient",
    Overflowing: "overflow",
    Unexplored: "exploration",
    Probing: "bystanders",
    Reallocating: "storage",
    Patching: "optimizer",
    Buffering: "export",
    EmptyLayer: "no-empty-layer",
    LiveState: "state-plain",
    Unrepeatable: "same-seed",
    DenseSkew: "zero-sparsity",
    Silent: "declaration",
    Untyped: "option-types",
}
"""Broken method -> the check that names the law it breaks."""

SOUND = (Sound, OnTarget, ByGradient)
"""The siblings that fail none."""
