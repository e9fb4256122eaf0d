"""Distributions and the entry points in their metadata, read one by one: what cannot be read hides nothing else.

`importlib.metadata.entry_points` reads all at once, so that one file of garbage anywhere ends every look-up.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, EntryPoint, MetadataPathFinder, distributions
from pathlib import Path
from typing import Any, final

from robench.errors import FOREIGN, first_line
from robench.text import printable

_SECTION = "[robench."
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9.!+_-]+")
_POINT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MOST_LETTERS = 100
_FIND: Callable[..., Iterable[Distribution]] = MetadataPathFinder.find_distributions


@final
@dataclass(frozen=True)
class Release:
    """One installed version of a distribution, with the plugins that it registers."""

    name: str
    version: str
    points: tuple[EntryPoint, ...]


@final
@dataclass(frozen=True)
class Unreadable:
    """A distribution whose metadata cannot be read: the name of the folder with them, and why in one line."""

    folder: str
    reason: str


@final
@dataclass(frozen=True)
class Installed:
    """What there is; the first of a name on the path is the one that Python imports."""

    releases: tuple[Release, ...]
    unreadable: tuple[Unreadable, ...]


def forget() -> None:
    """Read all metadata anew when they are asked for next."""
    installed.cache_clear()


@cache
def installed() -> Installed:
    """Read the metadata of every distribution that may register plugins.

    Where some are unreadable they are hidden from all others in this process too: torch, pydantic and Numba look at
    every entry point there is when they start, and would fail. So this is asked for before they are imported.
    """
    _let_others_find(None)
    releases: dict[str, Release] = {}
    unreadable: list[Unreadable] = []
    seen: set[str] = set()
    for distribution in _all(unreadable):
        folder = _folder(distribution)
        key = re.sub(r"[-_.]+", "-", folder.partition("-")[0]).lower() or repr(distribution)
        if key in seen:
            continue
        seen.add(key)
        try:
            if (release := _read(distribution)) is not None:
                releases.setdefault(release.name, release)
        except FOREIGN as error:
            unreadable.append(
                Unreadable(printable(folder or repr(distribution)), printable(_reason(error), _MOST_LETTERS))
            )
    if unreadable:
        _let_others_find(_has_entry_points)
    return Installed(tuple(releases.values()), tuple(unreadable))


def _all(unreadable: list[Unreadable]) -> Iterator[Distribution]:
    """Yield the distributions on the path as far as it can be read."""
    try:
        yield from distributions()
    except FOREIGN as error:
        unreadable.append(Unreadable("sys.path", printable(_reason(error), _MOST_LETTERS)))


def _let_others_find(wanted: Callable[[Distribution], bool] | None) -> None:
    """Let `importlib.metadata` find only the distributions that are wanted, or all."""
    finder: Any = MetadataPathFinder
    finder.find_distributions = _FIND if wanted is None else lambda *given: filter(wanted, _FIND(*given))


def _has_entry_points(distribution: Distribution) -> bool:
    try:
        return distribution.entry_points is not None
    except FOREIGN:
        return False


def _folder(distribution: Distribution) -> str:
    """Return the name of the folder (or file) with the metadata, "" where a finder of another kind keeps none."""
    return Path(str(getattr(distribution, "_path", ""))).name


def _read(distribution: Distribution) -> Release | None:
    """Return what a distribution registers, None where that is nothing; raises anything where it cannot be read."""
    text = distribution.read_text("entry_points.txt")
    if text is None or _SECTION not in text:
        return None
    points = tuple(point for point in distribution.entry_points if point.group.startswith(_SECTION[1:]))
    metadata = distribution.metadata
    for field, allowed in (("Name", _NAME), ("Version", _VERSION)):
        value = metadata[field]
        if not isinstance(value, str) or not allowed.fullmatch(value):
            raise ValueError(f"its metadata has no {field}" if not value else f"its metadata has the {field} {value!r}")
    for point in points:
        if not _POINT.fullmatch(point.name) or not EntryPoint.pattern.fullmatch(point.value):
            raise ValueError(f"entry point {point.name} = {point.value} is not allowed")
    return Release(metadata["Name"], metadata["Version"], points)


def _reason(error: BaseException) -> str:
    return str(error) if type(error) is ValueError else first_line(error)
