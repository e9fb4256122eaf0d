"""Corrupted sets as published: .npy files of stacked severities, checked before they are used."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from robench.contracts import Dataset, Published
from robench.data import digests
from robench.errors import DataError


def missing(published: Published | None, root: Path, corruptions: Sequence[str]) -> list[str] | None:
    """Return the paths below `root` that the asked corruptions lack in the published folder.

    None where there is nothing to find: the suite or one of the corruptions was never published, or no file of
    the published set lies there at all.
    """
    if published is None or not set(corruptions) <= set(published.files):
        return None
    known = [*published.files.values(), published.labels]
    if not any(os.path.exists(root / file.path) for file in known):  # False where Path.exists raises
        return None
    asked = [*(published.files[name] for name in corruptions), published.labels]
    return [file.path for file in asked if not os.path.exists(root / file.path)]


def open_all(
    published: Published, dataset: Dataset, root: Path, corruptions: Sequence[str], labels: np.ndarray
) -> dict[str, np.memmap]:
    """Return corruption -> uint8 (S*N, H, W, C), memory-mapped and read-only.

    `labels` int64 (N,) are the test labels. Raises DataError that names the file with a wrong shape, type or md5, and
    for labels in another order.
    """
    stacked = _open(root / published.labels.path)
    if not np.array_equal(stacked, np.tile(labels, len(stacked) // len(labels))):
        path = root / published.labels.path
        raise DataError(f"{path}: not the labels of the test set of {dataset.name!r}, repeated")
    shape = (len(stacked), dataset.image_size, dataset.image_size, dataset.channels)
    arrays = {}
    for name in corruptions:
        file = published.files[name]
        arrays[name] = open_images(root / file.path, shape)
        if reason := digests.fault(root / file.path, file):
            raise DataError(f"{root / file.path}: {reason}; fetch the set again or move its folder away")
    return arrays


def open_images(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """Map a file of uint8 images; raises DataError where its header tells another type or shape."""
    array = _open(path)
    if array.dtype != np.uint8 or array.shape != shape:
        raise DataError(f"{path}: holds {array.dtype} {array.shape}, uint8 {shape} is needed")
    return array


def _open(path: Path) -> np.memmap:
    try:
        array: np.memmap = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    except (ValueError, EOFError):
        reason = "an HTML page" if digests.is_html(path) else "truncated or no .npy file"
        raise DataError(f"{path}: {reason}") from None
    return array
