"""Enlarging the centre, value for value a centre crop followed by `scipy.ndimage.zoom(order=1)`."""

import math
from functools import lru_cache

import numpy as np
from numba import njit


@lru_cache(maxsize=256)
def _axis(size: int, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the two sources (size, 2) of each position of an axis and their weights (size, 2).

    Like SciPy, a position that rounding puts beyond the last pixel becomes 0 (both weights 0).
    """
    crop = math.ceil(size / factor)
    enlarged = round(crop * factor)
    step = (crop - 1) / (enlarged - 1)
    position = ((enlarged - size) // 2 + np.arange(size)) * step
    first = np.floor(position)
    near = 1.0 - (position - first)
    weights = np.stack([near, 1.0 - near], axis=1) * (position <= crop - 1)[:, None]
    sources = np.stack([first, np.minimum(first + 1, crop - 1)], axis=1) + (size - crop) // 2
    return sources.astype(np.int64), weights


@njit(cache=True, nogil=True)
def _zoomed(images, rows, row_weights, columns, column_weights):
    count, height, width, channels = images.shape
    out = np.empty_like(images)
    left, right = np.empty((height, width * channels)), np.empty((height, width * channels))
    near, far = np.repeat(column_weights[:, 0], channels), np.repeat(column_weights[:, 1], channels)
    for n in range(count):
        for y in range(rows[0, 0], rows[-1, 1] + 1):
            for x in range(width):
                for c in range(channels):
                    left[y, x * channels + c] = images[n, y, columns[x, 0], c]
                    right[y, x * channels + c] = images[n, y, columns[x, 1], c]
        flat = out[n].reshape(height, width * channels)
        for y in range(height):
            a, b, up, down = rows[y, 0], rows[y, 1], row_weights[y, 0], row_weights[y, 1]
            for x in range(width * channels):
                flat[y, x] = (
                    (left[a, x] * up * near[x] + right[a, x] * up * far[x])
                    + left[b, x] * down * near[x]
                    + right[b, x] * down * far[x]
                )
    return out


def zoomed(images: np.ndarray, factor: float) -> np.ndarray:
    """Return the centre of `images` (N, H, W, C), float32 or float64, enlarged `factor` >= 1 times.

    Shape and dtype are kept; sums are float64.
    """
    return _zoomed(images, *_axis(images.shape[1], factor), *_axis(images.shape[2], factor))
