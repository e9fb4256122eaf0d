"""Warps of ImageNet-C-bar and CIFAR-10-C-bar: water, twirls and ripples move the pixels."""

import math
from functools import lru_cache

import numpy as np
from scipy.ndimage import gaussian_filter

from robench.contracts import Corruption, Draws
from robench_corruptions.bar.scale import MINTUN, shorter_side, to_levels
from robench_corruptions.kernels.arrays import Bytes, Doubles
from robench_corruptions.kernels.bilinear import looked_up
from robench_corruptions.kernels.caustics import caustics, refraction


def _slopes(height: Doubles) -> tuple[Doubles, Doubles]:
    """Return the differences (H, W) of the next and the previous pixel, down and to the right; 0 lies beyond."""
    wide = np.pad(height, 1)
    return wide[2:, 1:-1] - wide[:-2, 1:-1], wide[1:-1, 2:] - wide[1:-1, :-2]


def _caustic_refraction(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Look through water with the ripples of caustics, up to 0.05 * severity * S pixels away, and light its slopes."""
    (height, width), side = images.shape[1:3], shorter_side(images)
    y, x = np.mgrid[:height, :width]
    out = np.empty_like(images)
    for n, source in enumerate(draws):
        surface = caustics(height, width, source.uniform(0.5, 2), source.uniform(0.75, 1.25) * side)
        # SciPy's filter, as our own would take as long to compile as all the rest.
        down, right = _slopes(gaussian_filter(surface, 1.0))
        moves = [np.round(move * (severity * 0.5 * side / 10), 3) for move in refraction(down, right, 4.0)]
        unit = looked_up(images[n].astype(np.float32) / np.float32(255), y + moves[0], x + moves[1])
        light = severity * 2 / 10
        unit = unit - (right * light)[..., None] + (down * light)[..., None]
        out[n] = to_levels(np.clip(unit, 0, 1) * 255)
    return out


@lru_cache(maxsize=64)
def _twirl(height: int, width: int, amount: float, angle: float) -> tuple[Doubles, Doubles]:
    """Return where a cell of `height` x `width` pixels looks, relative to its centre: rows and columns.

    Inside the largest circle pixels look outwards (by `amount`) and around (by up to `angle` radians).
    """
    y, x = np.mgrid[:height, :width] - np.array([height / 2, width / 2])[:, None, None]
    radius = min(height, width) / 2
    for h, w in np.ndindex(height, width):
        down, right = float(y[h, w]), float(x[h, w])
        part = math.sqrt(down * down + right * right) / radius
        if 0 < part <= 1:
            pinch, turn = math.sin(math.pi * 0.5 * part) ** -amount, angle * (1 - part) ** 2
            down, right = down * pinch, right * pinch
            y[h, w] = down * math.cos(turn) - right * math.sin(turn)
            x[h, w] = down * math.sin(turn) + right * math.cos(turn)
    return y, x


def _pinch_and_twirl(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Pinch and twirl, to either side by 9 * severity degrees, each cell of a grid of 3 x 3 (5 x 5 from S = 224 on).

    Cells follow column by column, each from the image as the one before left it.
    """
    count = 5 if shorter_side(images) >= 224 else 3
    height, width = images.shape[1] // count, images.shape[2] // count
    amount, angle = severity * 0.4 / 10 + 0.1, severity * (np.pi / 2) / 10
    out = images.astype(np.float32)
    for n, source in enumerate(draws):
        signs = 1 - 2 * source.randint(0, 2, count * count, np.int64)
        for cell, sign in enumerate(signs):
            top, left = cell % count * height, cell // count * width
            rows, columns = _twirl(height, width, amount, float(sign * angle))
            twirled = looked_up(out[n], rows + (top + height / 2), columns + (left + width / 2))
            out[n, top : top + height, left : left + width] = twirled
    return to_levels(out)


def _ripple(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Move rows and columns along sines of 0.0025 * severity * S pixels and wavelengths 0.1 S to 0.3 S."""
    side, out = shorter_side(images), np.empty_like(images)
    amplitude = severity * 0.025 / 10 * side
    for n, source in enumerate(draws):
        lengths, starts = source.uniform(0.1, 0.3, 2) * side, source.uniform(0, 2 * np.pi, 2)
        axes = [np.arange(size) for size in images.shape[1:3]]
        rows, columns = (
            axis + amplitude * np.sin(2 * np.pi * axis / length + start)
            for axis, length, start in zip(axes, lengths, starts, strict=True)
        )
        out[n] = to_levels(looked_up(images[n], *np.meshgrid(rows, columns, indexing="ij")))
    return out


caustic_refraction = Corruption(
    name="caustic_refraction",
    group="warp",
    function=_caustic_refraction,
    presets={"imagenet": (2.35, 3.2, 4.9, 6.6, 9.15)},
    reference=MINTUN,
)

pinch_and_twirl = Corruption(
    name="pinch_and_twirl",
    group="warp",
    function=_pinch_and_twirl,
    presets={"cifar": (5.5, 6.0, 6.5, 8.5, 10.0)},
    reference=MINTUN,
)

ripple = Corruption(
    name="ripple",
    group="warp",
    function=_ripple,
    presets={"cifar": (5.5, 6.0, 6.5, 7.5, 8.0)},
    reference=MINTUN,
)
