"""Methods that take gradients from the wrong place, and the sound one beside them."""

from functools import partial

import torch

from tests.helpers.sound import Sound


class UndeclaredGradient(Sound):
    """Grows by the dense gradient and books no cost for it."""

    def before_step(self, step):
        self.dense = {name: self.read(name) for name in self.weights} if self.due(step) else None
        return super().before_step(step)

    def read(self, name):
        return self.weights[name].grad.abs().clone()

    def rewire(self, step, name):
        self.scores = self.dense[name]
        super().rewire(step, name)

    def grow(self, active, kept, moved, rng):
        new = kept.clone()
        new.view(-1)[torch.where(active, -1.0, self.scores).flatten().argsort(descending=True)[:moved]] = True
        return new


class Overflowing(UndeclaredGradient):
    """Books the cost, and grows by gradients that are infinite."""

    def dense_gradient(self, step):
        return self.due(step)


class ByGradient(Overflowing):
    """The sound sibling: an update is skipped where gradients are not finite."""

    finite = True

    def before_step(self, step):
        self.finite = all(weight.grad.isfinite().all() for weight in self.weights.values())
        return super().before_step(step)

    def due(self, step):
        return super().due(step) and self.finite


class LateGradient(ByGradient):
    """Reads gradients after the optimiser step, where the loop may have cleared them."""

    def before_step(self, step):
        self.finite = all(weight.grad.isfinite().all() for weight in self.weights.values())
        return True

    def rewire(self, step, name):
        self.dense = {name: self.read(name)}
        super().rewire(step, name)


class LastMicroBatch(ByGradient):
    """Takes gradients from hooks of the backward pass: of the last micro-batch only."""

    def start(self, model, optimizer, *, total_steps, seed):
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        self.caught = {}
        for name, weight in self.weights.items():
            weight.register_hook(partial(self.caught.__setitem__, name))

    def read(self, name):
        return self.caught[name].abs()


class MeanOfMagnitudes(ByGradient):
    """Takes gradients before ranks share them, and the mean of their magnitudes for the magnitude of their mean."""

    def start(self, model, optimizer, *, total_steps, seed):
        super().start(model, optimizer, total_steps=total_steps, seed=seed)
        self.own = {}
        for name, weight in self.weights.items():
            weight.register_hook(partial(self.add, name))

    def add(self, name, gradient):
        self.own[name] = self.own.get(name, 0) + gradient

    def read(self, name):
        scores = self.own[name].abs()
        if torch.distributed.is_initialized():
            torch.distributed.all_reduce(scores)
        return scores

    def after_step(self, step):
        super().after_step(step)
        self.own = {}
