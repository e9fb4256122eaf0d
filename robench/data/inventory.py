"""What belongs to a suite or a dataset, and how much of it is there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from robench import registry
from robench.contracts import Corruption, Dataset, Download, File, Published, PublishedFolders, Suite
from robench.data import content, images
from robench.data.generation import cache
from robench.data.generation.folders import count_files
from robench.data.sets import arrays, folders
from robench.data.sets.places import archives, place, unlike
from robench.download import checksums
from robench.download.fetch import ensure
from robench.errors import DataError, InputError, PluginError, unknown
from robench.progress import Report
from robench.text import pick, shown

MISSING = "missing"
PartKind = Literal["images", "published", "textures", "generated"]


@dataclass(frozen=True)
class Part:
    """One file, split or folder of image files: what for, where it lies, and what is wrong with it (None: nothing)."""

    kind: PartKind
    folder: Path
    path: str
    fault: str | None
    unit: Literal["files", "splits", "digests", "folders"] = "files"


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
    record = suite.published
    if isinstance(record, PublishedFolders):
        return list(record.downloads) or textures(suite)
    return [record.download] if record and record.download else textures(suite)


def textures(suite: Suite) -> list[Download]:
    """Return the files that the suite's corruptions need to be generated."""
    names = [name for name in (*suite.standard, *suite.extra) if registry.registers("corruption", name)]
    plugins: list[Corruption] = [registry.load("corruption", name) for name in names]
    return [asset for plugin in plugins for asset in plugin.assets]


def fetch(suite: Suite | None, dataset: Dataset, root: Path, report: Report) -> None:
    """Bring what is missing of the clean images and of what is published; raises DataError where it is not whole then.

    The message says what else is to be done: nothing that lies below `root` is removed.
    """
    for download in dataset.downloads:
        ensure(download, root, report)
    images.check(dataset, root, report)
    if suite is None or (_brings(suite) and not _faulty(suite, dataset, root)):
        return
    for download in downloads(suite):
        ensure(download, root, report)
    if _brings(suite) and (bad := _faulty(suite, dataset, root)):
        raise DataError(
            f"{suite.name}: {bad[0].path}: {bad[0].fault}; all was fetched: move {shown(root / bad[0].path)} away, "
            f"then `robench data fetch {suite.name}` fetches it anew"
        )


def _brings(suite: Suite) -> bool:
    return suite.published is not None and any(archives(suite.published))


def _faulty(suite: Suite, dataset: Dataset, root: Path) -> list[Part]:
    return [part for part in published(suite, dataset, root, again=False) if part.fault]


def look(suite: Suite | None, dataset: Dataset, root: Path, *, again: bool) -> Iterator[Part]:
    """Yield every file, split of image files and cell of them that belongs to the suite and its dataset.

    Splits and cells are judged as a run judges them. With `again` each file is hashed, whatever is known of it;
    without, its presence and size are looked at.
    """
    for download in dataset.downloads:
        for file in download.members or (() if download.trees else (download.file,)):
            yield _file("images", root, root / file.path, file, again)
    if dataset.files is not None:
        for split in dataset.sizes:
            yield Part("images", root, f"{dataset.name} {split}", images.lack(dataset, root, split), "splits")
    if again and dataset.digest.startswith(content.PREFIX):
        yield Part("images", root, f"{dataset.name} content", _content(dataset, root), "digests")
    if suite is not None:
        yield from published(suite, dataset, root, again=again)
        for asset in textures(suite):
            yield _file("textures", root, root / asset.file.path, asset.file, again)
        for folder in _homes(suite, dataset, root):
            yield from _generated(folder, again)


def published(suite: Suite, dataset: Dataset, root: Path, *, again: bool) -> Iterator[Part]:
    """Yield the files or cells of the published set; where there are none, what was perhaps meant to be it."""
    record = suite.published
    if record is None:
        return
    if arrays.nowhere(record, root) if isinstance(record, Published) else folders.nowhere(suite, record, root):
        if found := unlike(record, root):
            yield Part("published", root, record.folder, found, "folders")
        elif isinstance(record, Published):
            yield from (Part("published", root, file.path, MISSING) for file in (*record.files.values(), record.labels))
        else:
            names = (*suite.standard, *suite.extra)
            yield from (Part("published", root, f"{record.folder}/{name}", MISSING, "folders") for name in names)
    elif isinstance(record, Published):
        for file in (*record.files.values(), record.labels):
            yield _file("published", root, place(root, file.path), file, again)
    elif images.lack(dataset, root, "test"):
        yield Part("published", root, record.folder, "not compared, for the test images are not whole", "folders")
    else:
        for cell in folders.judge(suite, dataset, record, root, (*suite.standard, *suite.extra), suite.severities):
            path = f"{record.folder}/{cell.corruption}/{cell.folder.name}"
            yield Part("published", root, path, cell.fault, "folders")


def _content(dataset: Dataset, root: Path) -> str | None:
    try:
        images.check(dataset, root)
    except InputError as error:
        return str(error).removeprefix(f"{dataset.name}: ")
    return None


def _file(kind: PartKind, root: Path, path: Path, file: File, again: bool) -> Part:
    judged = file if again else replace(file, digest=None)
    return Part(kind, root, path.relative_to(root).as_posix(), checksums.fault(path, judged, again=again))


def _generated(folder: Path, again: bool) -> Iterator[Part]:
    """Yield the corruptions that were generated."""
    for name, entry in cache.index(folder).items():
        if "sha256" in entry:
            file = File(f"{name}.npy", f"sha256:{entry['sha256']}")
            yield _file("generated", folder, folder / file.path, file, again)
        else:
            wanted, there = int(entry.get("images", 0)), count_files(folder / name)
            fault = None if wanted and there == wanted else f"{there:,} images, not finished"
            yield Part("generated", folder, name, fault, "folders")


def _homes(suite: Suite, dataset: Dataset, root: Path) -> list[Path]:
    """Return the folders of what was generated from the test images that are there; none without them."""
    try:
        whole = cache.home(suite, images.digest_of(dataset, root, "test"), None)
    except InputError:
        return []
    return sorted(whole.parent.glob(f"{whole.name}*"))
