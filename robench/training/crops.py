"""Training batches from image files: random resized crops, decoded ahead by threads.

Which images a step sees and where each is cropped are functions of (seed, epoch, image) alone, so a run that goes on
in the middle of an epoch sees the same bytes, with any number of threads.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from robench.data.augment import channels_first
from robench.data.image_files import Pictures, in_order
from robench.rng import stream
from robench.runs.spec import Training
from robench.training.batches import order

AREA = (0.08, 1.0)
RATIO = (3 / 4, 4 / 3)
TRIES = 10
"""Those of torchvision's RandomResizedCrop, from Szegedy et al. 2015, arXiv:1409.4842."""


class Draw(NamedTuple):
    """One image in one epoch."""

    epoch: int
    image: int


def batches(
    pictures: Pictures,
    labels: torch.Tensor,
    training: Training,
    *,
    seed: int,
    first: int = 0,
    rank: int = 0,
    world: int = 1,
) -> Iterator[tuple[int, torch.Tensor, torch.Tensor]]:
    """Yield (step, images, labels) from step `first` on, as `robench.training.batches.batches` does.

    At most three batches are in memory at a time.
    """

    def chosen() -> Iterator[tuple[int, int, np.ndarray]]:
        return order(len(labels), training, seed=seed, first=first, rank=rank, world=world)

    draws = (Draw(epoch, int(image)) for _, epoch, images in chosen() for image in images)
    share = training.batch_size // world
    cropped = in_order(lambda draw: crop(pictures, draw, seed=seed), draws, ahead=2 * max(1, share))
    for step, _, images in chosen():
        batch = torch.from_numpy(np.stack([next(cropped) for _ in images])).to(labels.device)
        yield step, channels_first(batch), labels[torch.from_numpy(images).to(labels.device)]


def crop(pictures: Pictures, draw: Draw, *, seed: int) -> np.ndarray:
    """Return a random part of an image, resized to uint8 (height, width, 3) (bilinear with antialiasing)."""
    image = pictures.open(draw.image)
    box = random_box(image.width, image.height, stream(seed, "crop", draw.epoch, draw.image))
    return np.asarray(image.crop(box).resize((pictures.width, pictures.height), Image.Resampling.BILINEAR))


def random_box(width: int, height: int, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of a random part of an image of width x height pixels.

    Its area is uniform on `AREA` of the image's, the logarithm of its width / height uniform on `RATIO`'s; when
    `TRIES` of them did not fit, it is the largest part about the centre whose ratio is in `RATIO`.
    """
    for _ in range(TRIES):
        area = width * height * rng.uniform(*AREA)
        ratio = math.exp(rng.uniform(math.log(RATIO[0]), math.log(RATIO[1])))
        wide, high = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < wide <= width and 0 < high <= height:
            left, top = int(rng.integers(width - wide + 1)), int(rng.integers(height - high + 1))
            return left, top, left + wide, top + high
    wide = min(width, round(height * RATIO[1]))
    high = min(height, round(width / RATIO[0]))
    left, top = (width - wide) // 2, (height - high) // 2
    return left, top, left + wide, top + high
