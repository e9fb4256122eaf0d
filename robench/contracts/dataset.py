"""Dataset: labelled images with fixed splits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from robench.contracts.files import Download

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Dataset:
    """Images that fit in memory.

    `read(root, split) -> (images, labels)`: uint8 (N, H, W, C) and int64 (N,), in the published order; it reads
    files below the data root `root` and never fetches. `sizes` gives N of each split; "train" and "test" exist.
    `mean` and `std` per channel are on the [0, 1] scale. `digest` changes whenever the images would.

    Laws: the same bytes at every read; labels in [0, len(label_names)); nothing unpickled but by a safe reader.
    """

    name: str
    label_names: tuple[str, ...]
    image_size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    sizes: Mapping[str, int]
    read: "Callable[[Path, str], tuple[np.ndarray, np.ndarray]]"
    digest: str
    licence: str
    reference: str
    downloads: tuple[Download, ...] = ()

    @property
    def channels(self) -> int:
        """Number of image channels."""
        return len(self.mean)
