"""Clean images of a dataset, checked against what its record declares."""

from pathlib import Path

import numpy as np

from robench.contracts import Dataset
from robench.errors import DataError, InputError, PluginError, unknown


def load(dataset: Dataset, root: Path, split: str, limit: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the first `limit` images uint8 (N, H, W, C) and labels int64 (N,) of a split, in published order.

    `limit` None or above the size of the split gives all. Raises DataError for files that are missing or damaged,
    InputError for an unknown split or a limit below 1, PluginError for a dataset that breaks its contract.
    """
    if split not in dataset.sizes:
        raise unknown("split", split, dataset.sizes)
    if limit is not None and limit < 1:
        raise InputError(f"limit: {limit} images asked for, at least 1 is needed")
    try:
        images, labels = dataset.read(root, split)
    except OSError as error:
        raise DataError(f"{dataset.name}: cannot read {error.filename}: {error.strerror}") from error
    _check(dataset, split, images, labels)
    return images[:limit], labels[:limit]


def _check(dataset: Dataset, split: str, images: np.ndarray, labels: np.ndarray) -> None:
    where = f"dataset {dataset.name!r}, split {split!r}"
    count, side = dataset.sizes[split], dataset.image_size
    _expect(f"{where}: images", images, (count, side, side, dataset.channels), np.dtype(np.uint8))
    _expect(f"{where}: labels", labels, (count,), np.dtype(np.int64))
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= len(dataset.label_names):
        allowed = f"0 to {len(dataset.label_names) - 1}"
        raise PluginError(f"{where}: labels reach from {low} to {high}, allowed are {allowed}")


def _expect(what: str, array: np.ndarray, shape: tuple[int, ...], dtype: np.dtype) -> None:
    if not isinstance(array, np.ndarray):
        raise PluginError(f"{what} must be a NumPy array, not {type(array).__name__}")
    if array.shape != shape or array.dtype != dtype:
        raise PluginError(f"{what} are {array.dtype} {array.shape}, the record declares {dtype} {shape}")
