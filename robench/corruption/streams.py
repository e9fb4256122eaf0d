"""Where corruptions get their random numbers: a state for each image, or one stream through all."""

from collections.abc import Callable
from itertools import repeat

import numpy as np

from robench.contracts import Draws
from robench.errors import InputError, unknown
from robench.rng import entropy
from robench.schema import whole


def draws(stream: str, seed: int, name: str, severity: int, first_index: int) -> Callable[[int, int], Draws]:
    """Return what gives the sources of `count` images from images[start] on: a function (start, count) -> `Draws`.

    Args:
        stream: "counter" or "legacy".
        seed: Any whole number; 0 to 2**32 - 1 in the legacy stream.
        name: The corruption.
        severity: 1 to 5.
        first_index: Index of images[0], 0 or more; 0 in the legacy stream.

    Raises:
        InputError: An unknown stream, or a number that is not allowed.

    Example:
        The third image alone gets what it gets among all; the legacy stream is NumPy's own:

        >>> whole, part = draws("counter", 0, "fog", 1, 0), draws("counter", 0, "fog", 1, 2)
        >>> [source.random_sample() for source in whole(0, 3)][2] == next(part(0, 1)).random_sample()
        True
        >>> next(draws("legacy", 5, "fog", 1, 0)(0, 3)).random_sample() == np.random.RandomState(5).random_sample()
        True
    """
    seed, first_index = whole("seed", seed), whole("first_index", first_index)
    if stream == "counter":
        if first_index < 0:
            raise InputError(f"first_index: {first_index}; expected 0 or more")
        key = entropy(seed, "corruption", name, severity)
        return lambda start, count: counter(key, first_index + start, count)
    if stream == "legacy":
        if first_index != 0:
            raise InputError(f"first_index: {first_index}; the legacy stream has no positions, expected 0")
        if not 0 <= seed < 2**32:
            raise InputError(f"seed: {seed}; the legacy stream takes 0 to {2**32 - 1}")
        state = np.random.RandomState(seed)
        return lambda start, count: repeat(state, count)
    raise unknown("stream", stream, ("counter", "legacy"))


def counter(key: int, first: int, count: int) -> Draws:
    """Yield a generator for each of `count` images: SFC64, its 256 bits of state Philox of the image's index.

    A generator is to be used before the next one is asked for: they share one SFC64.

    Args:
        key: 128 bits, of the seed, the corruption and the severity.
        first: Index of the first image, 0 or more.
        count: Number of images.

    Example:
        >>> [source.random_sample() for source in counter(7, 0, 3)][1:] == [
        ...     source.random_sample() for source in counter(7, 1, 2)
        ... ]
        True
    """
    # Philox4x64 under one key is a bijection of its counter, 256 bits to 256 bits, and NumPy counts up before each
    # block: image i gets block i + 1 whatever `first` is, and no two images of a key the same. Another key (another
    # seed, corruption or severity) is another bijection. The block is a whole state of SFC64, mixed already, so that no
    # warming up is needed; the 64-bit counter among its words makes every cycle 2**64 or longer. Of two random states
    # under the step of SFC64, a bijection, one comes within L numbers of the other with chance 2 L / 2**256: of 4e6
    # images (50,000 in 75 cells) with 1e6 numbers each any two overlap with less than 1e-57.
    # A Philox for each image would cost ten times as much as a state. One SFC64 serves all: the next image's state
    # replaces the last one's, its buffered bits too, and a new RandomState holds no normal number over.
    hashes = np.random.Philox(key=key, counter=first).random_raw(4 * count).reshape(count, 4)
    bits = np.random.SFC64(0)
    state = bits.state
    for row in hashes:
        state["state"]["state"] = row
        bits.state = state
        yield np.random.RandomState(bits)
