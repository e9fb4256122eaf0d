"""The corrupted test set of a suite: published files, or generated once and kept in the cache; never a mixture."""

from collections.abc import Sequence
from pathlib import Path

from robench.contracts import PublishedFolders, Suite
from robench.data import images
from robench.data.sets import arrays, folders
from robench.data.sets.places import unlike
from robench.data.sets.request import CorruptedSet, Request, Source
from robench.download.fetch import ensure
from robench.errors import DataError
from robench.progress import Report, silent


def locate(suite: Suite, root: Path, corruptions: Sequence[str]) -> Source:
    """Say where the corrupted images will come from.

    "published" when all that is asked for lies in the published folder below `root`, "generated" when nothing does, or
    when a corruption is asked for that the suite does not have. Raises DataError that names what is missing when only
    some of it is there: the two are never mixed; and where what lies in its place may have been meant to be the set
    (`robench.data.sets.places.unlike`).
    """
    if not {*corruptions} <= {*suite.standard, *suite.extra}:
        return "generated"
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
    if missing is None and suite.published and (found := unlike(suite.published, root)):
        raise DataError(
            f"{suite.name}: {found}; `robench data fetch {suite.name}` brings the published set, "
            "with that moved away the images are generated"
        )
    return "generated" if missing is None else "published"


def open_cells(request: Request, report: Report = silent, jobs: int | None = None) -> CorruptedSet:
    """Open, after making it if need be, the corrupted set that is asked for.

    Published .npy files are checked by shape, md5 (once) and labels, published image files cell by cell as they are
    opened. Generated ones are made with the counter stream of `suite.corruption_seed` at every severity of the suite,
    by `jobs` processes (None: as many as pay). Raises DataError in one line for what is missing, damaged, or has no
    room.
    """
    opened = arrays.open_cells if request.dataset.files is None else folders.open_cells
    return opened(request, report, jobs)


def check(request: Request, report: Report = silent) -> None:
    """Find out before the first epoch what could fail: fetch what is missing, check all splits, published files, disk.

    Raises DataError or PluginError in one line.
    """
    for download in request.dataset.downloads:
        ensure(download, request.root, report)
    images.check(request.dataset, request.root, report)
    checked = arrays.check if request.dataset.files is None else folders.check
    checked(request, report)
