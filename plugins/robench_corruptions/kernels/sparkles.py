"""Bursts of rays around a point."""

import math

import numpy as np

from robench_corruptions.kernels.arrays import Doubles
from robench_corruptions.kernels.compiled import compiled


@compiled
def burst(height: int, width: int, row: float, column: float, lengths: Doubles, sharpness: float) -> Doubles:
    """Return the brightness (H, W), 0 to 1, of a burst at (row, column) with rays of `lengths` pixels.

    It falls off with the distance to the power of -2 * sharpness and is least midway between two rays.
    """
    out = np.empty((height, width))
    rays = lengths.size
    for h in range(height):
        for w in range(width):
            y, x = h - row, w - column
            turn = (math.atan2(x, y) + math.pi) / (2 * math.pi) * rays
            ray = int(turn)
            part = turn - ray
            length = lengths[ray % rays]
            length += part * (lengths[(ray + 1) % rays] - length)
            distance = math.sqrt(y * y + x * x)
            glow = (length * length / (distance * distance + 1e-4)) ** sharpness
            out[h, w] = min(max((1 - (part - 0.5) ** 2) * glow, 0.0), 1.0)
    return out
