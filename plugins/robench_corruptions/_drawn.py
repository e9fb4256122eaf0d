"""Random numbers for a batch."""

from collections.abc import Callable

import numpy as np

from robench.contracts import Draws


def drawn(
    draws: Draws,
    draw: Callable[[np.random.RandomState], np.ndarray],
    shape: tuple[int, ...],
    dtype: type[np.generic] = np.float64,
) -> np.ndarray:
    """Return `draw(source)` for each image, in an array of `shape`: one entry of the first axis for each.

    Filling one array, instead of stacking many, spares a third of the time of Gaussian noise.
    """
    numbers = np.empty(shape, dtype)
    for row, source in zip(numbers, draws, strict=True):
        row[...] = draw(source)
    return numbers
