"""The corrupted test set of a suite: published files, or generated once and kept in the cache; never a mixture."""

from collections.abc import Sequence
from pathlib import Path

from robench.contracts import Dataset, PublishedFolders, Suite
from robench.data.sets import arrays, folders
from robench.data.sets.request import LOSSLESS, CorruptedSet, Request, Source, Storage
from robench.download.fetch import ensure
from robench.errors import DataError, InputError
from robench.progress import Tick, silent


def locate(suite: Suite, root: Path, corruptions: Sequence[str]) -> Source:
    """Say where the corrupted images will come from.

    "published" when all that is asked for lies in the published folder below `root`, "generated" when nothing does.
    Raises DataError that names what is missing when only some of it is there: the two are never mixed.
    """
    if isinstance(suite.published, PublishedFolders):
        missing = folders.missing(suite, suite.published, root, corruptions)
    else:
        missing = arrays.missing(suite.published, root, corruptions)
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
    storage: Storage = LOSSLESS,
) -> CorruptedSet:
    """Open, after making it if need be, the corrupted set of the first `limit` test images.

    Published .npy files are checked by shape, md5 (once) and labels, published image files cell by cell as they are
    opened. Generated ones are made with the counter stream of `suite.corruption_seed` at every severity of the suite,
    by `jobs` processes (None: as many as pay). Raises DataError in one line for what is missing, damaged, or has no
    room.
    """
    request = _request(suite, dataset, root, corruptions, severities, limit, source, storage)
    opened = arrays.open_cells if dataset.files is None else folders.open_cells
    return opened(request, progress, jobs)


def check(
    suite: Suite,
    dataset: Dataset,
    root: Path,
    corruptions: Sequence[str],
    source: Source,
    *,
    severities: Sequence[int] | None = None,
    limit: int | None = None,
    progress: Tick = silent,
    storage: Storage = LOSSLESS,
) -> None:
    """Find out before the first epoch what could fail: fetch what is missing, check published files and disk space.

    Raises DataError or PluginError in one line.
    """
    for download in dataset.downloads:
        ensure(download, root, progress)
    asked = suite.severities if severities is None else severities
    request = _request(suite, dataset, root, corruptions, asked, limit, source, storage)
    checked = arrays.check if dataset.files is None else folders.check
    checked(request, progress)


def _request(
    suite: Suite,
    dataset: Dataset,
    root: Path,
    corruptions: Sequence[str],
    severities: Sequence[int],
    limit: int | None,
    source: Source,
    storage: Storage,
) -> Request:
    for severity in severities:
        if severity not in suite.severities:
            raise InputError(f"severities: {suite.name!r} has {list(suite.severities)}, not {severity}")
    count = None if limit is None or limit >= dataset.sizes["test"] else limit
    return Request(suite, dataset, root, tuple(corruptions), tuple(severities), count, source, storage)
