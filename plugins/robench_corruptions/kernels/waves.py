"""Periodic patterns: plane waves, rings and the iterated waves of plasma."""

import math

import numpy as np

from robench_corruptions.kernels.arrays import Doubles
from robench_corruptions.kernels.compiled import compiled


@compiled
def plane_wave(height: int, width: int, along_x: float, along_y: float, phase: float) -> Doubles:
    """Return sin(x * along_x + y * along_y + phase), (H, W)."""
    out = np.empty((height, width))
    for y in range(height):
        for x in range(width):
            out[y, x] = math.sin(x * along_x + y * along_y + phase)
    return out


@compiled
def rings(
    height: int, width: int, x0: float, y0: float, frequency: float, amplitude: float, ring_width: float
) -> Doubles:
    """Return saw-toothed rings (H, W) in [-0.5, 0.5) around (x0, y0), their radius waved by `amplitude` pixels."""
    out = np.empty((height, width))
    for y in range(height):
        for x in range(width):
            angle = math.atan2(x - x0, y - y0) * frequency
            radius = math.sqrt((x - x0) ** 2 + (y - y0) ** 2) + math.sin(angle) * amplitude
            out[y, x] = (radius % ring_width) / ring_width - 0.5
    return out


@compiled
def plasma(height: int, width: int, time: float, iterations: int, sharpness: float, scale: float) -> Doubles:
    """Return plasma (H, W, 3), values in [-1, 1]: sines of coordinates that earlier sines have displaced."""
    out = np.empty((height, width, 3))
    for row in range(height):
        for column in range(width):
            x, y = column / scale, row / scale
            frequency, slowness, divisor = 1.0, 1.0, 1.0
            for _ in range(iterations):
                right = math.cos(y * frequency + time / slowness) / divisor
                down = math.sin(x * frequency + time / slowness) / divisor
                x, y = x + (right - down * 0.3), y + (down + right * 0.3)
                frequency, slowness, divisor = frequency * 1.93, slowness * 1.15, divisor * (2.25 - sharpness)
            out[row, column, 0] = math.sin(x - time)
            out[row, column, 1] = math.sin((x + y + math.sin(time)) * 0.5)
            out[row, column, 2] = math.sin(y + time)
    return out
