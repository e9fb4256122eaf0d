"""Noise: independent errors of single values, of a sensor or of a transmission."""

import numpy as np

from robench.contracts import Corruption, Draws
from robench_corruptions.kernels.arrays import Bytes
from robench_corruptions.kernels.normal import normals
from robench_corruptions.kernels.pixels import HENDRYCKS, noisy, to_bytes
from robench_corruptions.kernels.poisson import poissons

_AT_ONCE = 8192
"""Uniform numbers drawn at once: 64 KiB, which a first- or second-level cache holds."""


def _with_noise(images: Bytes, sigma: float, draws: Draws, by_light: bool) -> Bytes:
    noise = normals(draws, images.shape)
    return noisy(images.reshape(-1), noise.reshape(-1), float(sigma), by_light).reshape(images.shape)


def _gaussian_noise(images: Bytes, sigma: float, draws: Draws) -> Bytes:
    """Add N(0, sigma), sigma on the [0, 1] scale."""
    return _with_noise(images, sigma, draws, by_light=False)


def _speckle_noise(images: Bytes, sigma: float, draws: Draws) -> Bytes:
    """Add N(0, sigma) times the pixel."""
    return _with_noise(images, sigma, draws, by_light=True)


def _shot_noise(images: Bytes, photons: int, draws: Draws) -> Bytes:
    """Count Poisson arrivals where a full pixel expects `photons` of them."""
    value, out = to_bytes(np.arange(photons + 1) / photons), np.empty_like(images)
    for image, counted, source in zip(images, out, draws, strict=True):
        poissons(image.reshape(-1), photons, value, source, counted.reshape(-1))
    return out


def _impulse_noise(images: Bytes, amount: float, draws: Draws) -> Bytes:
    """Set a fraction `amount` of all values (pixel and channel) to 255 or 0 with equal chance.

    The numbers are those that scikit-image <= 0.17 drew; newer ones ignore the global seed. First each value gets one
    that says whether it is hit, then each gets one that says by what.
    """
    out = images.reshape(len(images), -1).copy()
    hit = np.empty(out.shape[1], np.bool_)
    parts = [slice(start, start + _AT_ONCE) for start in range(0, hit.size, _AT_ONCE)]
    for values, source in zip(out, draws, strict=True):
        for part in parts:
            np.less(source.random_sample(hit[part].size), amount, out=hit[part])
        for part in parts:
            salt = np.negative((source.random_sample(hit[part].size) < 0.5).view(np.uint8))  # 1 -> 255
            np.copyto(values[part], salt, where=hit[part])
    return out.reshape(images.shape)


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
