"""What belongs to a suite or a dataset, and how much of it is there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from robench import registry
from robench.contracts import Corruption, Dataset, Download, File, Published, PublishedFolders, Suite
from robench.data.generation import cache
from robench.data.generation.folders import count_files
from robench.data.sets.folders import judge
from robench.download import checksums
from robench.download.fetch import lack
from robench.errors import PluginError, unknown
from robench.text import pick

PartKind = Literal["images", "published", "textures", "generated"]


@dataclass(frozen=True)
class Part:
    """One file, or folder of image files: what it is for, where it lies, and what is wrong with it (None: nothing)."""

    kind: PartKind
    folder: Path
    path: str
    fault: str | None
    unit: Literal["files", "folders"] = "files"


def find(name: str) -> tuple[Suite | None, Dataset]:
    """Return the suite of that name with its dataset, or None and the dataset of that name.

    Raises PluginError, with the nearest name, where there is neither.
    """
    suites, datasets = ([entry.name for entry in registry.entries(kind)] for kind in ("suite", "dataset"))
    try:
        suite: Suite = registry.load("suite", name)
    except PluginError:
        if pick(name.rpartition(":")[2], datasets) is None:
            raise unknown("suite or dataset", name, [*suites, *datasets], PluginError) from None
        return None, registry.load("dataset", name)
    return suite, registry.load("dataset", suite.dataset)


def downloads(suite: Suite) -> list[Download]:
    """Return what can be fetched beside the clean images: the published set, or, without one, the textures."""
    published = suite.published
    if isinstance(published, PublishedFolders):
        return list(published.downloads) or textures(suite)
    return [published.download] if published and published.download else textures(suite)


def textures(suite: Suite) -> list[Download]:
    """Return the files that the suite's corruptions need to be generated."""
    names = [name for name in (*suite.standard, *suite.extra) if registry.registers("corruption", name)]
    plugins: list[Corruption] = [registry.load("corruption", name) for name in names]
    return [asset for plugin in plugins for asset in plugin.assets]


def look(suite: Suite | None, dataset: Dataset, root: Path, *, again: bool) -> Iterator[Part]:
    """Yield every file, and of image files every cell, that belongs to the suite and its dataset.

    With `again` each file is hashed, whatever is known of it, and the image files of every cell are compared with the
    test set by name and number; without, only presence and size are looked at.
    """
    for kind, folder, file in _files(suite, dataset, root):
        judged = file if again else replace(file, digest=None)
        yield Part(kind, folder, file.path, checksums.fault(folder / file.path, judged, again=again))
    for download in dataset.downloads:
        for tree in download.trees:
            yield Part("images", root, tree.path, lack(root, tree), "folders")
    if suite is not None:
        yield from _cells(suite, dataset, root, again=again)
        yield from _generated(suite, dataset)


def _files(suite: Suite | None, dataset: Dataset, root: Path) -> Iterator[tuple[PartKind, Path, File]]:
    for download in dataset.downloads:
        for file in download.members or (() if download.trees else (download.file,)):
            yield "images", root, file
    if suite is None:
        return
    if isinstance(suite.published, Published):
        for file in (*suite.published.files.values(), suite.published.labels):
            yield "published", root, file
    for asset in textures(suite):
        yield "textures", root, asset.file
    for folder in _homes(suite, dataset):
        for name, entry in cache.index(folder).items():
            if "sha256" in entry:
                yield "generated", folder, File(f"{name}.npy", f"sha256:{entry['sha256']}")


def _cells(suite: Suite, dataset: Dataset, root: Path, *, again: bool) -> Iterator[Part]:
    if not isinstance(suite.published, PublishedFolders):
        return
    names, home = (*suite.standard, *suite.extra), suite.published.folder
    there = [name for name in names if (root / home / name).is_dir()]
    for name in names:
        if name not in there:
            yield Part("published", root, f"{home}/{name}", "missing", "folders")
    if again:
        for cell in judge(suite, dataset, suite.published, root, there, suite.severities):
            yield Part("published", root, f"{home}/{cell.corruption}/{cell.folder.name}", cell.fault, "folders")
    else:
        yield from (Part("published", root, f"{home}/{name}", None, "folders") for name in there)


def _generated(suite: Suite, dataset: Dataset) -> Iterator[Part]:
    """Yield the corruptions that were generated as image files."""
    for folder in _homes(suite, dataset):
        for name, entry in cache.index(folder).items():
            if "sha256" not in entry:
                wanted = int(entry.get("images", 0))
                there = count_files(folder / name)
                fault = None if wanted and there == wanted else f"{there:,} images, not finished"
                yield Part("generated", folder, name, fault, "folders")


def _homes(suite: Suite, dataset: Dataset) -> list[Path]:
    whole = cache.home(suite, dataset, None)
    return sorted(whole.parent.glob(f"{whole.name}*"))
