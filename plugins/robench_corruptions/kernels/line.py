"""Anti-aliased line segments by Zingl's form of Bresenham's algorithm, as in `skimage.draw.line_aa`."""

import math

import numpy as np

from robench_corruptions.kernels.arrays import Doubles, Indices
from robench_corruptions.kernels.compiled import compiled


@compiled
def _walk(row: int, column: int, last_row: int, last_column: int, pixels: Indices, gaps: Doubles) -> int:
    """Write the pixels (P, 2) of a segment, some twice, and how far each is left open (P,); return P."""
    across, down = abs(last_column - column), abs(last_row - row)
    right, below = 1 if column < last_column else -1, 1 if row < last_row else -1
    length = math.sqrt(across * across + down * down) if across + down > 0 else 1.0
    error, count = across - down, 0
    while True:
        pixels[count, 0], pixels[count, 1], gaps[count] = row, column, abs(error - across + down) / length
        count += 1
        before, start = error, column
        if 2 * before >= -across:
            if column == last_column:
                return count
            if before + down < length:
                pixels[count, 0], pixels[count, 1], gaps[count] = row + below, column, abs(before + down) / length
                count += 1
            error, column = error - down, column + right
        if 2 * before <= down:
            if row == last_row:
                return count
            if across - before < length:
                pixels[count, 0], pixels[count, 1], gaps[count] = row, start + right, abs(across - before) / length
                count += 1
            error, row = error + across, row + below


def segment(row: int, column: int, last_row: int, last_column: int) -> tuple[Indices, Doubles]:
    """Return the pixels (P, 2) from one pixel to another, int64, in drawing order, and their opacity (P,), 0 to 1.

    A pixel may come twice; the last time counts.
    """
    most = 3 * (abs(last_row - row) + abs(last_column - column) + 1)
    pixels, gaps = np.empty((most, 2), np.int64), np.empty(most)
    count = _walk(row, column, last_row, last_column, pixels, gaps)
    return pixels[:count], 1.0 - gaps[:count]
