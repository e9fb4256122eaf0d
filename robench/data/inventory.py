"""What belongs to a suite or a dataset, and how much of it is there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from robench import registry
from robench.contracts import Corruption, Dataset, Download, File, Suite
from robench.data import digests, generated
from robench.errors import PluginError, unknown

Kind = Literal["images", "published", "textures", "generated"]


@dataclass(frozen=True)
class Part:
    """One file: what it is for, the folder it belongs to, and what is wrong with it (None: nothing)."""

    kind: Kind
    folder: Path
    path: str
    fault: str | None


def find(name: str) -> tuple[Suite | None, Dataset]:
    """Return the suite of that name with its dataset, or None and the dataset of that name.

    Raises PluginError, with the nearest name, where there is neither.
    """
    suites, datasets = ([entry.name for entry in registry.entries(kind)] for kind in ("suite", "dataset"))
    try:
        suite: Suite = registry.load("suite", registry.find("suite", name).name)
    except PluginError:
        if name not in datasets and name.rpartition(":")[2] not in datasets:
            raise unknown("suite or dataset", name, [*suites, *datasets], PluginError) from None
        return None, registry.load("dataset", name)
    return suite, registry.load("dataset", suite.dataset)


def downloads(suite: Suite | None, dataset: Dataset) -> list[Download]:
    """Return what can be fetched: the clean images and the published set, or, without one, the textures."""
    if suite and suite.published and suite.published.download:
        return [*dataset.downloads, suite.published.download]
    return [*dataset.downloads, *(textures(suite) if suite else [])]


def textures(suite: Suite) -> list[Download]:
    """Return the files that the suite's corruptions need to be generated."""
    plugins: list[Corruption] = [registry.load("corruption", name) for name in (*suite.standard, *suite.extra)]
    return [asset for plugin in plugins for asset in plugin.assets]


def look(suite: Suite | None, dataset: Dataset, root: Path, *, again: bool) -> Iterator[Part]:
    """Yield every file that belongs to the suite and its dataset.

    With `again` each file is hashed, whatever is known of it; without, only presence and size are looked at.
    """
    for kind, folder, file in _files(suite, dataset, root):
        judged = file if again else replace(file, digest=None)
        yield Part(kind, folder, file.path, digests.fault(folder / file.path, judged, again=again))


def _files(suite: Suite | None, dataset: Dataset, root: Path) -> Iterator[tuple[Kind, Path, File]]:
    for download in dataset.downloads:
        for file in download.members or (download.file,):
            yield "images", root, file
    if suite is None:
        return
    if suite.published:
        for file in (*suite.published.files.values(), suite.published.labels):
            yield "published", root, file
    for asset in textures(suite):
        yield "textures", root, asset.file
    whole = generated.home(suite, dataset, None)
    for folder in sorted(whole.parent.glob(f"{whole.name}*")):
        for name, entry in generated.index(folder).items():
            yield "generated", folder, File(f"{name}.npy", f"sha256:{entry['sha256']}")
