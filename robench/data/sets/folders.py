"""Corrupted sets of image files, one folder a cell."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from robench.contracts import Dataset, ImageSize, PublishedFolders, Suite
from robench.data import images
from robench.data.generation.folders import Artist, bytes_of, complete, unready
from robench.data.image_files import Pictures
from robench.data.sets.layout import Expected, fault, look, ordered, severity_folder
from robench.data.sets.places import place
from robench.data.sets.request import CorruptedSet, Request
from robench.download.disk import require_space
from robench.errors import DataError
from robench.progress import Report, preparing, silent

SHOWN = 5
"""So many cells are named in an error; `robench data verify` names all."""


@dataclass(frozen=True)
class JudgedCell:
    """One corruption at one severity: where it lies and what is wrong with it (None: nothing)."""

    corruption: str
    severity: int
    folder: Path
    fault: str | None


def missing(suite: Suite, published: PublishedFolders, root: Path, corruptions: Sequence[str]) -> list[str] | None:
    """Return the folders below `root` that the asked corruptions lack; None where no folder of the set is there."""
    if nowhere(suite, published, root):
        return None
    lost = [name for name in corruptions if not os.path.isdir(_folder(published, root, name))]
    return [f"{published.folder}/{name}" for name in lost]


def nowhere(suite: Suite, published: PublishedFolders, root: Path) -> bool:
    """Say whether no folder of the published set lies below `root`."""
    return not any(os.path.isdir(_folder(published, root, name)) for name in (*suite.standard, *suite.extra))


def _folder(published: PublishedFolders, root: Path, corruption: str) -> Path:
    return place(root, f"{published.folder}/{corruption}")


def judge(
    suite: Suite,
    dataset: Dataset,
    published: PublishedFolders,
    root: Path,
    corruptions: Sequence[str],
    severities: Sequence[int],
) -> Iterator[JudgedCell]:
    """Look at every asked cell of the published set: its classes, and the number and names of its images.

    The files themselves are not opened: no checksum of single images is published.
    """
    expected = Expected.of(dataset, root, paired=published.paired)
    for name in corruptions:
        for severity in severities:
            folder = severity_folder(_folder(published, root, name), severity, suite.severities)
            reason = fault(look(folder), expected)
            if reason is None and expected.stems is None:
                expected = expected.named(ordered(folder, expected))
            erratum = published.errata.get(name) if reason not in (None, "missing") else None
            yield JudgedCell(name, severity, folder, f"{reason} ({erratum})" if erratum else reason)


def check_published(
    suite: Suite,
    dataset: Dataset,
    published: PublishedFolders,
    root: Path,
    corruptions: Sequence[str],
    severities: Sequence[int],
    report: Report = silent,
) -> None:
    """Raise DataError, cell by cell, where the published set is not whole."""
    bad = []
    total = len(corruptions) * len(severities)
    for done, cell in enumerate(judge(suite, dataset, published, root, corruptions, severities), start=1):
        report(preparing(f"{suite.name}: layout", done, total))
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
class Location:
    """Where the cells of a corruption lie and what each must hold."""

    home: Path
    expected: Expected


@final
@dataclass(frozen=True)
class FolderCells:
    """Opens cells: their first `limit` images, in test-set order.

    Each is checked as it is opened and raises DataError where it is not whole.
    """

    places: Mapping[str, Location]
    severities: tuple[int, ...]
    size: ImageSize
    limit: int | None

    @property
    def homes(self) -> tuple[Path, ...]:
        """The folders that the corruptions lie in."""
        return tuple(sorted({where.home for where in self.places.values()}))

    def __call__(self, corruption: str, severity: int) -> Pictures:
        """Open one cell."""
        where = self.places[corruption]
        folder = severity_folder(where.home / corruption, severity, self.severities)
        return Pictures(folder, ordered(folder, where.expected)[: self.limit], self.size)


def open_cells(request: Request, report: Report, jobs: int | None) -> CorruptedSet:
    """Open the set, after making it if need be."""
    _, labels = images.paths(request.dataset, request.root, "test")
    opener = _published(request) if request.source == "published" else _generated(request, report, jobs)
    return CorruptedSet(labels[: request.limit], request.source, opener.homes, opener)


def check(request: Request, report: Report) -> None:
    """Look at every cell of a published set, or see that what is not there can be generated."""
    suite, dataset = request.suite, request.dataset
    if request.source == "published":
        published = _record(request)
        check_published(suite, dataset, published, request.root, request.corruptions, request.severities, report)
        return
    recipes = request.recipes(request.corruptions)
    absent = [name for name in unready(request.homes[0], recipes) if unready(request.homes[-1], {name: recipes[name]})]
    for name in absent:
        request.prepare(name, report)
    count = len(absent) * len(suite.severities) * request.count
    require_space(request.homes[-1], suite.name, bytes_of(count, dataset.inputs.values, request.storage.quality))


def _published(request: Request) -> FolderCells:
    published = _record(request)
    expected = Expected.of(request.dataset, request.root, paired=published.paired)
    homes = {name: _folder(published, request.root, name).parent for name in request.corruptions}
    if expected.stems is None:
        first = request.corruptions[0]
        expected = named(homes[first], request.suite, expected, first, request.severities[0])
    return _opener(request, {name: Location(homes[name], expected) for name in request.corruptions})


def _generated(request: Request, report: Report, jobs: int | None) -> FolderCells:
    """Take each corruption from the whole set where it is there, else from the set of just these images."""
    whole, own = request.homes[0], request.homes[-1]
    recipes = request.recipes(request.corruptions)
    absent = unready(whole, recipes)
    few = Expected.of(request.dataset, request.root, limit=request.limit)
    if absent:
        clean, _ = images.pictures(request.dataset, request.root, "test", request.limit)
        artist = _artist(request, clean, few)
        complete(artist, {name: recipes[name] for name in absent}, report, jobs)
    all_images = Expected.of(request.dataset, request.root)
    places = {
        name: Location(own, few) if name in absent else Location(whole, all_images) for name in request.corruptions
    }
    return _opener(request, places)


def _artist(request: Request, clean: Pictures, expected: Expected) -> Artist:
    storage = request.storage
    return Artist(
        request.suite, request.root, request.homes[-1], clean, expected.places, (), storage.maps, storage.quality
    )


def _opener(request: Request, places: dict[str, Location]) -> FolderCells:
    return FolderCells(places, request.suite.severities, request.dataset.image_size, request.limit)


def _record(request: Request) -> PublishedFolders:
    published = request.suite.published
    if (
        not isinstance(published, PublishedFolders)
        or missing(request.suite, published, request.root, request.corruptions) != []
    ):
        raise DataError(f"{request.suite.name}: no published set below {request.root}")
    return published
