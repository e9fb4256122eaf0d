"""Dataset: labelled images with fixed splits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from robench.contracts.files import Download
from robench.contracts.inputs import ImageSize, Inputs
from robench.contracts.version import UNSTATED

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Dataset:
    """Images that fit in memory, or image files.

    `read(root, split) -> (images, labels)`: uint8 (N, H, W, C) and int64 (N,). `files(root, split) -> (paths, labels)`:
    N image files relative to the data root `root`, POSIX, in the same order; their classes' folders are named by
    `label_names`. One of the two is given, or both. With `read` images are held in memory and padded crops are trained
    on; without, they are decoded as they are needed, random resized crops are trained on, and a test image is its
    shorter side made `resize` pixels long and the centre of `image_size` cut out, a side of squares or (height,
    width). Both look below `root` and never fetch. `sizes` gives N of each split; "train" and "test" exist. `mean`
    and `std` per channel are on the [0, 1] scale. `digest` changes whenever the images would; one that
    `robench data digest` prints is compared with them before every study.

    Laws: the same bytes at every read; the first images of a split are spread over its classes; labels in
    [0, len(label_names)); nothing unpickled but by a safe reader.
    """

    name: str
    label_names: tuple[str, ...]
    image_size: ImageSize
    mean: tuple[float, ...]
    std: tuple[float, ...]
    sizes: Mapping[str, int]
    digest: str
    licence: str
    reference: str
    read: "Callable[[Path, str], tuple[np.ndarray, np.ndarray]] | None" = None
    files: "Callable[[Path, str], tuple[Sequence[str], np.ndarray]] | None" = None
    resize: int | None = None
    downloads: tuple[Download, ...] = ()
    api_version: int = UNSTATED

    @property
    def channels(self) -> int:
        """Number of image channels."""
        return len(self.mean)

    @property
    def inputs(self) -> Inputs:
        """One image, as networks are built for it."""
        return Inputs.of_images(self.channels, self.image_size)
