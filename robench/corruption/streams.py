"""Where corruptions get their random numbers: a state for each image, or one stream through all."""

from collections.abc import Callable
from itertools import repeat
from numbers import Integral

import numpy as np

from robench.contracts import Draws
from robench.errors import InputError, unknown
from robench.rng import entropy


def draws(stream: str, seed: int, name: str, severity: int, first_index: int) -> Callable[[int, int], Draws]:
    """Return what gives the sources of `count` images from images[start] on."""
    for field, value in (("seed", seed), ("first_index", first_index)):
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise InputError(f"{field}: {value!r}; expected a whole number")
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
    """Yield a generator for each of `count` images: SFC64, its 256 bits of state Philox of the image's index."""
    hashes = np.random.Philox(key=key, counter=first).random_raw(4 * count).reshape(count, 4)
    bits = np.random.SFC64(0)
    state = bits.state
    for row in hashes:
        state["state"]["state"] = row
        bits.state = state
        yield np.random.RandomState(bits)
