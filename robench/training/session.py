"""One training, from the first step or from a checkpoint to the last step."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn

from robench import rng
from robench.contracts import Dataset, Method, Model
from robench.progress import Progress, Report
from robench.sparse.flops import TrainingCost
from robench.specs import RunSpec
from robench.training import batches as data
from robench.training import checkpoint, optimisers
from robench.training.loop import train
from robench.training.watch import Watch, cut_log


@dataclass(frozen=True)
class Trained:
    """A trained network. `network` is `model` as it should be called (precision, compilation)."""

    model: nn.Module
    network: Callable[[torch.Tensor], torch.Tensor]
    method: Method
    cost: TrainingCost
    seconds: float


def build(spec: RunSpec, plugin: Model, dataset: Dataset, method: Method) -> nn.Module:
    """Build the model with weights drawn from stream(seed, "init"); the global generator is put back."""
    family, _, variant = spec.model.name.partition("/")
    options = {**spec.model.options, **({"variant": variant} if variant else {})}

    def factory(**changes: Any) -> nn.Module:
        return plugin.build(len(dataset.label_names), dataset.channels, dataset.image_size, **{**options, **changes})

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(rng.entropy(spec.seed, "init") & (2**63 - 1))
        model = method.build(factory)
    if spec.training.channels_last:
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model


def run(
    spec: RunSpec,
    model: nn.Module,
    method: Method,
    dataset: Dataset,
    images: torch.Tensor,
    labels: torch.Tensor,
    *,
    fabric: Fabric,
    folder: Path,
    checkpoint_seconds: float,
    report: Report,
) -> Trained:
    """Train `model` in place on uint8 (N, C, H, W) and int64 (N,), both on the device; continue where `folder` says.

    Raises DivergedError at a loss that is not finite.
    """
    training = spec.training
    per_epoch = data.steps_per_epoch(len(labels), training.batch_size)
    total = per_epoch * training.epochs
    optimizer = optimisers.build(model, training)
    network, stepper = fabric.setup(torch.compile(model) if training.compile else model, optimizer)
    method.start(model, optimizer, total_steps=total, seed=spec.seed)
    cost = TrainingCost(model, (dataset.channels, dataset.image_size, dataset.image_size), training.batch_size)

    def save(step: int) -> None:
        parts = {"model": model, "optimizer": optimizer, "method": method, "watch": watch}
        state = {name: part.state_dict() for name, part in parts.items()}
        checkpoint.save(folder, step, {**state, "step": step, "threads": torch.get_num_threads()})

    start = Progress(spec.id, spec.label, "train", total=total, epoch=1, epochs=training.epochs)
    per_step = min(training.batch_size, len(labels))
    log = folder / "log.jsonl"
    watch = Watch(method, cost, start, per_epoch, per_step, report, log, checkpoint_seconds, save)
    if (saved := checkpoint.load(folder)) is not None:
        _restore(saved, model, optimizer, method, watch)
        watch.begin(saved["step"])
    cut_log(log, watch.start.done)
    warmup = training.warmup_epochs * per_epoch
    train(
        fabric,
        network,
        stepper,
        method,
        data.batches(
            images,
            labels,
            training,
            seed=spec.seed,
            first=watch.start.done,
            rank=fabric.global_rank,
            world=fabric.world_size,
        ),
        prepare=data.preparation(training, dataset, seed=spec.seed, rank=fabric.global_rank),
        criterion=nn.CrossEntropyLoss(label_smoothing=training.label_smoothing),
        rate=lambda step: optimisers.learning_rate(step, total=total, warmup=warmup, peak=training.learning_rate),
        seed=spec.seed,
        watch=watch,
    )
    if watch.start.done < total:
        save(total)
    return Trained(model, network, method, cost, watch.seconds)


def _restore(
    saved: dict[str, Any], model: nn.Module, optimizer: torch.optim.Optimizer, method: Method, watch: Watch
) -> None:
    torch.set_num_threads(saved["threads"])
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    for parameter, state in optimizer.state.items():
        for name, value in state.items():
            if isinstance(value, torch.Tensor) and value.shape == parameter.shape:
                state[name] = torch.empty_like(parameter).copy_(value)
    method.load_state_dict(saved["method"])
    watch.load_state_dict(saved["watch"])
