"""Corrupted sets in .npy files, one a corruption: the severities one after another."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from robench.contracts import Published
from robench.data import generate, generated, images, published
from robench.data.clean import Clean
from robench.data.corrupted_set import CorruptedSet, Opener, Request
from robench.data.disk import require_space
from robench.errors import DataError, PluginError
from robench.progress import Tick


def open_cells(request: Request, progress: Tick, jobs: int | None) -> CorruptedSet:
    """Open the set, after making it if need be."""
    pixels, labels = images.load(request.dataset, request.root, "test")
    if not isinstance(pixels, np.ndarray):
        raise PluginError(f"dataset {request.dataset.name!r} has neither `read` nor `files`")
    if request.source == "published":
        files = _open_published(request, labels)
    else:
        clean = Clean(request.suite, request.dataset, request.root, pixels[: request.limit], labels[: request.limit])
        files = _open_generated(request, clean, progress, jobs)
    folders = sorted({Path(str(file.filename)).parent for file in files.values()})
    rows = _rows(files, request.suite.severities, request.count)
    return CorruptedSet(labels[: request.limit], request.source, tuple(folders), rows)


def check(request: Request, progress: Tick) -> None:
    """Check published files, or that what is not there can be generated."""
    if request.source == "published":
        _, labels = images.load(request.dataset, request.root, "test")
        _open_published(request, labels)
        return
    recipes = request.recipes(request.corruptions)
    absent = [name for name in recipes if not any(generated.ready(home, name, recipes[name]) for home in request.homes)]
    for name in absent:
        request.prepare(name, progress)
    image_bytes = request.dataset.image_size**2 * request.dataset.channels
    files_bytes = len(absent) * len(request.suite.severities) * request.count * image_bytes
    require_space(request.homes[-1], request.suite.name, files_bytes)


def _open_published(request: Request, labels: np.ndarray) -> dict[str, np.memmap]:
    suite = request.suite
    if (
        not isinstance(suite.published, Published)
        or published.missing(suite.published, request.root, request.corruptions) != []
    ):
        raise DataError(f"{suite.name}: no published set below {request.root}")
    return published.open_all(suite.published, request.dataset, request.root, request.corruptions, labels)


def _open_generated(request: Request, clean: Clean, progress: Tick, jobs: int | None) -> dict[str, np.memmap]:
    """Take each file from the whole set where it is there, else from the set of just these images."""
    whole, own = request.homes[0], request.homes[-1]
    recipes = request.recipes(request.corruptions)
    absent = {name: recipe for name, recipe in recipes.items() if not generated.ready(whole, name, recipe)}
    generate.complete(own, clean, absent, progress, jobs)
    rows = len(request.suite.severities) * request.dataset.sizes["test"]
    files = {}
    for name in request.corruptions:
        place, count = (own, clean.stacked_shape[0]) if name in absent else (whole, rows)
        files[name] = published.open_images(place / f"{name}.npy", (count, *clean.pixels.shape[1:]))
    return files


def _rows(files: Mapping[str, np.memmap], severities: tuple[int, ...], count: int) -> Opener:
    def cell(corruption: str, severity: int) -> np.ndarray:
        file = files[corruption]
        first = severities.index(severity) * (len(file) // len(severities))
        return file[first : first + count]

    return cell
