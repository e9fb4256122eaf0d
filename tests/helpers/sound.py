"""A method written straight on the contract, without robench's engine: SET, magnitude drop and random growth.

The planted faults each change one piece of it.
"""

from dataclasses import dataclass

import torch

from robench.contracts import Method, PositiveInt, Sparsity
from robench.contracts.role import Role
from robench.errors import InputError
from robench.rng import torch_stream
from robench.sparse.masks import maskable


@dataclass(kw_only=True, eq=False)
class Sound(Method):
    """Drop the smallest third of each layer's active weights, grow as many at random, after the step."""

    sparsity: Sparsity = 0.5
    update_interval: PositiveInt = 100

    role = Role.DYNAMIC

    def __post_init__(self):
        self.held, self.weights, self.count = {}, {}, 0

    @property
    def masks(self):
        return self.held

    @property
    def updates(self):
        return self.count

    def start(self, model, optimizer, *, total_steps, seed):
        self.optimizer, self.total = optimizer, total_steps
        self.seed = self.agree(seed)
        self.weights = self.chosen(model)
        for name, weight in self.weights.items():
            keep = self.keep(name, weight)
            if keep == 0:
                raise InputError(f"sparsity: {self.sparsity} leaves nothing of {name}")
            order = torch.randperm(weight.numel(), generator=torch_stream(self.seed, "topology", name))
            mask = torch.zeros(weight.numel(), dtype=torch.bool)
            mask[order[:keep]] = True
            self.held[name] = mask.view(weight.shape)
        self.ever = {name: mask.clone() for name, mask in self.held.items()}
        self.clean()

    def keep(self, name, weight):
        return self.size(weight.numel())

    def chosen(self, model):
        return maskable(model)

    def agree(self, seed):
        if not torch.distributed.is_initialized():
            return seed
        box = [seed]
        torch.distributed.broadcast_object_list(box, src=0)
        return box[0]

    def size(self, total):
        return total - int(self.sparsity * total + 1e-9)

    def due(self, step):
        return step > 0 and step % self.update_interval == 0 and step < self.total - 1

    def before_step(self, step):
        for name, weight in self.weights.items():
            weight.grad.mul_(self.held[name])
        return True

    @torch.no_grad()
    def after_step(self, step):
        self.clean()
        if self.due(step):
            for name in self.weights:
                self.rewire(step, name)
            self.count += 1
        for name, mask in self.held.items():
            self.ever[name] |= mask

    def rewire(self, step, name):
        weight, mask = self.weights[name].detach(), self.held[name]
        active = self.active(weight, mask)
        moved = min(int(active.sum()) // 3, int((~active).sum()))
        new = self.grow(active, self.drop(weight, active, moved), moved, torch_stream(self.seed, "grow", step, name))
        fresh = new & ~mask
        mask.copy_(new)
        self.restart(name, fresh)
        self.clear(name)

    def active(self, weight, mask):
        return mask.clone()

    def drop(self, weight, active, moved):
        """Return what is kept."""
        kept = active.clone()
        scores = torch.where(active, weight.abs(), torch.inf).flatten()
        kept.view(-1)[scores.argsort(stable=True)[:moved]] = False
        return kept

    def grow(self, active, kept, moved, rng):
        scores = torch.rand(active.shape, generator=rng)
        new = kept.clone()
        new.view(-1)[torch.where(active, -1.0, scores).flatten().argsort(descending=True)[:moved]] = True
        return new

    @torch.no_grad()
    def clean(self):
        for name in self.weights:
            self.clear(name)

    def clear(self, name):
        """Bring inactive weights and their state to 0."""
        mask = self.held[name]
        self.weights[name].data.mul_(mask)
        for value in self.states(name):
            value.mul_(mask)

    def restart(self, name, fresh):
        """Prepare the weights that have just been grown."""

    def states(self, name):
        weight = self.weights[name]
        values = self.optimizer.state[weight].values() if weight in self.optimizer.state else []
        return [value for value in values if torch.is_tensor(value) and value.shape == weight.shape]

    @property
    def exploration_rate(self):
        total = sum(mask.numel() for mask in self.ever.values())
        return sum(int(mask.sum()) for mask in self.ever.values()) / total if total else 1.0

    def state_dict(self):
        masks = {f"mask.{name}": mask.clone() for name, mask in self.held.items()}
        return {**masks, **{f"ever.{name}": mask.clone() for name, mask in self.ever.items()}, "count": self.count}

    def load_state_dict(self, state):
        for name, mask in self.held.items():
            mask.copy_(state[f"mask.{name}"])
            self.ever[name].copy_(state[f"ever.{name}"])
        self.count = state["count"]
