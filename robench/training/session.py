"""One training, from the first step or from a checkpoint to the last step."""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import nn

from robench import rng
from robench.contracts import Dataset, Method, Model
from robench.sparse.flops import TrainingCost, count_layers
from robench.specs import RunSpec
from robench.training import batches as data
from robench.training import optimisers
from robench.training.job import Job
from robench.training.loop import train
from robench.training.watch import Watch


@dataclass(frozen=True)
class Trained:
    """A trained network. `network` is `model` as it should be called (precision, compilation).

    `layers` maps a parameter's name to its dense FLOPs for one sample.
    """

    model: nn.Module
    network: nn.Module
    method: Method
    layers: dict[str, int]
    cost: TrainingCost
    seconds: float


def build(spec: RunSpec, plugin: Model, dataset: Dataset, method: Method) -> nn.Module:
    """Build the model with weights drawn from stream(seed, "init"); the global generator is put back."""
    variant = spec.model.name.partition("/")[2]
    options = {**spec.model.options, **({"variant": variant} if variant else {})}

    def factory(**changes: Any) -> nn.Module:
        return plugin.build(len(dataset.label_names), dataset.channels, dataset.image_size, **{**options, **changes})

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(rng.entropy(spec.seed, "init") & (2**63 - 1))
        model = method.build(factory)
    if spec.training.channels_last:
        model = model.to(memory_format=torch.channels_last)
    return model


def run(job: Job, model: nn.Module, method: Method, images: torch.Tensor, labels: torch.Tensor) -> Trained:
    """Train `model` in place on uint8 (N, C, H, W) and int64 (N,), both on the device; continue where the folder says.

    Raises DivergedError at a loss that is not finite.
    """
    training, seed, fabric = job.spec.training, job.spec.seed, job.fabric
    per_epoch = data.steps_per_epoch(len(labels), training.batch_size)
    total = per_epoch * training.epochs
    warmup = training.warmup_epochs * per_epoch
    optimizer = optimisers.build(model, training)
    network, stepper = fabric.setup(_compiled(model) if training.compile else model, optimizer)
    method.start(model, optimizer, total_steps=total, seed=seed)
    layers = count_layers(model, job.input_size)
    cost = TrainingCost(layers)
    state = {"model": model, "optimizer": optimizer, "method": method, "cost": cost}
    watch = Watch(job, method, state, per_epoch, total, min(training.batch_size, len(labels)))
    first = watch.resume()
    optimisers.follow_layout(optimizer)
    train(
        fabric,
        network,
        stepper,
        method,
        data.batches(
            images, labels, training, seed=seed, first=first, rank=fabric.global_rank, world=fabric.world_size
        ),
        cost=cost,
        prepare=data.preparation(training, job.dataset, seed=seed, rank=fabric.global_rank),
        criterion=nn.CrossEntropyLoss(label_smoothing=training.label_smoothing),
        rate=lambda step: optimisers.learning_rate(step, total=total, warmup=warmup, peak=training.learning_rate),
        seed=seed,
        watch=watch,
    )
    if first < total:
        watch.save(total)
    return Trained(model, network, method, layers, cost, watch.seconds)


def _compiled(model: nn.Module) -> nn.Module:
    return cast(nn.Module, torch.compile(model))
