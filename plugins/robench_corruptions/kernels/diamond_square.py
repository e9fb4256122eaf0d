"""Plasma by the diamond-square algorithm on a grid that wraps around, in the order of the published fog."""

import numpy as np

from robench_corruptions.kernels.arrays import Doubles
from robench_corruptions.kernels.compiled import compiled


@compiled
def _grown(numbers: Doubles, side: int, decay: float, grids: Doubles) -> None:
    """Fill `grids` (N, side**2); each step takes the middles of the squares, then those of upper and left edges."""
    for n in range(grids.shape[0]):
        grid, drawn = grids[n], numbers[n]
        grid[0] = 0.0
        step, wibble, used = side, 100.0, 0
        while step >= 2:
            half, many = step // 2, side // step
            for kind in range(3):
                for i in range(many):
                    here, below = i * step * side, (i + 1) % many * step * side
                    middle, above = here + half * side, (i + many - 1) % many * step * side + half * side
                    for j in range(many):
                        x, after = j * step, (j + 1) % many * step
                        if kind == 0:
                            new, p, q, r, s = middle + x + half, here + x, below + x, here + after, below + after
                        elif kind == 1:
                            new, p, q, r, s = (
                                here + x + half,
                                middle + x + half,
                                above + x + half,
                                here + x,
                                here + after,
                            )
                        else:
                            before = (j + many - 1) % many * step + half
                            new, p, q, r, s = middle + x, middle + x + half, middle + before, here + x, below + x
                        mean = ((grid[p] + grid[q]) + (grid[r] + grid[s])) / 4
                        grid[new] = mean + wibble * (-wibble + 2 * wibble * drawn[used])
                        used += 1
            step //= 2
            wibble /= decay


def plasmas(numbers: Doubles, side: int, decay: float) -> Doubles:
    """Return height maps (N, side, side) in [0, 1] from uniform numbers (N, side**2 - 1).

    `side` is a power of two; every step halves the grid and divides the roughness by `decay`.
    """
    grids = np.empty((len(numbers), side * side))
    _grown(numbers, side, float(decay), grids)
    grids -= grids.min(axis=1, keepdims=True)
    grids /= grids.max(axis=1, keepdims=True)
    return grids.reshape(-1, side, side)
