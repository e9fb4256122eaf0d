"""What sparse training costs beside dense training: one step, one topology update, and memory.

Variants alternate in one process, in random order; the figure is the ratio of medians of process time on one
thread (of wall time between synchronisations on a GPU). `null` is a second dense network: what it differs from 1 by
is noise. `step` is a sparse step, `hooks` what the method does in it, `update` one topology update, all over a dense
step. Memory is measured on one 4096 x 4096 Linear, in bytes a weight: what the resident set has grown by after `start`
and an update, and its peak during that update.

    python benchmarks/speed/sparse_training.py [--rounds 15] [--batch 128 16] [--method rigl] [--device cpu]
"""

import argparse
import gc
import os
import random
import statistics
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import nn

import robench
from robench_models.resnet import build_resnet18, build_resnet20
from robench_models.vit import build as build_vit

MODELS: dict[str, Callable[[], nn.Module]] = {
    "resnet20": lambda: build_resnet20(10, 3, 32),
    "resnet18 width 16": lambda: build_resnet18(10, 3, 32, width=16),
    "vit d192 x 6, patch 8": lambda: build_vit(10, 3, 32, width=192, depth=6, patch_size=8),
}
GOALS: dict[str, dict[str, dict[int, float]]] = {
    "resnet20": {"step": {128: 1.05}},
    "resnet18 width 16": {"step": {128: 1.03, 16: 1.06}, "update": {128: 0.10}},
    "vit d192 x 6, patch 8": {"step": {128: 1.03, 16: 1.10}, "update": {128: 0.35}},
}
MEMORY_GOALS = {"persistent": 1.1, "update": 20.0}
INTERVAL = 100
SIDE = 4096


class Trainer:
    """A plain training loop over one random batch."""

    def __init__(self, model: nn.Module, method: str, batch: int, device: str, **options: float) -> None:
        self.model = model.to(device).train()
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
        self.method = robench.method(method, **options)
        self.method.start(self.model, self.optimizer, total_steps=10 * INTERVAL, seed=0)
        self.images = torch.randn(batch, 3, 32, 32, device=device)
        self.labels = torch.randint(10, (batch,), device=device)

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


def seconds(call: Callable[[], None], device: str) -> float:
    if device == "cpu":
        begin = time.process_time()
        call()
        return time.process_time() - begin
    torch.cuda.synchronize()
    begin = time.perf_counter()
    call()
    torch.cuda.synchronize()
    return time.perf_counter() - begin


def compare(name: str, batch: int, arguments: argparse.Namespace) -> str:
    factory, device = MODELS[name], arguments.device
    sparse = Trainer(factory(), arguments.method, batch, device, sparsity=arguments.sparsity, update_interval=INTERVAL)
    dense = {label: Trainer(factory(), "dense", batch, device) for label in ("plain", "null")}
    trainers = {**dense, "step": sparse}
    times: dict[str, list[float]] = {label: [] for label in (*trainers, "update", "hooks")}
    for _ in range(arguments.rounds + 2):
        for label in random.sample(list(trainers), len(trainers)):
            times[label].append(seconds(lambda trainer=trainers[label]: trainer.step(1), device))
        sparse.gradients()
        times["update"].append(seconds(lambda: sparse.hooks(INTERVAL), device))
        times["hooks"].append(seconds(lambda: sparse.hooks(1), device))
    median = {label: statistics.median(values[2:]) for label, values in times.items()}
    figures = [f"null {median['null'] / median['plain']:.3f}"]
    for label in ("step", "hooks", "update"):
        goal = GOALS[name].get(label, {}).get(batch)
        ratio = median[label] / median["plain"]
        figures.append(
            f"{label} {ratio:.3f}" + (f" (goal {goal:.2f}{'' if ratio <= goal else ', over'})" if goal else "")
        )
    return f"{'  '.join(figures)}  dense step {median['plain'] * 1e3:.1f} ms"


def resident(field: str) -> int:
    """Return VmRSS (now) or VmHWM (peak since the last reset) of this process in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def settled() -> int:
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return resident("VmRSS")


def measure_memory(method: str, sparsity: float) -> dict[str, float]:
    torch.set_num_threads(1)
    for side in (64, SIDE):  # the small one first: what is loaded once is no memory of the method
        model = nn.Linear(side, side, bias=False)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        model(torch.randn(8, side)).square().mean().backward()
        optimizer.step()
        before = settled()
        chosen = robench.method(method, sparsity=sparsity, update_interval=INTERVAL)
        chosen.start(model, optimizer, total_steps=10 * INTERVAL, seed=0)
        after = settled()
        chosen.before_step(INTERVAL)
        chosen.after_step(INTERVAL)
        peak = resident("VmHWM")
    weights = SIDE * SIDE
    return {"persistent": (settled() - before) / weights, "update": (peak - after) / weights}


def report_memory(method: str, sparsity: float) -> str:
    os.environ["MALLOC_MMAP_THRESHOLD_"] = "65536"  # freed memory goes back at once, so that the peak is the need
    with get_context("spawn").Pool(1) as pool:
        found = pool.apply(measure_memory, (method, sparsity))
    return "  ".join(
        f"{label} {value:.2f} B/weight (goal {MEMORY_GOALS[label]:g}{'' if value <= MEMORY_GOALS[label] else ', over'})"
        for label, value in found.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batch", type=int, nargs="+", default=[128, 16])
    parser.add_argument("--sparsity", type=float, default=0.9)
    parser.add_argument("--method", default="rigl")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    for name in MODELS:
        for batch in arguments.batch:
            print(f"{name:22s} batch {batch:4d}  {compare(name, batch, arguments)}", flush=True)
    if Path("/proc/self/clear_refs").exists():
        print(f"memory  {report_memory(arguments.method, arguments.sparsity)}")


if __name__ == "__main__":
    main()
