"""The cells of a corrupted set that consists of image files: checked one by one, opened as they are needed."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from robench.contracts import Dataset, PublishedFolders, Suite
from robench.data.folders import Expected, fault, look, ordered, severity_folder
from robench.data.pictures import Pictures
from robench.errors import DataError
from robench.progress import Tick, silent

SHOWN = 5
"""So many cells are named in an error; `robench data verify` names all."""


@dataclass(frozen=True)
class Cell:
    """One corruption at one severity: where it lies and what is wrong with it (None: nothing)."""

    corruption: str
    severity: int
    folder: Path
    fault: str | None


def missing(suite: Suite, published: PublishedFolders, root: Path, corruptions: Sequence[str]) -> list[str] | None:
    """Return the folders below `root` that the asked corruptions lack; None where no folder of the set is there."""
    home = f"{published.folder}/"
    if not any(os.path.isdir(root / f"{home}{name}") for name in (*suite.standard, *suite.extra)):
        return None
    return [f"{home}{name}" for name in corruptions if not os.path.isdir(root / f"{home}{name}")]


def judge(
    suite: Suite,
    dataset: Dataset,
    published: PublishedFolders,
    root: Path,
    corruptions: Sequence[str],
    severities: Sequence[int],
) -> Iterator[Cell]:
    """Look at every asked cell of the published set: its classes, and the number and names of its images.

    The files themselves are not opened: no checksum of single images is published.
    """
    expected = Expected.of(dataset, root, paired=published.paired)
    for name in corruptions:
        for severity in severities:
            folder = severity_folder(root / published.folder / name, severity, suite.severities)
            reason = fault(look(folder), expected)
            if reason is None and expected.stems is None:
                expected = expected.named(ordered(folder, expected))
            erratum = published.errata.get(name) if reason not in (None, "missing") else None
            yield Cell(name, severity, folder, f"{reason} ({erratum})" if erratum else reason)


def check(
    suite: Suite,
    dataset: Dataset,
    published: PublishedFolders,
    root: Path,
    corruptions: Sequence[str],
    severities: Sequence[int],
    progress: Tick = silent,
) -> None:
    """Raise DataError, cell by cell, where the published set is not whole."""
    bad = []
    total = len(corruptions) * len(severities)
    for done, cell in enumerate(judge(suite, dataset, published, root, corruptions, severities), start=1):
        progress(f"{suite.name}: layout", done, total)
        if cell.fault:
            bad.append(f"{cell.corruption}/{cell.severity}: {cell.fault}")
    if bad:
        more = f"; and {len(bad) - SHOWN} more of {total} cells" if len(bad) > SHOWN else ""
        raise DataError(
            f"{suite.name}: not whole in {root / published.folder}: {'; '.join(bad[:SHOWN])}{more}; "
            f"`robench data fetch {suite.name}` fetches the set again"
        )


def named(home: Path, suite: Suite, expected: Expected, corruption: str, severity: int) -> Expected:
    """Return what is expected with the names of one cell, which hold for all: images not named as the test set's."""
    return expected.named(ordered(severity_folder(home / corruption, severity, suite.severities), expected))


@dataclass(frozen=True)
class Place:
    """Where the cells of a corruption lie and what each must hold."""

    home: Path
    expected: Expected


@final
@dataclass(frozen=True)
class Opener:
    """Opens cells: their first `limit` images, in test-set order.

    Each is checked as it is opened and raises DataError where it is not whole.
    """

    places: Mapping[str, Place]
    severities: tuple[int, ...]
    size: int
    limit: int | None

    @property
    def homes(self) -> tuple[Path, ...]:
        """The folders that the corruptions lie in."""
        return tuple(sorted({place.home for place in self.places.values()}))

    def __call__(self, corruption: str, severity: int) -> Pictures:
        """Open one cell."""
        place = self.places[corruption]
        folder = severity_folder(place.home / corruption, severity, self.severities)
        return Pictures(folder, ordered(folder, place.expected)[: self.limit], self.size)
