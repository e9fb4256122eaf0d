"""Named, independent random streams.

Every random number in robench comes from `stream(seed, name, *index)`: no global state, no order between
streams, the same numbers on every machine. `index` addresses a place (epoch, step, image), so a continued
run needs no saved generator.
"""

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def entropy(seed: int, name: str, *index: int | str) -> int:
    """Return 128 bits that depend on all arguments (SHA-256 of their text form)."""
    text = "\x1f".join([str(seed), name, *map(str, index)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")


def stream(seed: int, name: str, *index: int | str) -> np.random.Generator:
    """Return the NumPy generator (PCG64) of this name and place."""
    return np.random.Generator(np.random.PCG64(entropy(seed, name, *index)))


def torch_stream(seed: int, name: str, *index: int | str) -> "torch.Generator":
    """Return the torch CPU generator (MT19937) of this name and place."""
    import torch

    generator = torch.Generator()
    generator.manual_seed(entropy(seed, name, *index) & (2**63 - 1))
    return generator
