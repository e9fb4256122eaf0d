"""Covers of ImageNet-C-bar and CIFAR-10-C-bar: pixels, cells of a checkerboard or lines hide the image."""

import math

import numpy as np
from numpy.typing import NDArray

from robench.contracts import Corruption, Draws
from robench_corruptions.bar.scale import MINTUN, reseed, shorter_side
from robench_corruptions.kernels.arrays import Bytes, Doubles, Indices
from robench_corruptions.kernels.compiled import compiled
from robench_corruptions.kernels.line import segment
from robench_corruptions.kernels.spectrum import frequency, phases, spectral_noise

_GREY = 128


def _blue_noise_sample(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Blacken pixels where noise of amplitude spectrum k and standard deviation 1 is at most 0.3 * severity - 2.5."""
    height, width = images.shape[1:3]
    state, out = np.random.RandomState(0), np.empty_like(images)
    for n, source in enumerate(draws):
        noise = spectral_noise(frequency(height, width), phases(reseed(state, source), height, width))
        out[n] = images[n] * (noise > severity * 3 / 10 - 2.5)[..., None]
    return out


@compiled
def _checkered(image: Bytes, angle: float, cell: float, hidden: NDArray[np.bool_]) -> Bytes:
    """Return `image` (H, W, C) with the `hidden` (K, K) ones of the light cells of a turned checkerboard grey."""
    out = image.copy()
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            u = (math.cos(angle) * y + math.sin(angle) * x) / cell
            v = (-math.sin(angle) * y + math.cos(angle) * x) / cell
            if int(u % 2) == int(v % 2) and hidden[int(u), int(v)]:
                out[y, x] = _GREY
    return out


def _checkerboard_cutout(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Make 0.1 * severity of the light cells of a turned checkerboard grey, cells of 0.1 S to 0.25 S pixels.

    As published, cells on the two sides of an axis through the corner [0, 0] are one: coordinates are cut to
    integers.
    """
    state, out = np.random.RandomState(0), np.empty_like(images)
    for n, source in enumerate(draws):
        angle = source.uniform(0, 2 * np.pi)
        cell = max(source.uniform(0.1, 0.25) * shorter_side(images), 1.0)
        count = int(4 * max(images.shape[1:3]) // cell)
        hidden = reseed(state, source).uniform(size=(count, count)) < severity / 10
        out[n] = _checkered(images[n], angle, cell, hidden)
    return out


def _drawn_over(image: Bytes, pixels: Indices, opacity: Doubles) -> None:
    """Cover `pixels` (P, 2) of `image` (H, W, C) in place; those outside are left out."""
    inside = ((pixels >= 0) & (pixels < image.shape[:2])).all(axis=1)
    where, share = tuple(pixels[inside].T), opacity[inside, None]
    image[where] = (1.0 - share) * image[where].astype(np.float32) + share * _GREY


def _lines(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Draw 0.1 * severity * S grey anti-aliased lines, 2 S long, in directions around a common one."""
    side, out = shorter_side(images), images.copy()
    state = np.random.RandomState(0)
    for n, source in enumerate(draws):
        common, spread = source.uniform(0, 2 * np.pi), source.uniform(0.1, 1)
        for place in reseed(state, source).uniform(size=(int(severity / 10 * side), 3)):
            row, column = place[:2] * images.shape[1:3]
            angle = common + 2 * math.pi * spread * (place[2] - 0.5)
            down, right = math.cos(angle) * side, math.sin(angle) * side
            ends = int(row - down), int(column - right), int(row + down), int(column + right)
            _drawn_over(out[n], *segment(*ends))
    return out


blue_noise_sample = Corruption(
    name="blue_noise_sample",
    group="cover",
    function=_blue_noise_sample,
    presets={"cifar": (0.7, 1.4, 2.1, 3.5, 4.2), "imagenet": (0.8, 1.6, 2.4, 4.0, 5.6)},
    reference=MINTUN,
)

checkerboard_cutout = Corruption(
    name="checkerboard_cutout",
    group="cover",
    function=_checkerboard_cutout,
    presets={"cifar": (1.0, 2.0, 3.0, 4.0, 5.0), "imagenet": (2.0, 3.0, 4.0, 5.0, 6.0)},
    reference=MINTUN,
)

lines = Corruption(
    name="lines",
    group="cover",
    function=_lines,
    presets={"cifar": (0.5, 1.0, 1.5, 2.0, 2.5)},
    reference=MINTUN,
)
