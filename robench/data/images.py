"""Clean images of a dataset, checked against what its record declares."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from robench.contracts import Dataset
from robench.data.image_files import ImageSource, Pictures
from robench.errors import DataError, InputError, PluginError, unknown


def load(dataset: Dataset, root: Path, split: str, limit: int | None = None) -> tuple[ImageSource, np.ndarray]:
    """Return the first `limit` images (N, H, W, C) and labels int64 (N,) of a split: in memory, or files if need be.

    `limit` None or above the size of the split gives all. Raises DataError for files that are missing or damaged,
    InputError for an unknown split or a limit below 1, PluginError for a dataset that breaks its contract.
    """
    if dataset.read is None:
        return pictures(dataset, root, split, limit)
    _check_request(dataset, split, limit)
    try:
        images, labels = dataset.read(root, split)
    except OSError as error:
        raise DataError(f"{dataset.name}: cannot read {error.filename}: {error.strerror}") from error
    where = _where(dataset, split)
    _expect(f"{where}: images", images, (dataset.sizes[split], *dataset.inputs.stored_shape), np.dtype(np.uint8))
    _check_labels(dataset, split, labels)
    return images[:limit], labels[:limit]


def pictures(dataset: Dataset, root: Path, split: str, limit: int | None = None) -> tuple[Pictures, np.ndarray]:
    """Return the same images as files that are decoded when they are asked for; raises as `load`."""
    names, labels = paths(dataset, root, split)
    _check_request(dataset, split, limit)
    return Pictures(root, names[:limit], dataset.image_size, dataset.resize), labels[:limit]


def paths(dataset: Dataset, root: Path, split: str) -> tuple[Sequence[str], np.ndarray]:
    """Return the image files of a split, relative to `root`, and their labels int64 (N,); raises as `load`."""
    _check_request(dataset, split, None)
    if dataset.files is None:
        raise PluginError(f"dataset {dataset.name!r} names no image files")
    try:
        names, labels = dataset.files(root, split)
    except OSError as error:
        raise DataError(f"{dataset.name}: cannot read {error.filename}: {error.strerror}") from error
    if len(names) != dataset.sizes[split]:
        raise PluginError(f"{_where(dataset, split)}: {len(names)} files, the record declares {dataset.sizes[split]}")
    _check_labels(dataset, split, labels)
    return names, labels


def _check_request(dataset: Dataset, split: str, limit: int | None) -> None:
    if split not in dataset.sizes:
        raise unknown("split", split, dataset.sizes)
    if limit is not None and limit < 1:
        raise InputError(f"limit: {limit} images asked for, at least 1 is needed")


def _check_labels(dataset: Dataset, split: str, labels: np.ndarray) -> None:
    where = _where(dataset, split)
    _expect(f"{where}: labels", labels, (dataset.sizes[split],), np.dtype(np.int64))
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= len(dataset.label_names):
        allowed = f"0 to {len(dataset.label_names) - 1}"
        raise PluginError(f"{where}: labels reach from {low} to {high}, allowed are {allowed}")


def _where(dataset: Dataset, split: str) -> str:
    return f"dataset {dataset.name!r}, split {split!r}"


def _expect(what: str, array: np.ndarray, shape: tuple[int, ...], dtype: np.dtype) -> None:
    if not isinstance(array, np.ndarray):
        raise PluginError(f"{what} must be a NumPy array, not {type(array).__name__}")
    if array.shape != shape or array.dtype != dtype:
        raise PluginError(f"{what} are {array.dtype} {array.shape}, the record declares {dtype} {shape}")
