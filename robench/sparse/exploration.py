"""Which weights were ever active: the union of masks over time."""

import zlib
from abc import ABC, abstractmethod
from typing import Any, final

import numpy as np
import torch
from torch import Tensor

PackedBits = np.ndarray[Any, np.dtype[np.uint8]]


def explored(mask: Tensor) -> "Explored":
    """Begin with the weights of `mask`; what is held lies on its device.

    Example:
        >>> old, new = torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])
        >>> seen = explored(old)
        >>> seen.move(old, new)
        >>> seen.count(new)
        3
    """
    return Compressed(mask) if mask.device.type == "cpu" else Packed(mask)


class Explored(ABC):
    """The weights of one layer that were ever active. Every call names the mask that is current: bool, in any shape.

    Example:
        >>> isinstance(explored(torch.ones(4, dtype=torch.bool)), Explored)
        True
    """

    @abstractmethod
    def __init__(self, mask: Tensor) -> None:
        """Begin with the weights of `mask`."""

    @abstractmethod
    def count(self, mask: Tensor) -> int:
        """Return how many weights were ever active."""

    @abstractmethod
    def move(self, old: Tensor, new: Tensor) -> None:
        """Take note that the flat mask `old` became `new`."""

    @abstractmethod
    def packed(self, mask: Tensor) -> Tensor:
        """Return a bit for every weight, row-major, eight a byte: uint8 (weights / 8, rounded up,), on the CPU."""

    @abstractmethod
    def load(self, packed: Tensor, mask: Tensor) -> None:
        """Continue from `packed()`."""


@final
class Compressed(Explored):
    """In the memory of the host, compressed.

    An active weight was ever active, so a bit is held for each inactive one only: at most sparsity / 8 bytes a weight,
    next to nothing while few or nearly all of them were.

    Example:
        >>> old, new = torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])
        >>> seen = Compressed(old)
        >>> seen.move(old, new)
        >>> seen.packed(new).tolist()
        [224]
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
        """Return a bit for every weight."""
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


@final
class Packed(Explored):
    """On the device of the mask, 1/8 byte a weight: no mask leaves the device at an update.

    Example:
        >>> old, new = torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])
        >>> seen = Packed(old)
        >>> seen.move(old, new)
        >>> seen.packed(new).tolist()
        [224]
    """

    def __init__(self, mask: Tensor) -> None:
        """Begin with the weights of `mask`."""
        self._bits = _pack(mask)

    def count(self, mask: Tensor) -> int:
        """Return how many weights were ever active."""
        return sum(int(((self._bits >> place) & 1).sum()) for place in range(8))

    def move(self, old: Tensor, new: Tensor) -> None:
        """Take note that the flat mask `old` became `new`."""
        self._bits |= _pack(new)

    def packed(self, mask: Tensor) -> Tensor:
        """Return a bit for every weight."""
        return self._bits.to("cpu", copy=True)

    def load(self, packed: Tensor, mask: Tensor) -> None:
        """Continue from `packed()`."""
        self._bits = packed.to(mask.device, copy=True)


def _pack(mask: Tensor) -> Tensor:
    """Pack as numpy.packbits does: the first of eight is the highest bit."""
    whole = torch.nn.functional.pad(mask.flatten(), (0, -mask.numel() % 8)).view(-1, 8)
    bits = torch.zeros(len(whole), dtype=torch.uint8, device=mask.device)
    for place in range(8):
        bits |= whole[:, place].to(torch.uint8) << (7 - place)
    return bits


def _flat(mask: Tensor) -> "np.ndarray[Any, np.dtype[np.bool]]":
    return mask.detach().numpy().ravel()
