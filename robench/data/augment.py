"""Training augmentation and normalisation of whole batches, on the device the images are on.

Every draw comes from the CPU generator that is passed in: the same generator state gives the same draws for any
device, and global random state is left as it was. timm and torchvision are imported where they are used: they take
seconds that most runs need not pay.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import pad

from robench.errors import InputError
from robench.runs.spec import RANDAUGMENT


def augment(images: Tensor, *, padding: int, flip: bool, generator: torch.Generator) -> Tensor:
    """Crop each image at a random place after zero padding; mirror half of them if `flip`.

    `images` uint8 (N, C, H, W), best channels_last; returns the same shape and type, channels_last. `padding` in
    pixels a side; offsets are uniform on 0..2 * padding, as in torchvision's RandomCrop followed by
    RandomHorizontalFlip. With neither, the input itself comes back.
    """
    if not padding and not flip:
        return images
    count, channels, height, width = images.shape
    top, left = torch.randint(0, 2 * padding + 1, (2, count, 1), generator=generator)
    columns = torch.arange(width).expand(count, width)
    if flip:
        mirrored = torch.rand(count, 1, generator=generator) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
    rows = torch.arange(count)[:, None] * (height + 2 * padding) + top + torch.arange(height)
    pixels = rows[:, :, None] * (width + 2 * padding) + (left + columns)[:, None, :]
    padded = pad(images.permute(0, 2, 3, 1), (0, 0, padding, padding, padding, padding))
    chosen = padded.reshape(-1, channels).index_select(0, pixels.flatten().to(images.device))
    return channels_first(chosen.view(count, height, width, channels))


def channels_first(stored: Tensor) -> Tensor:
    """Return a view of samples as data sets hold them as networks take them: (N, H, W, C) as (N, C, H, W).

    Of clips (N, T, H, W, C) as (N, C, T, H, W); see `robench.contracts.Inputs`.

    Example:
        >>> channels_first(torch.zeros(5, 32, 48, 3)).shape, channels_first(torch.zeros(5, 16, 32, 48, 3)).shape
        (torch.Size([5, 3, 32, 48]), torch.Size([5, 3, 16, 32, 48]))
    """
    return stored.movedim(-1, 1)


def normalize(images: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Return (images / 255 - mean) / std as float32, memory format kept.

    `images` uint8 (N, C, ...); `mean` and `std` per channel on the [0, 1] scale.
    """
    shape = (1, -1, *[1] * (images.ndim - 2))
    shift = torch.tensor(mean, device=images.device).view(shape)
    scale = torch.tensor(std, device=images.device).view(shape)
    return images.float().div_(255).sub_(shift).div_(scale)


def mixup(
    images: Tensor, labels: Tensor, *, alpha: float, num_classes: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Mix every image with its neighbour in the batch by torchvision's MixUp (Zhang et al. 2018, arXiv:1710.09412).

    `images` float (N, C, H, W), `labels` int64 (N,); one share from Beta(alpha, alpha), alpha > 0, for the batch.
    Returns the images and the targets as float32 probabilities (N, num_classes).
    """
    from torchvision.transforms import v2

    with seeded(generator):
        mixed, targets = v2.MixUp(alpha=alpha, num_classes=num_classes)(images, labels)
    return mixed, targets


def rand_augment(images: Tensor, config: str, *, generator: torch.Generator) -> Tensor:
    """Change each image by timm's RandAugment (Cubuk et al. 2020, arXiv:1909.13719).

    `images` uint8 (N, 3, H, W); `config` is timm's text, as "rand-m9-n2-mstd0.5". Works image by image on the CPU;
    returns uint8 channels_last on the device of the input. Raises InputError for another `config` or channel count.
    """
    if images.shape[1] != 3:
        raise InputError(f"randaugment: images have {images.shape[1]} channels; RandAugment needs 3")
    policy = _policy(config)
    pictures = images.permute(0, 2, 3, 1).cpu().numpy()
    with seeded(generator):
        changed = np.stack([np.asarray(policy(Image.fromarray(picture))) for picture in pictures])
    return channels_first(torch.from_numpy(changed).to(images.device))


@cache
def _policy(config: str) -> Callable[[Image.Image], Image.Image]:
    from timm.data.auto_augment import rand_augment_transform

    if not re.fullmatch(RANDAUGMENT, config):
        raise InputError(f"randaugment: {config!r} is no timm configuration; write it as 'rand-m9-n2-mstd0.5-inc1'")
    policy = rand_augment_transform(config)
    for operation in policy.ops:
        if operation.name.startswith("Posterize"):
            operation.aug_fn = partial(_posterized, operation.aug_fn)
    found: Callable[[Image.Image], Image.Image] = policy
    return found


def _posterized(
    posterize: Callable[..., Image.Image], image: Image.Image, bits_to_keep: int, **rest: Any
) -> Image.Image:
    """Keep the highest 0 to 8 bits: timm asks for 0 at its largest magnitude, which Pillow refuses from 13.0 on."""
    return posterize(image, bits_to_keep, **rest) if bits_to_keep else Image.new(image.mode, image.size)


@contextmanager
def seeded(generator: torch.Generator) -> Iterator[None]:
    """Seed the global CPU generators of Python, NumPy and torch from `generator` and put them back afterwards.

    For libraries that take no generator. Takes one number from `generator`.
    """
    seed = int(torch.randint(2**32, (), generator=generator))
    before = random.getstate(), np.random.get_state(), torch.default_generator.get_state()
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.default_generator.set_state(before[2])
