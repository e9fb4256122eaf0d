"""Clean images of a dataset, checked against what its record declares."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from robench.contracts import Dataset
from robench.data import content
from robench.data.image_files import ImageSource, Pictures
from robench.download.fetch import faults
from robench.errors import FOREIGN, DataError, InputError, PluginError, RobenchError, first_line, unknown
from robench.progress import Report, silent
from robench.text import printable, shown


def load(dataset: Dataset, root: Path, split: str, limit: int | None = None) -> tuple[ImageSource, np.ndarray]:
    """Return the first `limit` images (N, H, W, C) and labels int64 (N,) of a split: in memory, or files if need be.

    `limit` None or above the size of the split gives all. Raises DataError for files that are missing or damaged,
    InputError for an unknown split or a limit below 1, PluginError for a dataset that breaks its contract.
    """
    if dataset.read is None:
        return pictures(dataset, root, split, limit)
    _check_request(dataset, split, limit)
    with _asking(dataset, split):
        images, labels = dataset.read(root, split)
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
        with _asking(dataset, split):
            names, labels = dataset.files(root, split)
    except DataError as error:
        raise DataError(f"{error}{_way_out(dataset, root)}") from None
    if len(names) != dataset.sizes[split]:
        raise PluginError(f"{_where(dataset, split)}: {len(names)} files, the record declares {dataset.sizes[split]}")
    _check_labels(dataset, split, labels)
    return names, labels


def check(dataset: Dataset, root: Path, report: Report = silent) -> None:
    """Raise what `lack` says of any split, and DataError where a declared digest of the content is not what is there.

    These two decide whether the clean images are whole, for every command, from what a run then loads. Image files are
    not decoded.
    """
    for split in dataset.sizes:
        _found(dataset, root, split)
    if dataset.digest.startswith(content.PREFIX):
        content.require_declared(dataset, content.digest(digests(dataset, root, report)))


def lack(dataset: Dataset, root: Path, split: str) -> str | None:
    """Say what is wrong with a split, None when it is whole: image files by their number, names and classes."""
    try:
        _found(dataset, root, split)
    except InputError as error:
        return str(error).removeprefix(f"{dataset.name}: ")
    return None


def _found(dataset: Dataset, root: Path, split: str) -> None:
    if dataset.files is not None:
        paths(dataset, root, split)
    else:
        load(dataset, root, split)


def digests(dataset: Dataset, root: Path, report: Report = silent) -> dict[str, str]:
    """Return split -> digest of its content (`robench.data.content`); raises as `load`."""
    return {split: digest_of(dataset, root, split, report) for split in dataset.sizes}


def digest_of(dataset: Dataset, root: Path, split: str, report: Report = silent, *, most: int | None = None) -> str:
    """Return the digest of the content of a split, or of at most so many of its files; raises as `load`."""
    if dataset.files is None:
        pixels, labels = load(dataset, root, split)
        return content.of_arrays(np.asarray(pixels), labels)
    files = content.named(dataset, root, *paths(dataset, root, split))
    chosen = files if most is None else content.evenly(files, most)
    return content.of_files(chosen, f"{dataset.name}: {split} images", report)


def identity(dataset: Dataset, root: Path, report: Report = silent) -> str:
    """Return what records say of the images that were used, by which boards keep networks on other images apart.

    It is the declared digest where that proves the images: those read into memory, whose plugin says so, and one of
    the content. Of other image files a digest is added that was looked at: all test images, and 1,000 training images.
    So a training image that changes among more than these is not noticed; a set that was resized or encoded anew is.
    """
    if dataset.files is None or dataset.digest.startswith(content.PREFIX):
        return dataset.digest
    seen = {"test": digest_of(dataset, root, "test", report)}
    seen["train"] = digest_of(dataset, root, "train", report, most=content.SAMPLE)
    return f"{dataset.digest} {content.digest(seen)}"


@contextmanager
def _asking(dataset: Dataset, split: str) -> Iterator[None]:
    """Call code of a plugin: what it raises is one line that names the dataset."""
    try:
        yield
    except RobenchError:
        raise
    except OSError as error:
        raise DataError(f"{dataset.name}: cannot read {shown(str(error.filename))}: {error.strerror}") from error
    except FOREIGN as error:
        raise PluginError(f"{_where(dataset, split)}: {printable(first_line(error), 200)}") from error


def _way_out(dataset: Dataset, root: Path) -> str:
    """Return how to get image files that are not whole: what is thought to be there is not fetched again."""
    if not dataset.downloads:
        return ""
    command = f"`robench data fetch {dataset.name}`"
    if any(faults(download, root) for download in dataset.downloads):
        return f"; {command} fetches the set"
    places = {(root / tree.path).parent for download in dataset.downloads for tree in download.trees}
    return f"; move {' and '.join(sorted(map(shown, places))) or shown(root)} away, then {command} fetches it anew"


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
