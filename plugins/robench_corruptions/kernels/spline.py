"""Cubic B-splines at given positions, value for value those of `scipy.ndimage` with mode="constant"."""

import math

import numpy as np

from robench_corruptions.kernels.arrays import Doubles
from robench_corruptions.kernels.compiled import compiled

Samples = tuple[int, int, int, int]
Weights = tuple[float, float, float, float]


@compiled
def _sources(position: float, size: int) -> Samples:
    """Return the four samples that bear on a position, mirrored at the border samples."""
    first = math.floor(position) - 1
    end = size - 1
    return abs(first), first + 1, end - abs(end - first - 2), end - abs(end - first - 3)


@compiled
def _weights(position: float) -> Weights:
    x = position - math.floor(position)
    z = 1.0 - x
    first = z * z * z / 6.0
    second = (x * x * (x - 2.0) * 3.0 + 4.0) / 6.0
    third = (z * z * (z - 2.0) * 3.0 + 4.0) / 6.0
    return first, second, third, 1.0 - first - second - third


@compiled
def _sum(image: Doubles, sources: tuple[Samples, Samples], weights: tuple[Weights, Weights], channel: int) -> float:
    total = 0.0
    for i in range(4):
        for j in range(4):
            total += image[sources[0][i], sources[1][j], channel] * weights[0][i] * weights[1][j]
    return total


@compiled
def splined(coefficients: Doubles, rows: Doubles, columns: Doubles) -> Doubles:
    """Return float64 (N, h, w, C): the splines of `coefficients`, float64 (N, H, W, C), at `rows` and `columns` (h, w).

    Positions are in pixels; 0 where one lies outside the centres of the border pixels.
    """
    count, height, width, channels = coefficients.shape
    out = np.zeros((count, rows.shape[0], rows.shape[1], channels))
    for y in range(rows.shape[0]):
        for x in range(rows.shape[1]):
            row, column = rows[y, x], columns[y, x]
            if not (0 <= row <= height - 1 and 0 <= column <= width - 1):
                continue
            sources = _sources(row, height), _sources(column, width)
            weights = _weights(row), _weights(column)
            for n in range(count):
                for c in range(channels):
                    out[n, y, x, c] = _sum(coefficients[n], sources, weights, c)
    return out
