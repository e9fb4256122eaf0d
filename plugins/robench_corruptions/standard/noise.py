"""Noise: independent errors of single values, of a sensor or of a transmission."""

import numpy as np

from robench.contracts import Corruption, Draws
from robench_corruptions.kernels.arrays import Bytes
from robench_corruptions.kernels.pixels import HENDRYCKS, drawn, to_bytes, to_unit


def _gaussian_noise(images: Bytes, sigma: float, draws: Draws) -> Bytes:
    """Add N(0, sigma), sigma on the [0, 1] scale."""
    noise = drawn(draws, lambda source: source.normal(0, sigma, images.shape[1:]), images.shape, np.float64)
    noise += to_unit(images)
    return to_bytes(noise)


def _speckle_noise(images: Bytes, sigma: float, draws: Draws) -> Bytes:
    """Add N(0, sigma) times the pixel."""
    unit = to_unit(images)
    noise = drawn(draws, lambda source: source.normal(0, sigma, images.shape[1:]), images.shape, np.float64)
    noise *= unit
    noise += unit
    return to_bytes(noise)


def _shot_noise(images: Bytes, photons: int, draws: Draws) -> Bytes:
    """Count Poisson arrivals where a full pixel expects `photons` of them."""
    expected = iter(to_unit(images) * photons)
    counts = drawn(draws, lambda source: source.poisson(next(expected)), images.shape, np.int64)
    value = to_bytes(np.arange(photons + 1) / photons)
    return value[np.minimum(counts, photons)]


def _impulse_noise(images: Bytes, amount: float, draws: Draws) -> Bytes:
    """Set a fraction `amount` of all values (pixel and channel) to 255 or 0 with equal chance.

    The numbers are those that scikit-image <= 0.17 drew; newer ones ignore the global seed.
    """
    shape = (2, *images.shape[1:])
    fields = drawn(draws, lambda source: source.random_sample(shape), (len(images), *shape), np.float64)
    impulses = np.where(fields[:, 1] < 0.5, np.uint8(255), np.uint8(0))
    return np.where(fields[:, 0] < amount, impulses, images)


gaussian_noise = Corruption(
    name="gaussian_noise",
    group="noise",
    function=_gaussian_noise,
    presets={
        "cifar": (0.04, 0.06, 0.08, 0.09, 0.10),
        "tiny": (0.04, 0.08, 0.12, 0.15, 0.18),
        "imagenet": (0.08, 0.12, 0.18, 0.26, 0.38),
    },
    reference=HENDRYCKS,
)

shot_noise = Corruption(
    name="shot_noise",
    group="noise",
    function=_shot_noise,
    presets={
        "cifar": (500, 250, 100, 75, 50),
        "tiny": (250, 100, 50, 30, 15),
        "imagenet": (60, 25, 12, 5, 3),
    },
    reference=HENDRYCKS,
)

impulse_noise = Corruption(
    name="impulse_noise",
    group="noise",
    function=_impulse_noise,
    presets={
        "cifar": (0.01, 0.02, 0.03, 0.05, 0.07),
        "tiny": (0.01, 0.02, 0.05, 0.08, 0.14),
        "imagenet": (0.03, 0.06, 0.09, 0.17, 0.27),
    },
    reference=HENDRYCKS,
)

speckle_noise = Corruption(
    name="speckle_noise",
    group="extra",
    function=_speckle_noise,
    presets={
        "cifar": (0.06, 0.10, 0.12, 0.16, 0.20),
        "tiny": (0.15, 0.20, 0.25, 0.30, 0.35),
        "imagenet": (0.15, 0.20, 0.35, 0.45, 0.60),
    },
    reference=HENDRYCKS,
)
