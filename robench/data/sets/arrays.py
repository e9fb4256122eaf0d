"""Corrupted sets in .npy files, one a corruption: the severities one after another."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from robench.contracts import Dataset, File, Published
from robench.data import images
from robench.data.generation import cache
from robench.data.generation.arrays import Clean, complete
from robench.data.sets.places import place
from robench.data.sets.request import CorruptedSet, OpenCell, Request
from robench.download import checksums
from robench.download.disk import require_space
from robench.download.outside import map_array
from robench.errors import DataError, PluginError
from robench.progress import Report
from robench.text import shown


def missing(published: Published | None, root: Path, corruptions: Sequence[str]) -> list[str] | None:
    """Return the paths below `root` that the asked corruptions lack in the published folder.

    None where there is nothing to find: the suite or one of the corruptions was never published, or no file of
    the published set lies there at all.
    """
    if published is None or not set(corruptions) <= set(published.files):
        return None
    if nowhere(published, root):
        return None
    asked = [*(published.files[name] for name in corruptions), published.labels]
    return [file.path for file in asked if not os.path.exists(place(root, file.path))]


def nowhere(published: Published, root: Path) -> bool:
    """Say whether no file of the published set lies below `root`."""
    known = [*published.files.values(), published.labels]
    return not any(os.path.exists(place(root, file.path)) for file in known)


def open_all(
    published: Published,
    dataset: Dataset,
    root: Path,
    corruptions: Sequence[str],
    labels: np.ndarray,
    severities: int = 5,
) -> dict[str, np.memmap]:
    """Return corruption -> uint8 (S*N, H, W, C), memory-mapped and read-only, of so many `severities` S.

    `labels` int64 (N,) are the test labels. Raises DataError that names the file with a wrong shape, type, size or md5,
    the labels before the images, and for labels in another order.
    """
    _check_labels(place(root, published.labels.path), published.labels, np.tile(labels, severities), dataset)
    shape = (severities * len(labels), *dataset.inputs.stored_shape)
    arrays = {}
    for name in corruptions:
        file = published.files[name]
        path = place(root, file.path)
        arrays[name] = open_images(path, shape)
        _check_file(path, file)
    return arrays


def _check_labels(path: Path, file: File, wanted: np.ndarray, dataset: Dataset) -> None:
    found = map_array(path)
    if found.shape != wanted.shape:
        raise DataError(f"{shown(path)}: holds {found.dtype} {found.shape}, {len(wanted):,} labels are needed")
    if not np.array_equal(found, wanted):
        raise DataError(f"{shown(path)}: not the labels of the test set of {dataset.name!r}, repeated")
    _check_file(path, file)


def _check_file(path: Path, file: File) -> None:
    if reason := checksums.fault(path, file):
        raise DataError(f"{shown(path)}: {reason}; fetch the set again or move its folder away")


def open_images(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """Map a file of uint8 images; raises DataError where its header tells another type or shape."""
    array = map_array(path)
    if array.dtype != np.uint8 or array.shape != shape:
        raise DataError(f"{shown(path)}: holds {array.dtype} {array.shape}, uint8 {shape} is needed")
    return array


def open_cells(request: Request, report: Report, jobs: int | None) -> CorruptedSet:
    """Open the set, after making it if need be."""
    pixels, labels = images.load(request.dataset, request.root, "test")
    if not isinstance(pixels, np.ndarray):
        raise PluginError(f"dataset {request.dataset.name!r} has neither `read` nor `files`")
    if request.source == "published":
        files = _open_published(request, labels)
    else:
        clean = Clean(request.suite, request.dataset, request.root, pixels[: request.limit], labels[: request.limit])
        files = _open_generated(request, clean, report, jobs)
    folders = sorted({Path(str(file.filename)).parent for file in files.values()})
    rows = _rows(files, request.suite.severities, request.count)
    return CorruptedSet(labels[: request.limit], request.source, tuple(folders), rows)


def check(request: Request, report: Report) -> None:
    """Check published files, or that what is not there can be generated."""
    if request.source == "published":
        _, labels = images.load(request.dataset, request.root, "test")
        _open_published(request, labels)
        return
    recipes = request.recipes(request.corruptions)
    absent = [name for name in recipes if not any(cache.ready(home, name, recipes[name]) for home in request.homes)]
    for name in absent:
        request.prepare(name, report)
    files_bytes = len(absent) * len(request.suite.severities) * request.count * request.dataset.inputs.values
    require_space(request.homes[-1], request.suite.name, files_bytes)


def _open_published(request: Request, labels: np.ndarray) -> dict[str, np.memmap]:
    suite = request.suite
    if not isinstance(suite.published, Published) or missing(suite.published, request.root, request.corruptions) != []:
        raise DataError(f"{suite.name}: no published set below {request.root}")
    count = len(suite.severities)
    return open_all(suite.published, request.dataset, request.root, request.corruptions, labels, count)


def _open_generated(request: Request, clean: Clean, report: Report, jobs: int | None) -> dict[str, np.memmap]:
    """Take each file from the whole set where it is there, else from the set of just these images."""
    whole, own = request.homes[0], request.homes[-1]
    recipes = request.recipes(request.corruptions)
    absent = {name: recipe for name, recipe in recipes.items() if not cache.ready(whole, name, recipe)}
    complete(own, clean, absent, report, jobs)
    rows = len(request.suite.severities) * request.dataset.sizes["test"]
    files = {}
    for name in request.corruptions:
        folder, count = (own, clean.stacked_shape[0]) if name in absent else (whole, rows)
        files[name] = open_images(folder / f"{name}.npy", (count, *clean.pixels.shape[1:]))
    return files


def _rows(files: Mapping[str, np.memmap], severities: tuple[int, ...], count: int) -> OpenCell:
    def cell(corruption: str, severity: int) -> np.ndarray:
        file = files[corruption]
        first = severities.index(severity) * (len(file) // len(severities))
        return file[first : first + count]

    return cell
