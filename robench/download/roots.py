"""Where data lies: the data root of published files and the cache of what robench makes itself."""

from pathlib import Path

import platformdirs

from robench.places import below_home, expanded, of_environment


def root(given: Path | None = None) -> Path:
    """Return the data root: `given`, else ROBENCH_DATA, else `data` in the user's cache; it need not exist.

    Its layout is torchvision's, one folder per published set. robench writes there only what it fetches.
    """
    if given is not None:
        return expanded("data", given)
    return of_environment("ROBENCH_DATA") or cache() / "data"


def cache() -> Path:
    """Return the folder of generated sets and checksum stamps: ROBENCH_CACHE, else the user's cache.

    Raises InputError where neither is known: no HOME, and no home in the system's list of users.
    """
    return below_home("ROBENCH_CACHE", lambda: platformdirs.user_cache_path("robench", appauthor=False))
