"""One training, from the first step or from a checkpoint to the last step."""

from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
from torch import nn

from robench.contracts import Method
from robench.data.image_files import Pictures
from robench.sparse.coverage import quietly
from robench.sparse.flops import LayerCost, TrainingCost, not_counted, refuse_idle
from robench.sparse.products import products
from robench.training import batches as data
from robench.training import crops, optimizers, stopping
from robench.training.job import Job
from robench.training.loop import train
from robench.training.monitor import Monitor
from robench.training.network import dense_flops


@dataclass(frozen=True)
class Trained:
    """A trained network. `network` is `model` as it should be called (precision, compilation).

    `layers` maps a parameter's name to what it computes for one sample, `not_counted` says what it leaves out.
    """

    model: nn.Module
    network: nn.Module
    method: Method
    layers: dict[str, LayerCost]
    not_counted: tuple[str, ...]
    cost: TrainingCost
    seconds: float


def run(job: Job, model: nn.Module, method: Method, images: torch.Tensor | Pictures, labels: torch.Tensor) -> Trained:
    """Train `model` in place and continue where the folder says.

    `images` are uint8 (N, C, H, W) on the device, or files; `labels` int64 (N,) on the device.

    Raises DivergedError at a loss that is not finite, Stopped at the end of a step where a signal asked to stop.
    """
    training, seed, fabric = job.spec.training, job.spec.seed, job.fabric
    if isinstance(images, Pictures):
        feed = partial(crops.batches, images, labels, training)
    else:
        feed = partial(data.batches, images, labels, training)
    per_epoch = data.steps_per_epoch(len(labels), training.batch_size)
    total = per_epoch * training.epochs
    warmup = training.warmup_epochs * per_epoch
    optimizer = optimizers.build(model, training)
    network, stepper = fabric.setup(_compiled(model) if training.compile else model, optimizer)
    with quietly():
        method.start(model, optimizer, total_steps=total, seed=seed)
    seen = products(model, job.input_size)
    refuse_idle(seen, method.masks)
    cost = TrainingCost(seen.layers, full=dense_flops(job.spec, job.dataset))
    state = {"model": model, "optimizer": optimizer, "method": method, "cost": cost}
    watch = Monitor(job, method, state, per_epoch, total, min(training.batch_size, len(labels)))
    first = watch.resume()
    optimizers.follow_layout(optimizer)
    with stopping.patient():
        train(
            fabric,
            network,
            stepper,
            method,
            feed(seed=seed, first=first, rank=fabric.global_rank, world=fabric.world_size),
            cost=cost,
            prepare=data.preparation(training, job.dataset, seed=seed, rank=fabric.global_rank),
            criterion=nn.CrossEntropyLoss(label_smoothing=training.label_smoothing),
            rate=lambda step: optimizers.learning_rate(step, total=total, warmup=warmup, peak=training.learning_rate),
            seed=seed,
            watch=watch,
        )
        if first < total:
            watch.save(total)
    return Trained(model, network, method, seen.layers, not_counted(seen, method.masks), cost, watch.seconds)


def _compiled(model: nn.Module) -> nn.Module:
    return cast(nn.Module, torch.compile(model))
