"""Training batches from images in memory; order and augmentation are functions of (seed, epoch or step) alone."""

from collections.abc import Callable, Iterator

import numpy as np
import torch

from robench.contracts import Dataset
from robench.data.augment import augment, mixup, normalize, rand_augment
from robench.rng import stream, torch_stream
from robench.runs.spec import Training

Prepare = Callable[[torch.Tensor, torch.Tensor, int], tuple[torch.Tensor, torch.Tensor]]


def steps_per_epoch(images: int, batch_size: int) -> int:
    """Return the number of whole batches in an epoch (the rest of a shuffled epoch is left out), at least 1."""
    return max(1, images // batch_size)


def batches(
    images: torch.Tensor,
    labels: torch.Tensor,
    training: Training,
    *,
    seed: int,
    first: int = 0,
    rank: int = 0,
    world: int = 1,
) -> Iterator[tuple[int, torch.Tensor, torch.Tensor]]:
    """Yield (step, images, labels) from step `first` on: uint8 (B, C, H, W) and int64 (B,), on their device."""
    for step, _, places in order(len(labels), training, seed=seed, first=first, rank=rank, world=world):
        chosen = torch.from_numpy(places).to(labels.device)
        yield step, images[chosen], labels[chosen]


def order(
    images: int, training: Training, *, seed: int, first: int = 0, rank: int = 0, world: int = 1
) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield (step, epoch, places int64 (B,) in the training set) from step `first` on.

    Of the batch that all ranks share, each takes every `world`-th image from `rank` on.
    """
    per_epoch = steps_per_epoch(images, training.batch_size)
    for step in range(first, per_epoch * training.epochs):
        epoch, index = divmod(step, per_epoch)
        if index == 0 or step == first:
            shuffled = stream(seed, "data", epoch).permutation(images)
        yield step, epoch, shuffled[index * training.batch_size : (index + 1) * training.batch_size][rank::world]


def preparation(training: Training, dataset: Dataset, *, seed: int, rank: int = 0) -> Prepare:
    """Return the function (uint8 images, labels, step) -> (float images, targets) of a recipe.

    Targets are class indices (B,), or probabilities (B, classes) under mixup.
    """
    layout = torch.channels_last if training.channels_last else torch.contiguous_format

    def prepare(images: torch.Tensor, labels: torch.Tensor, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        draws = torch_stream(seed, "augment", step, rank)
        images = augment(images, padding=training.crop_padding, flip=training.flip, generator=draws)
        if training.randaugment:
            images = rand_augment(images, training.randaugment, generator=draws)
        inputs = normalize(images, dataset.mean, dataset.std).contiguous(memory_format=layout)
        if training.mixup:
            classes = len(dataset.label_names)
            return mixup(inputs, labels, alpha=training.mixup, num_classes=classes, generator=draws)
        return inputs, labels

    return prepare
