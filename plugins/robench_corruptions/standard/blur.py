"""Blur: focus, glass, motion and zoom."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from robench.contracts import Corruption, Draws
from robench_corruptions.kernels.arrays import Bytes, Singles
from robench_corruptions.kernels.compiled import compiled
from robench_corruptions.kernels.disk import Taps, averaged, taps
from robench_corruptions.kernels.gaussian import smooth
from robench_corruptions.kernels.pixels import HENDRYCKS, drawn, to_bytes, to_unit, to_unit32
from robench_corruptions.kernels.streak import streak
from robench_corruptions.kernels.zoom import add_zoomed

_MOST_TAPS = 110
"""Of half a kernel: from here on OpenCV's Fourier transform is faster than direct sums."""


def _gaussian_blur(images: Bytes, sigma: float, draws: Draws) -> Bytes:
    """Smooth with a Gaussian of `sigma` pixels."""
    return to_bytes(smooth(to_unit(images), sigma))


def _disk(radius: float, alias_sigma: float) -> Singles:
    reach = 8 if radius <= 8 else radius
    line = np.arange(-reach, reach + 1)
    disk = (line**2 + line[:, None] ** 2 <= radius**2).astype(np.float32)
    disk /= disk.sum()
    side = 3 if radius <= 8 else 5
    return np.asarray(cv2.GaussianBlur(disk, (side, side), sigmaX=alias_sigma), np.float32)


@lru_cache(maxsize=32)
def _taps(radius: float, alias_sigma: float, channels: int) -> Taps | None:
    """Return the taps for direct sums, None where these take longer or do not apply."""
    kernel = _disk(radius, alias_sigma)
    symmetric = bool((kernel == kernel[::-1]).all())
    found = taps(kernel, channels)
    return found if symmetric and len(found[-1]) <= _MOST_TAPS else None


def _filtered(images: Bytes, kernel: Singles) -> Bytes:
    return to_bytes(np.stack([cv2.filter2D(unit, -1, kernel) for unit in to_unit(images)]))


def _defocus_blur(images: Bytes, level: tuple[float, float], draws: Draws) -> Bytes:
    """Average over a disk of level[0] pixels, its rim softened by a Gaussian of level[1] pixels."""
    found = _taps(*level, images.shape[3])
    if found is None:
        return _filtered(images, _disk(*level))
    out, doubtful = averaged(images, found)
    if doubtful.size:
        out[doubtful] = _filtered(images[doubtful], _disk(*level))
    return out


@compiled
def _scatter(images: Bytes, delta: int, moves: NDArray[np.int8]) -> None:
    """Let pixels, from the lower right to the upper left, take the value of a neighbour, in place."""
    count, height, width, channels = images.shape
    for n in range(count):
        k = 0
        while k < moves.shape[1]:
            for h in range(height - delta, delta, -1):
                for w in range(width - delta, delta, -1):
                    for c in range(channels):
                        images[n, h, w, c] = images[n, h + moves[n, k, 1], w + moves[n, k, 0], c]
                    k += 1


def _glass_blur(images: Bytes, level: tuple[float, int, int], draws: Draws) -> Bytes:
    """Smooth, scatter pixels by up to `delta` pixels, smooth.

    The published code means to swap two pixels but copies one over the other; so do we.
    """
    sigma, delta, iterations = level
    height, width = images.shape[1:3]
    shape = (iterations * (height - 2 * delta) * (width - 2 * delta), 2)
    moves = drawn(draws, lambda s: s.randint(-delta, delta, shape, np.int64), (len(images), *shape), np.int8)
    scattered = to_bytes(smooth(to_unit(images), sigma))
    _scatter(scattered, delta, moves)
    return to_bytes(smooth(to_unit(scattered), sigma))


def _motion_blur(images: Bytes, level: tuple[int, float], draws: Draws) -> Bytes:
    """Draw the image out along a direction within 45 degrees of the horizontal; level = (radius, sigma) in pixels."""
    return streak(images, *level, np.array([source.uniform(-45, 45) for source in draws]))


def _zoom_blur(images: Bytes, level: tuple[float, float], draws: Draws) -> Bytes:
    """Average the image and its enlargements by 1, 1 + step, ..., level = (stop, step).

    Factors are `numpy.arange(1, stop, step)`, which by rounding includes some of the stops.
    """
    factors = [float(factor) for factor in np.arange(1, *level)]
    unit = to_unit32(images)
    total = unit.copy()  # the first factor, 1
    add_zoomed(total, unit, factors[1:])
    return to_bytes((unit + total) / (len(factors) + 1))


defocus_blur = Corruption(
    name="defocus_blur",
    group="blur",
    function=_defocus_blur,
    presets={
        "cifar": ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)),
        "tiny": ((0.5, 0.6), (1, 0.1), (1.5, 0.1), (2.5, 0.01), (3, 0.1)),
        "imagenet": ((3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)),
    },
    reference=HENDRYCKS,
)

glass_blur = Corruption(
    name="glass_blur",
    group="blur",
    function=_glass_blur,
    presets={
        "cifar": ((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)),
        "tiny": ((0.1, 1, 1), (0.5, 1, 1), (0.6, 1, 2), (0.7, 2, 1), (0.9, 2, 2)),
        "imagenet": ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)),
    },
    reference=HENDRYCKS,
)

motion_blur = Corruption(
    name="motion_blur",
    group="blur",
    function=_motion_blur,
    presets={
        "cifar": ((6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)),
        "tiny": ((10, 1), (10, 1.5), (10, 2), (10, 2.5), (12, 3)),
        "imagenet": ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15)),
    },
    reference=HENDRYCKS,
)

zoom_blur = Corruption(
    name="zoom_blur",
    group="blur",
    function=_zoom_blur,
    presets={
        "cifar": ((1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)),
        "tiny": ((1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)),
        "imagenet": ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)),
    },
    reference=HENDRYCKS,
)

gaussian_blur = Corruption(
    name="gaussian_blur",
    group="extra",
    function=_gaussian_blur,
    presets={
        "cifar": (0.4, 0.6, 0.7, 0.8, 1.0),
        "tiny": (0.5, 0.75, 1.0, 1.25, 1.5),
        "imagenet": (1, 2, 3, 4, 6),
    },
    reference=HENDRYCKS,
)
