"""Bilinear look-up at given positions, black outside the image."""

import math

import numpy as np

from robench_corruptions.kernels.arrays import Bytes, Doubles, Singles
from robench_corruptions.kernels.compiled import compiled

Pixels = Bytes | Singles


@compiled
def _pixel(image: Pixels, row: int, column: int, channel: int) -> float:
    inside = 0 <= row < image.shape[0] and 0 <= column < image.shape[1]
    return np.float64(image[row, column, channel]) if inside else 0.0


@compiled
def looked_up(image: Pixels, rows: Doubles, columns: Doubles) -> Doubles:
    """Return float64 (h, w, C): `image` (H, W, C) at `rows` and `columns`, both (h, w), in pixels."""
    height, width = rows.shape
    channels = image.shape[2]
    out = np.empty((height, width, channels))
    for y in range(height):
        for x in range(width):
            row, column = rows[y, x], columns[y, x]
            top, left = math.floor(row), math.floor(column)
            bottom, right = top + 1, left + 1
            near, far = 1.0 - column + left, 1.0 - right + column
            up, down = 1.0 - row + top, 1.0 - bottom + row
            for c in range(channels):
                above = _pixel(image, top, left, c) * near + _pixel(image, top, right, c) * far
                below = _pixel(image, bottom, left, c) * near + _pixel(image, bottom, right, c) * far
                out[y, x, c] = above * up + below * down
    return out
