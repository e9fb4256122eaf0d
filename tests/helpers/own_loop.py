"""A plain training loop over a small network, as users write it."""

import torch
from torch import nn

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=1e-2),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-2),
    "adam_l2": lambda p: torch.optim.Adam(p, lr=1e-2, weight_decay=1e-2),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=1e-2, weight_decay=1e-2, amsgrad=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=1e-2, weight_decay=1e-1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=1e-3, momentum=0.9, centered=True, weight_decay=1e-2),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=1e-2, initial_accumulator_value=0.1),
    "noisy": lambda p: NoisySGD(p, lr=0.05, momentum=0.9),
}


class NoisySGD(torch.optim.SGD):
    """Moves every weight and every buffer, masked or not."""

    @torch.no_grad()
    def step(self, closure=None):
        super().step(closure)
        for group in self.param_groups:
            for weight in group["params"]:
                weight.add_(0.01)
                self.state[weight]["momentum_buffer"].add_(0.01)


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 12, 3, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(108, 10),
    )


def batch(step: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(step)
    return torch.randn(4, 3, 8, 8, generator=rng), torch.randint(10, (4,), generator=rng)


class Run:
    """One training run that can stop after any step, be looked at, and go on."""

    def __init__(self, method, *, model=None, optimizer="momentum", total=40, seed=0):
        self.model = model or network()
        self.optimizer = OPTIMIZERS[optimizer](self.model.parameters())
        self.method, self.total, self.step = method, total, 0
        method.start(self.model, self.optimizer, total_steps=total, seed=seed)

    def backward(self):
        images, labels = batch(self.step)
        self.optimizer.zero_grad()
        self.loss = nn.functional.cross_entropy(self.model(images), labels)
        self.loss.backward()

    def advance(self, steps=1):
        for _ in range(steps):
            self.backward()
            if self.method.before_step(self.step):
                self.optimizer.step()
            self.method.after_step(self.step)
            self.step += 1
        return self

    def weights(self):
        return {name: self.model.get_parameter(name) for name in self.method.masks}

    def counts(self):
        return {name: int(mask.sum()) for name, mask in self.method.masks.items()}

    def state(self, name):
        weight = self.model.get_parameter(name)
        values = self.optimizer.state[weight].values()
        return [value for value in values if torch.is_tensor(value) and value.shape == weight.shape]

    def inactive_is_zero(self):
        """Whether inactive weights are 0 and their state is that of a fresh weight: 0, but for Adagrad's sums."""
        return all(
            not self.model.get_parameter(name)[~mask].any() and self._is_fresh(name, ~mask)
            for name, mask in self.method.masks.items()
        )

    def _is_fresh(self, name, places):
        weight = self.model.get_parameter(name)
        start = {"sum": self.optimizer.defaults.get("initial_accumulator_value")}
        return all(
            (value[places] == start.get(key, 0.0)).all()
            for key, value in self.optimizer.state[weight].items()
            if torch.is_tensor(value) and value.shape == weight.shape
        )


def same(one: Run, other: Run) -> bool:
    """Whether two runs agree bit for bit in weights, buffers, optimiser state and method state."""
    pairs = [(one.model.state_dict(), other.model.state_dict()), (one.method.state_dict(), other.method.state_dict())]
    pairs += zip(
        one.optimizer.state_dict()["state"].values(), other.optimizer.state_dict()["state"].values(), strict=True
    )
    return all(a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a) for a, b in pairs)


def _equal(a, b):
    return torch.equal(a, b) if torch.is_tensor(a) else a == b
