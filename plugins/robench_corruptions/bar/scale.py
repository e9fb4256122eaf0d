"""What the corruptions of ImageNet-C-bar and CIFAR-10-C-bar share.

Under the legacy stream all of them are, bit for bit, those of the published code, which is for square images. Here S,
its unit of length, is the shorter side; positions are drawn along each side.
"""

import numpy as np

from robench_corruptions.kernels.arrays import Bytes, Reals

MINTUN = "Mintun, Kirillov & Xie 2021, arXiv:2102.11273; code facebookresearch/augmentation-corruption ba4d5a5"
"""Source of algorithms, order of random draws and severities (0 to 10, five chosen) of both sets."""


def shorter_side(images: Bytes) -> int:
    """Return S of images (N, H, W, C) in pixels."""
    return int(min(images.shape[1:3]))


def reseed(state: np.random.RandomState, source: np.random.RandomState) -> np.random.RandomState:
    """Return `state`, seeded anew by a 32-bit number drawn from `source`.

    A state is made once a batch: making one takes sixty times as long as seeding it.
    """
    state.seed(source.randint(0, 2**32, dtype=np.int64))
    return state


def to_levels(values: Reals) -> Bytes:
    """Return grey levels 0 to 255 as uint8, clipped and truncated."""
    return np.clip(values, 0, 255).astype(np.uint8)
