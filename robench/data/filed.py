"""Corrupted sets of image files, one folder a cell."""

from robench.contracts import PublishedFolders
from robench.data import cells, images
from robench.data.corrupted_set import CorruptedSet, Request
from robench.data.disk import require_space
from robench.data.folders import Expected
from robench.data.generate_files import Artist, bytes_of, complete, unready
from robench.data.pictures import Pictures
from robench.errors import DataError
from robench.progress import Tick


def open_cells(request: Request, progress: Tick, jobs: int | None) -> CorruptedSet:
    """Open the set, after making it if need be."""
    _, labels = images.paths(request.dataset, request.root, "test")
    opener = _published(request) if request.source == "published" else _generated(request, progress, jobs)
    return CorruptedSet(labels[: request.limit], request.source, opener.homes, opener)


def check(request: Request, progress: Tick) -> None:
    """Look at every cell of a published set, or see that what is not there can be generated."""
    suite, dataset = request.suite, request.dataset
    if request.source == "published":
        published = _record(request)
        cells.check(suite, dataset, published, request.root, request.corruptions, request.severities, progress)
        return
    recipes = request.recipes(request.corruptions)
    absent = [name for name in unready(request.homes[0], recipes) if unready(request.homes[-1], {name: recipes[name]})]
    for name in absent:
        request.prepare(name, progress)
    count = len(absent) * len(suite.severities) * request.count
    require_space(request.homes[-1], suite.name, bytes_of(count, dataset.image_size, request.storage.quality))


def _published(request: Request) -> cells.Opener:
    published = _record(request)
    expected = Expected.of(request.dataset, request.root, paired=published.paired)
    home = request.root / published.folder
    if expected.stems is None:
        expected = cells.named(home, request.suite, expected, request.corruptions[0], request.severities[0])
    return _opener(request, {name: cells.Place(home, expected) for name in request.corruptions})


def _generated(request: Request, progress: Tick, jobs: int | None) -> cells.Opener:
    """Take each corruption from the whole set where it is there, else from the set of just these images."""
    whole, own = request.homes[0], request.homes[-1]
    recipes = request.recipes(request.corruptions)
    absent = unready(whole, recipes)
    few = Expected.of(request.dataset, request.root, limit=request.limit)
    if absent:
        clean, _ = images.pictures(request.dataset, request.root, "test", request.limit)
        artist = _artist(request, clean, few)
        complete(artist, {name: recipes[name] for name in absent}, progress, jobs)
    all_images = Expected.of(request.dataset, request.root)
    places = {
        name: cells.Place(own, few) if name in absent else cells.Place(whole, all_images)
        for name in request.corruptions
    }
    return _opener(request, places)


def _artist(request: Request, clean: Pictures, expected: Expected) -> Artist:
    storage = request.storage
    return Artist(
        request.suite, request.root, request.homes[-1], clean, expected.places, (), storage.maps, storage.quality
    )


def _opener(request: Request, places: dict[str, cells.Place]) -> cells.Opener:
    return cells.Opener(places, request.suite.severities, request.dataset.image_size, request.limit)


def _record(request: Request) -> PublishedFolders:
    published = request.suite.published
    if (
        not isinstance(published, PublishedFolders)
        or cells.missing(request.suite, published, request.root, request.corruptions) != []
    ):
        raise DataError(f"{request.suite.name}: no published set below {request.root}")
    return published
