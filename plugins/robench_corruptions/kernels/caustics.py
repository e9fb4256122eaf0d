"""Light focused by rippled water, and how the ripples refract what lies below."""

import math

import numpy as np

from robench_corruptions.kernels.arrays import Doubles
from robench_corruptions.kernels.compiled import compiled


@compiled
def caustics(height: int, width: int, time: float, size: float) -> Doubles:
    """Return the brightness (H, W), 0 to 1, of a pattern that repeats every `size` pixels."""
    out = np.empty((height, width))
    for row in range(height):
        for column in range(width):
            y = (row / size) % 1 * 6.28318530718 - 250
            x = (column / size) % 1 * 6.28318530718 - 250
            i, j, total = y, x, 1.0
            for n in range(5):
                t = time * (1.0 - 3.5 / (n + 1))
                i, j = y + (math.cos(t - i) + math.sin(t + j)), x + (math.sin(t - j) + math.cos(t + i))
                u, v = y / (math.sin(i + t) / 0.005), x / (math.cos(j + t) / 0.005)
                total += 1.0 / math.sqrt(u * u + v * v)
            out[row, column] = min(abs(1.17 - (total / 5) ** 1.4) ** 8.0, 1.0)
    return out


@compiled
def refraction(down: Doubles, right: Doubles, eta: float) -> tuple[Doubles, Doubles]:
    """Return what a straight ray leaves a surface with, (H, W) each, y and x: Snell's law with index `eta`.

    `down` and `right` (H, W) are the slopes of the surface. Slopes of the normal below 2.6 degrees do not refract.
    """
    y, x = np.empty_like(down), np.empty_like(down)
    for h in range(down.shape[0]):
        for w in range(down.shape[1]):
            slope = math.sqrt(down[h, w] ** 2 + right[h, w] ** 2)
            length = math.sqrt(down[h, w] ** 2 + right[h, w] ** 2 + 1.0)
            upright, flat = 1.0 / length, slope / length
            if upright >= 1.0 - 1e-3:
                y[h, w], x[h, w] = 0.0, 0.0
                continue
            refracted = math.asin(math.sin(math.acos(upright)) / eta)
            bent = math.cos(refracted) - math.sin(refracted) * upright / flat
            y[h, w], x[h, w] = down[h, w] / length * bent, right[h, w] / length * bent
    return y, x
