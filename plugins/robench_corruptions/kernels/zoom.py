"""Enlarging the centre, value for value a centre crop followed by `scipy.ndimage.zoom(order=1)`, and sums of that."""

import math
from collections.abc import Sequence
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
    total: Reals,
    up: float,
    down: float,
    upper_left: Doubles,
    upper_right: Doubles,
    lower_left: Doubles,
    lower_right: Doubles,
    left: Doubles,
    right: Doubles,
) -> None:
    """Add the four sources, in SciPy's order and rounded to the type of `total`, to it."""
    for x in range(total.size):
        value = upper_left[x] * up * left[x]
        value += upper_right[x] * up * right[x]
        value += lower_left[x] * down * left[x]
        value += lower_right[x] * down * right[x]
        total[x] += type(total[x])(value)


@compiled
def _add_zoomed(
    images: NDArray[Real],
    rows: Indices,
    row_weights: Doubles,
    columns: Places,
    column_weights: Doubles,
    total: NDArray[Real],
) -> None:
    """Add to `total` the enlargements of `images` (N, H, W * C), one after the other; the tables have one for each."""
    count, height, width = images.shape
    left, right = np.empty((2, width)), np.empty((2, width))  # a source row r is held in slot r % 2
    for n in range(count):
        for f in range(rows.shape[0]):
            held = -1
            for y in range(height):
                for k in range(2):
                    source = rows[f, k, y]
                    if source > held:
                        _gather(images[n, source], columns[f, 0], left[source % 2])
                        _gather(images[n, source], columns[f, 1], right[source % 2])
                        held = source
                a, b, up, down = rows[f, 0, y] % 2, rows[f, 1, y] % 2, row_weights[f, 0, y], row_weights[f, 1, y]
                _mix(
                    total[n, y],
                    up,
                    down,
                    left[a],
                    right[a],
                    left[b],
                    right[b],
                    column_weights[f, 0],
                    column_weights[f, 1],
                )


@lru_cache(maxsize=256)
def _flat_axis(size: int, channels: int, factor: float) -> tuple[Places, Doubles]:
    """Return `_axis` for pixels of `channels` values that lie one after the other."""
    sources, weights = _axis(size, factor)
    flat = sources[:, :, None] * channels + np.arange(channels)
    return flat.reshape(2, -1).astype(np.uintp), np.repeat(weights, channels, axis=1)


def add_zoomed(total: NDArray[Real], images: NDArray[Real], factors: Sequence[float]) -> None:
    """Add to `total` the centre of `images`, both (N, H, W, C), float32 or float64, enlarged by each of `factors` >= 1.

    An enlargement is summed in float64 and rounded to the dtype; `total` is contiguous.
    """
    height, width, channels = images.shape[1:]
    rows, row_weights = zip(*(_axis(height, factor) for factor in factors), strict=True)
    columns, column_weights = zip(*(_flat_axis(width, channels, factor) for factor in factors), strict=True)
    tables = np.array(rows), np.array(row_weights), np.array(columns), np.array(column_weights)
    flat = np.ascontiguousarray(images).reshape(-1, height, width * channels)
    _add_zoomed(flat, *tables, total.reshape(flat.shape))


def zoomed(images: NDArray[Real], factor: float) -> NDArray[Real]:
    """Return the centre of `images` (N, H, W, C), float32 or float64, enlarged `factor` >= 1 times, in its dtype."""
    total = np.zeros(images.shape, images.dtype)
    add_zoomed(total, images, (factor,))
    return total
