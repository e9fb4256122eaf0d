"""Enlarging the centre, value for value a centre crop followed by `scipy.ndimage.zoom(order=1)`."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from robench_corruptions.kernels.arrays import Doubles, Indices, Real, Reals
from robench_corruptions.kernels.compiled import compiled

Places = NDArray[np.uintp]


@lru_cache(maxsize=256)
def _axis(size: int, factor: float) -> tuple[Indices, Doubles]:
    """Return the two sources (2, size) of each position of an axis and their weights (2, size).

    Like SciPy, a position that rounding puts beyond the last pixel becomes 0 (both weights 0).
    """
    crop = math.ceil(size / factor)
    enlarged = round(crop * factor)
    step = (crop - 1) / (enlarged - 1)
    position = ((enlarged - size) // 2 + np.arange(size)) * step
    first = np.floor(position)
    near = 1.0 - (position - first)
    weights = np.stack([near, 1.0 - near]) * (position <= crop - 1)
    sources = np.stack([first, np.minimum(first + 1, crop - 1)]) + (size - crop) // 2
    return sources.astype(np.int64), weights


@compiled
def _gather(row: Reals, sources: Places, out: Doubles) -> None:
    for x in range(out.size):
        out[x] = row[sources[x]]


@compiled
def _mix(
    out: Reals,
    weights: tuple[float, float],
    upper_left: Doubles,
    upper_right: Doubles,
    lower_left: Doubles,
    lower_right: Doubles,
    left: Doubles,
    right: Doubles,
) -> None:
    """Add the four sources in SciPy's order."""
    up, down = weights
    for x in range(out.size):
        value = upper_left[x] * up * left[x]
        value += upper_right[x] * up * right[x]
        value += lower_left[x] * down * left[x]
        value += lower_right[x] * down * right[x]
        out[x] = value


@compiled
def _zoomed(
    images: NDArray[Real], rows: Indices, row_weights: Doubles, columns: Places, column_weights: Doubles
) -> NDArray[Real]:
    count, height, width = images.shape
    out = np.empty_like(images)
    left, right = np.empty((2, width)), np.empty((2, width))  # a source row r is held in slot r % 2
    for n in range(count):
        held = -1
        for y in range(height):
            for source in rows[:, y]:
                if source > held:
                    _gather(images[n, source], columns[0], left[source % 2])
                    _gather(images[n, source], columns[1], right[source % 2])
                    held = source
            a, b, weights = rows[0, y] % 2, rows[1, y] % 2, (row_weights[0, y], row_weights[1, y])
            _mix(out[n, y], weights, left[a], right[a], left[b], right[b], column_weights[0], column_weights[1])
    return out


@lru_cache(maxsize=256)
def _flat_axis(size: int, channels: int, factor: float) -> tuple[Places, Doubles]:
    """Return `_axis` for pixels of `channels` values that lie one after the other."""
    sources, weights = _axis(size, factor)
    flat = sources[:, :, None] * channels + np.arange(channels)
    return flat.reshape(2, -1).astype(np.uintp), np.repeat(weights, channels, axis=1)


def zoomed(images: NDArray[Real], factor: float) -> NDArray[Real]:
    """Return the centre of `images` (N, H, W, C), float32 or float64, enlarged `factor` >= 1 times.

    Shape and dtype are kept; sums are float64.
    """
    height, width, channels = images.shape[1:]
    flat = np.ascontiguousarray(images).reshape(-1, height, width * channels)
    return _zoomed(flat, *_axis(height, factor), *_flat_axis(width, channels, factor)).reshape(images.shape)
