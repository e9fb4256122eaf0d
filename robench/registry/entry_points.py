"""Plugins by entry point: listed without importing anything, loaded one at a time, never shadowed.

Names are compared without regard to case, with "_" equal to "-". A name that two distributions register is
refused unless it is written `distribution:name`. A family (a model with variants) is written `family/variant`.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

from robench.errors import PluginError, unknown
from robench.registry import distributions
from robench.registry.kinds import KINDS
from robench.registry.sources import source_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from robench.registry.distributions import Release


@dataclass(frozen=True)
class Entry:
    """One registered name: where it comes from, without having imported it."""

    kind: str
    name: str
    distribution: str
    version: str
    point: EntryPoint

    @property
    def qualified(self) -> str:
        """The name that is never ambiguous."""
        return f"{self.distribution}:{self.name}"

    @property
    def source_digest(self) -> str:
        """SHA-256 of the plugin's source and of what it imports from its own top package; see `sources`."""
        return source_digest(self.point.module)


def entries(kind: str) -> tuple[Entry, ...]:
    """Return every registered plugin of a kind, sorted by name and distribution; nothing is imported."""
    return _by_kind()[kind]


def forget() -> None:
    """Look at what is installed anew when it is asked for next, as after an installation in a running session."""
    _by_kind.cache_clear()
    distributions.forget()


@cache
def _by_kind() -> dict[str, tuple[Entry, ...]]:
    """Return the plugins of every kind: all at once, for to look for one group is to read all metadata."""
    releases = distributions.installed().releases
    return {kind: _entries(kind, each.group, releases) for kind, each in KINDS.items()}


def _entries(kind: str, group: str, releases: "Iterable[Release]") -> tuple[Entry, ...]:
    found = {
        (release.name, point.name): Entry(kind, point.name, release.name, release.version, point)
        for release in releases
        for point in release.points
        if point.group == group
    }
    return tuple(sorted(found.values(), key=lambda entry: (entry.name, entry.distribution)))


def find(kind: str, name: str) -> Entry:
    """Return the entry that `name`, `distribution:name` or `family/variant` stands for.

    Raises PluginError: unknown (with the nearest name), or registered by more than one distribution.
    """
    distribution, _, short = name.rpartition(":")
    short = short.partition("/")[0]
    known = entries(kind)
    matches = [entry for entry in known if same(entry.name, short)]
    if distribution:
        matches = [entry for entry in matches if same(entry.distribution, distribution)]
    if not matches:
        shown = (entry.qualified if distribution else entry.name for entry in known)
        raise unknown(kind, f"{distribution}:{short}" if distribution else short, shown, PluginError)
    if len(matches) > 1:
        choices = " and ".join(f"{entry.distribution}=={entry.version}" for entry in matches)
        forms = " or ".join(repr(entry.qualified) for entry in matches)
        raise PluginError(f"{kind}: {short!r} is registered by {choices}; write {forms}")
    return matches[0]


def versions(used: "Iterable[tuple[str, str]]") -> dict[str, str]:
    """Return `kind:name -> distribution==version` of the plugins used."""
    found = (find(kind, name) for kind, name in used)
    return {f"{entry.kind}:{entry.name}": f"{entry.distribution}=={entry.version}" for entry in found}


def source_digests(used: "Iterable[str]") -> dict[str, str]:
    """Return `kind:name -> source digest` of plugins named so, as they are today."""
    return {key: find(*key.split(":", 1)).source_digest for key in used}


def changed_sources(recorded: "Mapping[str, str]") -> list[str]:
    """Return which of `kind:name -> source digest` have another source today."""
    now = source_digests(recorded)
    return [key for key, digest in recorded.items() if now[key] != digest]


def same(one: str, other: str) -> bool:
    """Say whether two names are one: without regard to case, "_" equal to "-"."""
    return re.sub("_", "-", one.lower()) == re.sub("_", "-", other.lower())
