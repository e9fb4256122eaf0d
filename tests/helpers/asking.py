"""Asking for corrupted sets."""

from collections.abc import Sequence
from pathlib import Path

from robench.contracts import Dataset, Suite
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
