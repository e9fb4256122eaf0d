"""The training loop. It knows the hooks of a method and no method by name."""

from collections.abc import Callable, Iterable

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.optim import Optimizer

from robench.contracts import Method
from robench.rng import entropy
from robench.sparse.flops import TrainingCost

Batch = tuple[int, torch.Tensor, torch.Tensor]


def train(
    fabric: Fabric,
    network: Callable[[torch.Tensor], torch.Tensor],
    optimizer: Optimizer,
    method: Method,
    batches: Iterable[Batch],
    *,
    cost: TrainingCost,
    prepare: Callable[[torch.Tensor, torch.Tensor, int], tuple[torch.Tensor, torch.Tensor]],
    criterion: nn.Module,
    rate: Callable[[int], float],
    seed: int,
    watch: Callable[[int, torch.Tensor], None],
) -> None:
    """Train over `batches` of (step, uint8 images, labels) and book each step in `cost`.

    `prepare(images, labels, step)` gives float images and targets, `rate(step)` the learning rate. After each step
    `watch(step, loss)` is called with the detached loss; it may raise to end the run.
    """
    for step, images, labels in batches:
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        torch.manual_seed(entropy(seed, "dropout", step) & (2**63 - 1))
        inputs, targets = prepare(images, labels, step)
        loss = criterion(network(inputs), targets)
        fabric.backward(loss)
        cost.add(method, step, len(labels) * fabric.world_size)
        if method.before_step(step):
            optimizer.step()
        method.after_step(step)
        optimizer.zero_grad()
        watch(step, loss.detach())
