"""Where data lies: the data root of published files and the cache of what robench makes itself."""

import os
from pathlib import Path

import platformdirs


def root(given: Path | None = None) -> Path:
    """Return the data root: `given`, else ROBENCH_DATA, else `data` in the user's cache; it need not exist.

    Its layout is torchvision's, one folder per published set. robench writes there only what it fetches.
    """
    if given is not None:
        return given.expanduser()
    return _from_environment("ROBENCH_DATA") or cache() / "data"


def cache() -> Path:
    """Return the folder of generated sets and checksum stamps: ROBENCH_CACHE, else the user's cache."""
    return _from_environment("ROBENCH_CACHE") or platformdirs.user_cache_path("robench", appauthor=False)


def _from_environment(variable: str) -> Path | None:
    text = os.environ.get(variable)
    return Path(text).expanduser() if text else None
