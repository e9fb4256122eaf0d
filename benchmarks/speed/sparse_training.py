"""What sparse training costs beside dense training: one step, and one topology update.

Variants alternate in one process, in random order; the figure is the ratio of medians of process time on one
thread. `null` is a second dense network: what it differs from 1 by is noise. `hooks` are the two calls that a
sparse step adds, `update` is one topology update.

    python benchmarks/speed/sparse_training.py [--rounds 15] [--batch 128 16] [--sparsity 0.9] [--method rigl]
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

import robench
from robench_models.resnet import build_resnet20, projected_shortcut, residual_network

MODELS: dict[str, Callable[[], nn.Module]] = {
    "resnet18 width 16": lambda: residual_network(10, 3, 16, (2, 2, 2, 2), projected_shortcut),
    "resnet20": lambda: build_resnet20(10, 3, 32),
}


class Trainer:
    """A plain training loop over one random batch."""

    def __init__(self, model: nn.Module, method: str, batch: int, **options: float) -> None:
        self.model = model.train()
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
        self.method = robench.method(method, **options)
        self.method.start(self.model, self.optimizer, total_steps=1000, seed=0)
        self.images, self.labels = torch.randn(batch, 3, 32, 32), torch.randint(10, (batch,))

    def gradients(self) -> None:
        self.optimizer.zero_grad()
        nn.functional.cross_entropy(self.model(self.images), self.labels).backward()

    def step(self, number: int) -> None:
        self.gradients()
        if self.method.before_step(number):
            self.optimizer.step()
        self.method.after_step(number)

    def hooks(self, number: int) -> None:
        self.method.before_step(number)
        self.method.after_step(number)


def seconds(call: Callable[[], None]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin


def compare(factory: Callable[[], nn.Module], batch: int, rounds: int, method: str, sparsity: float) -> str:
    trainers = {
        "plain": Trainer(factory(), "dense", batch),
        "null": Trainer(factory(), "dense", batch),
        "sparse": Trainer(factory(), method, batch, sparsity=sparsity, update_interval=100),
    }
    times: dict[str, list[float]] = {name: [] for name in (*trainers, "hooks", "update")}
    for _ in range(rounds + 2):
        for name in random.sample(list(trainers), len(trainers)):
            times[name].append(seconds(lambda trainer=trainers[name]: trainer.step(1)))
        trainers["sparse"].gradients()
        times["update"].append(seconds(lambda: trainers["sparse"].hooks(100)))
        times["hooks"].append(seconds(lambda: trainers["sparse"].hooks(1)))
    median = {name: statistics.median(values[2:]) for name, values in times.items()}
    ratios = "  ".join(f"{name} {median[name] / median['plain']:.4f}" for name in list(times)[1:])
    return f"{ratios}  (dense step {median['plain'] * 1e3:.1f} ms)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batch", type=int, nargs="+", default=[128, 16])
    parser.add_argument("--sparsity", type=float, default=0.9)
    parser.add_argument("--method", default="rigl")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    for name, factory in MODELS.items():
        for batch in arguments.batch:
            result = compare(factory, batch, arguments.rounds, arguments.method, arguments.sparsity)
            print(f"{name:18s} batch {batch:4d}  {result}")


if __name__ == "__main__":
    main()
