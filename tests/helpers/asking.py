"""Asking for corrupted sets."""

from collections.abc import Sequence
from pathlib import Path

from robench.contracts import Dataset, Suite
from robench.data.generation import cache
from robench.data.images import digest_of
from robench.data.sets.request import LOSSLESS, Request, Source, Storage


def ask(
    suite: Suite,
    dataset: Dataset,
    root: Path | None,
    corruptions: Sequence[str],
    source: Source,
    *,
    severities: Sequence[int] | None = None,
    limit: int | None = None,
    storage: Storage = LOSSLESS,
) -> Request:
    """Return the request for the first `limit` images; the suite's severities unless others are given."""
    levels = tuple(suite.severities if severities is None else severities)
    return Request(suite, dataset, root or Path(), tuple(corruptions), levels, limit, source, storage)


def home_of(suite: Suite, dataset: Dataset, root: Path | None, limit: int | None = None) -> Path:
    """Return the folder of the set that is generated from the test images below `root`."""
    return cache.home(suite, digest_of(dataset, root or Path(), "test"), limit)
