"""Standard normal numbers in bulk, number for number those of `numpy.random.RandomState`, twice as fast.

NumPy makes them by Marsaglia's polar method, two from each point of the square [-1, 1) x [-1, 1) that falls into the
unit disk. One at a time, log, root and division wait for each other; here uniform numbers are drawn in bulk.
"""

import math
from collections.abc import Iterator

import numpy as np

from robench.contracts import Draws
from robench_corruptions.kernels.arrays import Doubles
from robench_corruptions.kernels.compiled import compiled

_AT_ONCE = 8192
"""Uniform numbers drawn at once: 64 KiB, which a first- or second-level cache holds."""
_FEW = 256
"""So many normal numbers are left to NumPy: a further round would cost more."""


@compiled
def _polar(numbers: Doubles, out: Doubles) -> int:
    """Write the normal numbers that pairs of uniform `numbers` give into `out`, in NumPy's order; return how many."""
    block, made = 256, 0
    xs, ys, squares = np.empty(block), np.empty(block), np.empty(block)
    for start in range(0, numbers.size // 2, block):
        found = 0
        for i in range(start, min(start + block, numbers.size // 2)):
            x, y = 2.0 * numbers[2 * i] - 1.0, 2.0 * numbers[2 * i + 1] - 1.0
            square = x * x + y * y
            xs[found], ys[found], squares[found] = x, y, square
            # Without a branch, which would be guessed wrong every fifth time.
            found += int(square < 1.0) & int(square != 0.0)
        for i in range(found):
            factor = math.sqrt(-2.0 * math.log(squares[i]) / squares[i])
            out[made + 2 * i], out[made + 2 * i + 1] = factor * ys[i], factor * xs[i]
        made += 2 * found
    return made


def _fill(row: Doubles, source: np.random.RandomState) -> None:
    """Fill `row`, of even length, from a source that holds no number over from an odd count."""
    made = 0
    while row.size - made >= _FEW:
        # A normal number takes one uniform number or more, so this many are never too many.
        made += _polar(source.random_sample(min(row.size - made, _AT_ONCE)), row[made:])
    row[made:] = source.standard_normal(row.size - made)


def filled(rows: Doubles, draws: Draws) -> Iterator[np.random.RandomState]:
    """Fill each of `rows` with standard normal numbers from its source, then yield that source.

    A row of odd length, or a source that has made an odd count before and holds the second number of a pair, is left
    to NumPy. Rows are of one length, so a source that comes again is as even as it was.
    """
    last, uneven = None, False
    for row, source in zip(rows.reshape(len(rows), -1), draws, strict=True):
        if source is not last:
            last, uneven = source, row.size % 2 == 1 or bool(source.get_state(legacy=False)["has_gauss"])
        if uneven:
            row[:] = source.standard_normal(row.size)
        else:
            _fill(row, source)
        yield source


def normals(draws: Draws, shape: tuple[int, ...]) -> Doubles:
    """Return standard normal numbers, float64, in an array of `shape`: one entry of the first axis for each image."""
    rows = np.empty(shape)
    for _ in filled(rows, draws):
        pass
    return rows
