"""One cell of a corrupted set as image files, `<class>/<image>` in a folder, against the clean test set."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Self, final

from robench.contracts import Dataset, is_image
from robench.data.images import paths
from robench.errors import DataError
from robench.text import shown

Found = Mapping[str, Sequence[str]]
"""Class -> file names, sorted."""


@final
@dataclass(frozen=True)
class Expected:
    """What every cell must hold: for image i one of class `folders[i]`, and where `stems` are known named stems[i]."""

    folders: tuple[str, ...]
    stems: tuple[str, ...] | None

    @classmethod
    def of(cls, dataset: Dataset, root: Path, *, paired: bool = True, limit: int | None = None) -> Self:
        """Return what the test set of `dataset` asks for, its names too where the set is `paired` with it."""
        names, labels = paths(dataset, root, "test")
        folders = tuple(dataset.label_names[label] for label in labels)
        return cls(folders[:limit], _stems(dataset.name, folders, names)[:limit] if paired else None)

    @property
    def places(self) -> tuple[str, ...]:
        """Where each image lies in a cell, less the suffix; there are none without `stems`."""
        return tuple(f"{folder}/{stem}" for folder, stem in zip(self.folders, self.stems or (), strict=True))

    def named(self, ordered: Sequence[str]) -> Self:
        """Return the same with the names of a cell that was found good."""
        return replace(self, stems=tuple(PurePosixPath(name).stem for name in ordered))


def _stems(dataset: str, folders: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the name of each image in its class: less the suffix, but whole where others differ in that alone.

    Raises DataError where two images of a class have one name.
    """
    alike = Counter(zip(folders, (PurePosixPath(name).stem for name in names), strict=True))
    stems, taken = [], dict[tuple[str, str], str]()
    for folder, name in zip(folders, names, strict=True):
        path = PurePosixPath(name)
        stem = path.stem if alike[folder, path.stem] == 1 else path.name
        if (other := taken.setdefault((folder, stem), name)) != name:
            raise DataError(f"{dataset}: {shown(other)} and {shown(name)} would be one corrupted image; rename one")
        stems.append(stem)
    return tuple(stems)


def severity_folder(corruption: Path, severity: int, severities: Sequence[int]) -> Path:
    """Return the folder of a severity: its number, or, where all folders are named by levels, the one in its place.

    ImageNet-C-bar's own script names folders by the level, say 2.35; the published archive by 1 to 5.
    """
    levels = sorted((float(name), name) for name in _entries(corruption) if _is_number(name))
    if len(levels) == len(severities):
        return corruption / levels[list(severities).index(severity)][1]
    return corruption / str(severity)


def look(folder: Path) -> Found:
    """Return the classes of a cell, the folders with images in it; empty where it is missing.

    Hidden files and those of other types are none, so what systems leave about (`Thumbs.db`, `__MACOSX`) is not seen.
    """
    found = {name: _images(folder / name) for name in _entries(folder) if not name.startswith(".")}
    return {name: images for name, images in found.items() if images}


def fault(found: Found, expected: Expected) -> str | None:
    """Say in a few words what a cell lacks or has too much; None when it is whole."""
    wanted = Counter(expected.folders)
    if not found:
        return "missing"
    if len(found) > len(wanted):
        return f"{len(found):,} classes instead of {len(wanted):,}"
    bad = [name for name in wanted if len(found.get(name, ())) != wanted[name]]
    if bad:
        count = sum(len(names) for names in found.values())
        first = f"class {bad[0]} has {len(found.get(bad[0], ()))} of {wanted[bad[0]]}"
        more = f" and {len(bad) - 1:,} more classes are not whole" if len(bad) > 1 else ""
        return f"{count:,} of {len(expected.folders):,} images: {first}{more}"
    if expected.stems is None:
        return None
    known = {(folder, PurePosixPath(name).stem) for folder, names in found.items() for name in names}
    strange = next((pair for pair in zip(expected.folders, expected.stems, strict=True) if pair not in known), None)
    return f"other names than the test images', no {shown('/'.join(strange))}" if strange else None


def ordered(folder: Path, expected: Expected) -> list[str]:
    """Return the images of a whole cell, relative to its folder, in test-set order; raises DataError with its fault."""
    found = look(folder)
    if reason := fault(found, expected):
        raise DataError(f"{shown(folder)}: {reason}")
    if expected.stems is None:
        rest = {name: iter(files) for name, files in found.items()}
        return [f"{name}/{next(rest[name])}" for name in expected.folders]
    files = {(name, PurePosixPath(file).stem): file for name, names in found.items() for file in names}
    return [f"{name}/{files[name, stem]}" for name, stem in zip(expected.folders, expected.stems, strict=True)]


def _entries(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _images(folder: Path) -> list[str]:
    return [name for name in _entries(folder) if is_image(name)]


def _is_number(name: str) -> bool:
    return name.replace(".", "", 1).isdecimal()
