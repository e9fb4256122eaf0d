"""Where a published set lies below the data root: in its folder, or in a folder of that, as some archives unpack."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from robench.contracts import Published, PublishedFolders
from robench.text import shown


def place(root: Path, path: str) -> Path:
    """Return where a file or folder of a published set lies: at `path`, else the only one of its name a folder deeper.

    So `ImageNet-C/noise/gaussian_noise` and `CIFAR-10-C/CIFAR-10-C/fog.npy` are found too. What is nowhere, or twice
    below, is as absent as `path` itself.
    """
    exact = root / path
    if os.path.exists(exact):  # False where Path.exists raises
        return exact
    deeper = [exact.parent / name / exact.name for name in _entries(exact.parent)]
    found = [one for one in deeper if os.path.exists(one)]
    return found[0] if len(found) == 1 else exact


def unlike(published: Published | PublishedFolders, root: Path) -> str | None:
    """Say of a set of which nothing is found what lies there that was perhaps meant to be it; None where nothing does.

    An archive that is not unpacked, a folder with other things in it, or one that is named in other letter case.
    """
    for archive in archives(published):
        if os.path.exists(root / archive):
            return f"{shown(root / archive)} is there and not unpacked"
    home = root / published.folder
    if _entries(home):
        return f"{shown(home)} holds none of its corruptions; expected {_layout(published)}"
    for name in _entries(home.parent):
        if name.casefold() == home.name.casefold() and name != home.name and _entries(home.parent / name):
            return f"{shown(home.parent / name)} is there; the name of the folder is {home.name}"
    return None


def archives(published: Published | PublishedFolders) -> Iterator[str]:
    """Yield the paths of the archives that bring a set."""
    if isinstance(published, PublishedFolders):
        yield from (download.file.path for download in published.downloads)
    elif published.download:
        yield published.download.file.path


def _layout(published: Published | PublishedFolders) -> str:
    if isinstance(published, PublishedFolders):
        return f"{published.folder}/<corruption>/<severity>/<class>/<image>"
    return ", ".join([*(file.path for file in published.files.values())][:2]) + f", ..., {published.labels.path}"


def _entries(folder: Path) -> Sequence[str]:
    """Return what lies in a folder, hidden things apart; nothing where it cannot be looked at."""
    try:
        return sorted(name for name in os.listdir(folder) if name[0] != ".")
    except OSError:
        return []
