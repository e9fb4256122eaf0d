"""Light of ImageNet-C-bar and CIFAR-10-C-bar: white stars over the image, or the image as a star on white."""

import numpy as np

from robench.contracts import Corruption, Draws
from robench_corruptions.bar.scale import MINTUN, reseed, shorter_side, to_levels
from robench_corruptions.kernels.arrays import Bytes
from robench_corruptions.kernels.sparkles import burst


def _sparkles(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Lay five white stars, radius 0.01 * severity * S and 50 to 199 rays, over the image one after the other."""
    (height, width), radius = images.shape[1:3], severity * 0.1 / 10 * shorter_side(images)
    state, out = np.random.RandomState(0), np.empty_like(images)
    for n, source in enumerate(draws):
        centres = source.uniform(0, 1, (5, 2)) * (height, width)
        reseed(state, source)
        lit = images[n]
        for (row, column), rays in zip(centres, source.randint(50, 200, 5, np.int64), strict=True):
            lengths = np.maximum(1, radius + 0.25 * radius * state.randn(int(rays)))
            below = lit.astype(np.float32).astype(np.float64)  # rounded before each star, as published
            lit = below + burst(height, width, row, column, lengths, 1.0)[..., None] * (255 - below)
        out[n] = to_levels(lit)
    return out


def _inverse_sparkles(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Keep a star of the image, radius S / 4 and 50 to 199 rays; it fades to white the sharper the severer."""
    (height, width), radius = images.shape[1:3], 0.25 * shorter_side(images)
    sharpness = (100 - (100 - severity * 65 / 10)) / 50
    state, out = np.random.RandomState(0), np.empty_like(images)
    for n, source in enumerate(draws):
        row, column = source.uniform(0.25, 0.75, 2) * (height, width)
        reseed(state, source)
        lengths = radius + 0.25 * radius * state.randn(int(source.randint(50, 200, dtype=np.int64)))
        kept = burst(height, width, row, column, lengths, sharpness)[..., None]
        out[n] = to_levels(255 + kept * (images[n].astype(np.float32) - 255))
    return out


sparkles = Corruption(
    name="sparkles",
    group="light",
    function=_sparkles,
    presets={"cifar": (0.7, 3.5, 5.6, 6.3, 7.0), "imagenet": (1.0, 2.0, 3.0, 5.0, 6.0)},
    reference=MINTUN,
)

inverse_sparkles = Corruption(
    name="inverse_sparkles",
    group="light",
    function=_inverse_sparkles,
    presets={"cifar": (1.0, 1.5, 2.5, 4.5, 5.0), "imagenet": (1.0, 2.0, 4.0, 9.0, 10.0)},
    reference=MINTUN,
)
