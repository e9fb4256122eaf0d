"""Perlin's gradient noise and its turbulence."""

import numpy as np

from robench_corruptions.kernels.arrays import Doubles, Indices
from robench_corruptions.kernels.compiled import compiled

CELLS = 256
"""Period of the lattice in cells."""

_ORIGIN = 16 * CELLS
"""Added to coordinates to keep them positive; part of the rounding."""


def lattice(state: np.random.RandomState) -> tuple[Indices, Doubles]:
    """Return a random permutation (256,) of the cells and unit gradients (256, 2).

    The published code draws 514 gradients and never looks at those after the first 256. A gradient drawn as
    (0, 0) stays zero (published: not a number).
    """
    drawn = state.randint(0, 2**31, (2 * CELLS + 2, 2), np.int64)[:CELLS]
    gradients = (drawn % (2 * CELLS) - CELLS) / CELLS
    length = np.sqrt((gradients**2).sum(axis=1, keepdims=True))
    gradients /= np.where(length > 0, length, 1)
    order = np.arange(CELLS)
    partners = state.randint(0, 2**31, CELLS, np.int64) % CELLS
    for i, j in zip(range(CELLS - 1, -1, -1), partners, strict=True):
        order[i], order[j] = order[j], order[i]
    return order, gradients


@compiled
def _corner(order: Indices, gradients: Doubles, row: int, column: int, y: float, x: float) -> float:
    """Return the ramp of the gradient at a corner of a cell; the noise's first coordinate is y."""
    chosen = order[(order[row] + column) % CELLS]
    ramp: float = y * gradients[chosen, 0] + x * gradients[chosen, 1]
    return ramp


@compiled
def _noise(order: Indices, gradients: Doubles, y: float, x: float) -> float:
    y, x = y + _ORIGIN, x + _ORIGIN
    top, left = int(y) % CELLS, int(x) % CELLS
    bottom, right = (top + 1) % CELLS, (left + 1) % CELLS
    y, x = y % 1, x % 1
    down, across = y * y * (3.0 - 2.0 * y), x * x * (3.0 - 2.0 * x)
    u = _corner(order, gradients, top, left, y, x)
    a = u + down * (_corner(order, gradients, bottom, left, y - 1.0, x) - u)
    u = _corner(order, gradients, top, right, y, x - 1.0)
    b = u + down * (_corner(order, gradients, bottom, right, y - 1.0, x - 1.0) - u)
    return 1.5 * (a + across * (b - a))


@compiled
def turbulence(order: Indices, gradients: Doubles, height: int, width: int, cell: float, octaves: int) -> Doubles:
    """Return the sum (H, W) of |noise| / f over the first `octaves` of f = 1, 2, 4, ... cycles per `cell` pixels."""
    out = np.zeros((height, width))
    scale = 1 / cell
    for row in range(height):
        for column in range(width):
            for octave in range(octaves):
                f = 2.0**octave
                out[row, column] += abs(_noise(order, gradients, f * (row * scale), f * (column * scale))) / f
    return out
