"""Resizing with a box filter, value for value that of Pillow: 22-bit fixed point, rows first, then columns."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from robench_corruptions.kernels.arrays import Bytes
from robench_corruptions.kernels.compiled import compiled

Places = NDArray[np.uintp]
Weights = NDArray[np.int32]
"""Fixed point: 2**22 is 1."""

_BITS = 22


@lru_cache(maxsize=64)
def _taps(size: int, new: int, channels: int) -> tuple[Places, Weights]:
    """Return where the taps of each new value lie in a line of `size` pixels, and their weights, both (T, new * C).

    A pixel counts where its middle lies in the box of the new one, all alike.
    """
    scale = size / new
    width = max(scale, 1.0)
    centre, pixel = (np.arange(new)[:, None] + 0.5) * scale, np.arange(size)
    offset = (pixel - centre + 0.5) * (1.0 / width)
    inside = (offset > -0.5) & (offset <= 0.5)
    # Pillow looks only between these two, which matters where rounding puts a middle on the rim.
    inside &= (pixel >= (centre - 0.5 * width + 0.5).astype(int)) & (pixel < (centre + 0.5 * width + 0.5).astype(int))
    counts = inside.sum(axis=1)
    steps = np.arange(counts.max())[:, None]
    places = np.minimum(inside.argmax(axis=1) + steps, size - 1)
    weights = np.where(steps < counts, (0.5 + 2**_BITS / np.maximum(counts, 1)).astype(int), 0)
    flat = (places[:, :, None] * channels + np.arange(channels)).reshape(len(places), -1)
    return flat.astype(np.uintp), np.repeat(weights, channels, axis=1).astype(np.int32)


@compiled
def _weighted(lines: Bytes, places: Places, weights: Weights) -> Bytes:
    """Return (N, new): of each of `lines` (N, size) the sums over t of weights[t] * line[places[t]], rounded."""
    out = np.empty((lines.shape[0], places.shape[1]), np.uint8)
    sums = np.empty(places.shape[1], np.int32)
    for n in range(lines.shape[0]):
        line = lines[n]
        sums[:] = 1 << 21
        for t in range(places.shape[0]):
            place, weight = places[t], weights[t]
            for x in range(sums.size):
                sums[x] += np.int32(line[place[x]]) * weight[x]
        for x in range(sums.size):
            out[n, x] = np.uint8(sums[x] >> 22)
    return out


def _resized(lines: Bytes, size: int, new: int, channels: int) -> Bytes:
    """Return `lines` (N, size * C) as (N, new * C)."""
    places, weights = _taps(size, new, channels)
    if (weights[:, ::channels] == 1 << _BITS).all():  # one tap each, as in enlarging
        pixels = (places[0, ::channels] // channels).astype(np.intp)
        taken: Bytes = lines.reshape(len(lines), size, channels).take(pixels, axis=1)
        return taken.reshape(len(lines), -1)
    return _weighted(lines, places, weights)


def box_resized(images: Bytes, height: int, width: int) -> Bytes:
    """Return `images`, uint8 (N, H, W, C), in `height` x `width` pixels, as `PIL.Image.resize(..., BOX)` does."""
    count, old_height, old_width, channels = images.shape
    lines = images.reshape(count * old_height, old_width * channels)
    narrow = _resized(lines, old_width, width, channels).reshape(count, -1)
    return _resized(narrow, old_height, height, width * channels).reshape(count, height, width, channels)
