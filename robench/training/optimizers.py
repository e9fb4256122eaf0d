"""Optimisers and the learning-rate schedule."""

import math

import torch
from torch import nn

from robench.runs.spec import Training


def _sgd(model: nn.Module, training: Training) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        model.parameters(),
        lr=training.learning_rate,
        momentum=training.momentum,
        nesterov=training.nesterov,
        weight_decay=training.weight_decay,
    )


def _adamw(model: nn.Module, training: Training) -> torch.optim.Optimizer:
    decayed = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": training.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=training.learning_rate)


_BUILDERS = {"sgd": _sgd, "adamw": _adamw}


def build(model: nn.Module, training: Training) -> torch.optim.Optimizer:
    """Build the optimiser. SGD decays every parameter; AdamW (betas 0.9, 0.999) none with fewer than 2 dimensions."""
    return _BUILDERS[training.optimizer](model, training)


def learning_rate(step: int, *, total: int, warmup: float, peak: float) -> float:
    """Return the rate of step 0 .. total - 1: linear up over `warmup` steps to `peak`, then a cosine to 0.

    Step s stands at the middle of its interval, so neither the first nor the last step has rate 0.
    """
    position = step + 0.5
    if position < warmup:
        return peak * position / warmup
    return peak * 0.5 * (1.0 + math.cos(math.pi * (position - warmup) / (total - warmup)))


def follow_layout(optimizer: torch.optim.Optimizer) -> None:
    """Give state that was loaded from a file the memory format of its parameter; values stay."""
    for parameter, state in optimizer.state.items():
        for name, value in state.items():
            if isinstance(value, torch.Tensor) and value.shape == parameter.shape:
                state[name] = torch.empty_like(parameter).copy_(value)
