"""Methods that break what the contract promises and no crash shows: seeds, layers, shapes, stops, state, places."""

from dataclasses import dataclass

from robench.contracts import Fraction
from robench.sparse.distributions import Distribution, nonzeros
from tests.helpers.sound import Sound


class SeedIgnored(Sound):
    """Draws the same masks for every seed."""

    def agree(self, seed):
        return 0


class HalfMasked(Sound):
    """Masks the first half of the layers only."""

    def chosen(self, model):
        weights = list(super().chosen(model).items())
        return dict(weights[: len(weights) // 2])


@dataclass(kw_only=True, eq=False)
class ByErk(Sound):
    """The sound sibling: spreads sparsity over layers as asked for."""

    distribution: Distribution = "erk"

    def start(self, model, optimizer, *, total_steps, seed):
        shapes = {name: self.shape(weight) for name, weight in Sound.chosen(self, model).items()}
        self.counts = nonzeros(self.distribution, shapes, self.sparsity)
        super().start(model, optimizer, total_steps=total_steps, seed=seed)

    def chosen(self, model):
        return {name: weight for name, weight in super().chosen(model).items() if name in self.counts}

    def shape(self, weight):
        return weight.shape

    def keep(self, name, weight):
        return self.counts[name]


class FlatErk(ByErk):
    """Takes the kernel of a convolution for inputs."""

    def shape(self, weight):
        return weight.flatten(1).shape


@dataclass(kw_only=True, eq=False)
class Resting(Sound):
    """The sound sibling: rests from the stop on."""

    stop_fraction: Fraction = 0.75

    def due(self, step):
        return super().due(step) and step < self.stop

    @property
    def stop(self):
        return round(self.stop_fraction * self.total)


class AtTheStop(Resting):
    """Updates at the stop too."""

    def due(self, step):
        return Sound.due(self, step) and step <= self.stop


class NeverResting(Resting):
    """Does not read the option."""

    def due(self, step):
        return Sound.due(self, step)


class NewGradient(Sound):
    """Masks gradients in a copy."""

    def before_step(self, step):
        for name, weight in self.weights.items():
            weight.grad = weight.grad * self.held[name]
        return True


class ScaledGradient(Sound):
    """Makes up for the masked gradients by larger ones."""

    def before_step(self, step):
        result = super().before_step(step)
        for name, weight in self.weights.items():
            weight.grad.mul_(self.held[name].numel() / self.held[name].sum())
        return result


class HalvedMomentum(Sound):
    """Halves what the optimiser knows of kept weights at each update."""

    def restart(self, name, fresh):
        for value in self.states(name) if fresh.any() else []:
            value.mul_(0.5)


class ScaledStart(Sound):
    """Scales active weights at the start, to keep the variance of activations."""

    def start(self, model, optimizer, *, total_steps, seed):
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        for name, weight in self.weights.items():
            weight.data.mul_((self.held[name].numel() / self.held[name].sum()) ** 0.5)


class TrustsGradients(Sound):
    """Takes it that a weight without gradient stays where it is, whatever the optimiser."""

    def clean(self):
        if not self.cleaned:
            super().clean()
        self.cleaned = True

    def __post_init__(self):
        super().__post_init__()
        self.cleaned = False


class FloatMask(Sound):
    """Saves its masks as floats."""

    def state_dict(self):
        return {**super().state_dict(), **{f"mask.{name}": mask.float() for name, mask in self.held.items()}}


class NewMasks(Sound):
    """Puts a new tensor in place of the mask at every update."""

    def rewire(self, step, name):
        self.held[name] = self.held[name].clone()
        super().rewire(step, name)


PROMISES: dict[type, str] = {
    SeedIgnored: "same-seed",
    HalfMasked: "layers",
    FlatErk: "distribution",
    AtTheStop: "rest",
    NeverResting: "rest",
    NewGradient: "storage",
    ScaledGradient: "active-gradients",
    HalvedMomentum: "kept-weights",
    ScaledStart: "kept-weights",
    TrustsGradients: "inactive-weights",
    FloatMask: "state-plain",
    NewMasks: "storage",
}
"""Broken method -> the check that names the law it breaks; no other check but this one fails."""

KEEPING = (ByErk, Resting)
"""The siblings that fail none."""
