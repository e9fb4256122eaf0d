"""What the engine costs beside bare PyTorch: the training loop, and evaluation.

An epoch of the engine (set-up, batches, augmentation, method hooks, FLOPs, log, progress, one checkpoint at the end)
against forward, backward and optimiser step on float batches made beforehand; evaluation of memory-mapped uint8 cells
against the forward passes alone on the same images as float batches. Both sides alternate in one process; the figure
is the ratio of medians of wall time.

    python benchmarks/speed/engine.py [--rounds 5] [--steps 25] [--model resnet20] [--threads 2]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from torch import nn

import robench
from robench import registry
from robench.data.sets.request import CorruptedSet
from robench.evaluation.evaluate import evaluate
from robench.runs.spec import RunSpec
from robench.study.grid import read_grid
from robench.study.plan import expand
from robench.training import batches, network, optimizers, trainer
from robench.training.job import Job

CELLS, IMAGES, BATCH = 2, 1000, 250


def spec_of(model: str, steps: int, batch: int) -> RunSpec:
    fields = {
        "suite": ["digits-c"],
        "methods": ["dense"],
        "models": [model],
        "recipe": "quick",
        "training": {"epochs": 1, "batch_size": batch},
        "corruptions": ["fog"],
        "severities": list(range(1, CELLS + 1)),
        "train_limit": steps * batch,
        "seeds": 1,
    }
    return expand(read_grid(fields, "benchmark"), data=Path())[0]


def job_of(spec: RunSpec, folder: Path) -> Job:
    dataset = registry.load("dataset", spec.dataset)
    return Job(
        spec,
        dataset,
        Fabric(accelerator="cpu", devices=1, plugins=[LightningEnvironment()]),
        folder,
        1e9,
        lambda message: None,
    )


def training(
    model_name: str, steps: int, batch: int, folder: Path
) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return the engine's epoch and the bare epoch over the same images, `steps` steps each."""
    job = job_of(spec_of(model_name, steps, batch), folder)
    images = torch.randint(0, 256, (steps * batch, 32, 32, 3), dtype=torch.uint8).permute(0, 3, 1, 2)
    labels = torch.randint(0, 10, (steps * batch,))
    prepare = batches.preparation(job.spec.training, job.dataset, seed=0)
    order = batches.batches(images, labels, job.spec.training, seed=0)
    ready = [prepare(part, truth, step) for step, part, truth in order]
    plugin = registry.load("model", model_name)

    def engine() -> None:
        for left in folder.iterdir():
            left.unlink()
        method = robench.method("dense")
        trainer.run(job, network.build(job.spec, plugin, job.dataset, method), method, images, labels)

    def bare() -> None:
        model = network.build(job.spec, plugin, job.dataset, robench.method("dense")).train()
        optimizer = optimizers.build(model, job.spec.training)
        for inputs, targets in ready:
            nn.functional.cross_entropy(model(inputs), targets).backward()
            optimizer.step()
            optimizer.zero_grad()

    return engine, bare


def evaluation(model_name: str, folder: Path) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return the engine's evaluation of the clean images and the cells, and the bare forward passes."""
    job = job_of(spec_of(model_name, 1, 1), folder)
    stacked = np.random.default_rng(0).integers(0, 256, ((CELLS + 1) * IMAGES, 32, 32, 3), dtype=np.uint8)
    np.save(folder / "fog.npy", stacked[IMAGES:])
    file = np.load(folder / "fog.npy", mmap_mode="r")

    def images(corruption: str, severity: int) -> np.ndarray:
        return file[(severity - 1) * IMAGES : severity * IMAGES]

    cells = CorruptedSet(np.zeros(IMAGES, dtype=np.int64), "generated", (folder,), images)
    method = robench.method("dense")
    model = network.build(job.spec, registry.load("model", model_name), job.dataset, method).eval()
    prepare = batches.preparation(
        job.spec.training.model_copy(update={"crop_padding": 0, "flip": False}), job.dataset, seed=0
    )
    parts = torch.from_numpy(stacked).permute(0, 3, 1, 2).split(BATCH)
    ready = [prepare(part, part, 0)[0] for part in parts]

    def engine() -> None:
        evaluate(job, model, stacked[:IMAGES], cells)

    @torch.inference_mode()
    def bare() -> None:
        for inputs in ready:
            model(inputs)

    return engine, bare


def ratio(pair: tuple[Callable[[], object], Callable[[], object]], rounds: int) -> str:
    """Alternate the two and two more of the second: what those differ by is noise."""
    engine, bare = pair
    calls = {"engine": engine, "bare": bare, "null": bare}
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - began)
    median = {name: statistics.median(values[1:]) for name, values in times.items()}
    ratio, null = median["engine"] / median["bare"], median["null"] / median["bare"]
    return f"{ratio:.3f}  (null {null:.3f}, bare {median['bare']:.2f} s)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        print(f"{args.model}, {args.threads} threads, batch {args.batch}")
        print("training loop / bare loop ", ratio(training(args.model, args.steps, args.batch, Path(one)), args.rounds))
        print("evaluation / forward only ", ratio(evaluation(args.model, Path(two)), args.rounds))


if __name__ == "__main__":
    main()
