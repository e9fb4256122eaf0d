"""The corrupted test set of a suite: published files, or generated once and kept in the cache; never a mixture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

import numpy as np

from robench import registry
from robench.contracts import Corruption, Dataset, Suite
from robench.data import generate, generated, images, published
from robench.data.clean import Clean
from robench.data.disk import require_space
from robench.data.fetch import ensure
from robench.data.ticks import Tick, silent
from robench.errors import DataError, InputError, PluginError

Source = Literal["published", "generated"]


@final
@dataclass(frozen=True)
class CorruptedSet:
    """The cells of a suite. `labels` int64 (N,); `files` corruption -> stacked uint8 (S*M, H, W, C), M >= N."""

    labels: np.ndarray
    source: Source
    files: Mapping[str, np.memmap]
    severities: tuple[int, ...]

    def images(self, corruption: str, severity: int) -> np.ndarray:
        """Return the N images of a cell, uint8 (N, H, W, C), in test-set order: a read-only view of the file."""
        file = self.files[corruption]
        first = self.severities.index(severity) * (len(file) // len(self.severities))
        return file[first : first + len(self.labels)]


def locate(suite: Suite, root: Path, corruptions: Sequence[str]) -> Source:
    """Say where the corrupted images will come from.

    "published" when every asked file lies in the published folder below `root`, "generated" when none does. Raises
    DataError that names the missing files when only some are there: the two are never mixed.
    """
    missing = published.missing(suite, root, corruptions)
    if missing:
        raise DataError(
            f"{suite.name}: {root} has only a part of the published set, {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing; `robench data fetch {suite.name}` fetches them, "
            "without that folder the images are generated"
        )
    return "generated" if missing is None else "published"


def open_cells(
    suite: Suite,
    dataset: Dataset,
    *,
    root: Path,
    corruptions: Sequence[str],
    severities: Sequence[int],
    limit: int | None,
    source: Source,
    progress: Tick = silent,
    jobs: int | None = None,
) -> CorruptedSet:
    """Open, after making it if need be, the corrupted set of the first `limit` test images.

    Published files are checked by shape, md5 (once) and labels. Generated ones are made with the counter stream of
    `suite.corruption_seed` at every severity of the suite, by `jobs` processes (None: as many as pay), and checked
    by SHA-256 (once). Raises DataError in one line for what is missing, damaged, or has no room.
    """
    for severity in severities:
        if severity not in suite.severities:
            raise InputError(f"severities: {suite.name!r} has {list(suite.severities)}, not {severity}")
    pixels, labels = images.load(dataset, root, "test")
    if source == "published":
        files = _open_published(suite, dataset, root, corruptions, labels)
    else:
        clean = Clean(suite, dataset, root, pixels[:limit], labels[:limit])
        files = _open_generated(clean, corruptions, progress, jobs)
    return CorruptedSet(labels[:limit], source, files, suite.severities)


def check(
    suite: Suite,
    dataset: Dataset,
    root: Path,
    corruptions: Sequence[str],
    source: Source,
    *,
    limit: int | None = None,
    progress: Tick = silent,
) -> None:
    """Find out before the first epoch what could fail: fetch what is missing, check published files and disk space.

    Raises DataError or PluginError in one line.
    """
    for download in dataset.downloads:
        ensure(download, root, progress)
    if source == "published":
        _, labels = images.load(dataset, root, "test")
        _open_published(suite, dataset, root, corruptions, labels)
        return
    count = min(limit or dataset.sizes["test"], dataset.sizes["test"])
    folders = _homes(suite, dataset, count)
    absent = [name for name in corruptions if not _made(folders, name)]
    for name in absent:
        plugin: Corruption = registry.load("corruption", name)
        if suite.preset not in plugin.presets:
            known = ", ".join(sorted(plugin.presets))
            raise PluginError(f"corruption {name!r} has no levels for preset {suite.preset!r}; it has {known}")
        for asset in plugin.assets:
            ensure(asset, root, progress)
    image_bytes = dataset.image_size**2 * dataset.channels
    require_space(folders[-1], suite.name, len(absent) * len(suite.severities) * count * image_bytes)


def _open_published(
    suite: Suite, dataset: Dataset, root: Path, corruptions: Sequence[str], labels: np.ndarray
) -> dict[str, np.memmap]:
    if suite.published is None or locate(suite, root, corruptions) != "published":
        raise DataError(f"{suite.name}: no published set below {root}")
    return published.open_all(suite.published, dataset, root, corruptions, labels)


def _open_generated(clean: Clean, corruptions: Sequence[str], progress: Tick, jobs: int | None) -> dict[str, np.memmap]:
    """Take each file from the whole set where it is there, else from the set of just these images."""
    whole, *own = _homes(clean.suite, clean.dataset, len(clean.pixels))
    recipes = {name: generated.recipe(name) for name in corruptions}
    absent = {name: recipe for name, recipe in recipes.items() if not generated.ready(whole, name, recipe)}
    folder = own[0] if own else whole
    generate.complete(folder, clean, absent, progress, jobs)
    rows = len(clean.suite.severities) * clean.dataset.sizes["test"]
    files = {}
    for name in corruptions:
        place, count = (folder, clean.stacked_shape[0]) if name in absent else (whole, rows)
        files[name] = published.open_images(place / f"{name}.npy", (count, *clean.pixels.shape[1:]))
    return files


def _homes(suite: Suite, dataset: Dataset, count: int) -> list[Path]:
    """Return the folders where `count` images may lie: the whole set first, then that of so many images."""
    whole = generated.home(suite, dataset, None)
    return [whole] if count == dataset.sizes["test"] else [whole, generated.home(suite, dataset, count)]


def _made(folders: Sequence[Path], name: str) -> bool:
    recipe = generated.recipe(name)
    return any(generated.ready(folder, name, recipe) for folder in folders)
