"""Which weights were ever active: the union of masks over time."""

import zlib
from typing import Any, final

import numpy as np
import torch
from torch import Tensor

PackedBits = np.ndarray[Any, np.dtype[np.uint8]]


@final
class Explored:
    """The weights of one layer that were ever active.

    An active weight was, so a bit is held for each inactive one only, compressed, in the memory of the host: at most
    sparsity / 8 bytes a weight, next to nothing while few or nearly all of them were. Every call names the mask that
    is current: bool, in any shape.

    Example:
        >>> old, new = torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])
        >>> seen = Explored(old)
        >>> seen.move(old, new)
        >>> seen.count(new)
        3
    """

    def __init__(self, mask: Tensor) -> None:
        """Begin with the weights of `mask`."""
        self._hold(np.zeros(mask.numel() - int(mask.count_nonzero()), dtype=bool))

    def count(self, mask: Tensor) -> int:
        """Return how many weights were ever active."""
        return int(mask.count_nonzero()) + int(np.bitwise_count(self._held()).sum())

    def move(self, old: Tensor, new: Tensor) -> None:
        """Take note that the flat mask `old` became `new`."""
        self._hold(self._all(old)[~_flat(new)])

    def packed(self, mask: Tensor) -> Tensor:
        """Return a bit for every weight, row-major, eight a byte: uint8 (weights / 8, rounded up,)."""
        return torch.from_numpy(np.packbits(self._all(mask)))

    def load(self, packed: Tensor, mask: Tensor) -> None:
        """Continue from `packed()`."""
        ever = np.unpackbits(packed.cpu().numpy(), count=mask.numel()).view(bool)
        self._hold(ever[~_flat(mask)])

    def _hold(self, inactive: "np.ndarray[Any, np.dtype[np.bool]]") -> None:
        self._bits = zlib.compress(np.packbits(inactive).data, level=1)

    def _held(self) -> PackedBits:
        return np.frombuffer(zlib.decompress(self._bits), dtype=np.uint8)

    def _all(self, mask: Tensor) -> "np.ndarray[Any, np.dtype[np.bool]]":
        ever = _flat(mask).copy()
        inactive = ~ever
        ever[inactive] = np.unpackbits(self._held(), count=int(np.count_nonzero(inactive))).view(bool)
        return ever


def _flat(mask: Tensor) -> "np.ndarray[Any, np.dtype[np.bool]]":
    return mask.detach().cpu().numpy().ravel()
