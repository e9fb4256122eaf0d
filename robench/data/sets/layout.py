"""One cell of a corrupted set as image files, `<class>/<image>` in a folder, against the clean test set."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Self, final

from robench.contracts import IMAGE_SUFFIXES, Dataset
from robench.data.images import paths
from robench.errors import DataError

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
        folders = tuple(dataset.label_names[label] for label in labels[:limit])
        return cls(folders, tuple(PurePosixPath(name).stem for name in names[:limit]) if paired else None)

    @property
    def places(self) -> tuple[str, ...]:
        """Where each image lies in a cell, less the suffix; there are none without `stems`."""
        return tuple(f"{folder}/{stem}" for folder, stem in zip(self.folders, self.stems or (), strict=True))

    def named(self, ordered: Sequence[str]) -> Self:
        """Return the same with the names of a cell that was found good."""
        return replace(self, stems=tuple(PurePosixPath(name).stem for name in ordered))


def severity_folder(corruption: Path, severity: int, severities: Sequence[int]) -> Path:
    """Return the folder of a severity: its number, or, where all folders are named by levels, the one in its place.

    ImageNet-C-bar's own script names folders by the level, say 2.35; the published archive by 1 to 5.
    """
    levels = sorted((float(name), name) for name in _entries(corruption) if _is_number(name))
    if len(levels) == len(severities):
        return corruption / levels[list(severities).index(severity)][1]
    return corruption / str(severity)


def look(folder: Path) -> Found:
    """Return what lies in a cell; empty where the folder is missing. Hidden files and those of other types are none."""
    return {name: _images(folder / name) for name in _entries(folder) if not name.startswith(".")}


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
    return f"other names than the test images', no {'/'.join(strange)}" if strange else None


def ordered(folder: Path, expected: Expected) -> list[str]:
    """Return the images of a whole cell, relative to its folder, in test-set order; raises DataError with its fault."""
    found = look(folder)
    if reason := fault(found, expected):
        raise DataError(f"{folder}: {reason}")
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
    return [name for name in _entries(folder) if os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES and name[0] != "."]


def _is_number(name: str) -> bool:
    return name.replace(".", "", 1).isdecimal()
