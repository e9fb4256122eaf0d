"""Plugins by entry point: listed without importing anything, loaded one at a time, never shadowed.

Names are compared without regard to case, with "_" equal to "-". A name that robench itself registers means robench's;
any other that two distributions register is refused unless it is written `distribution:name`. A family (a model with
variants) is written `family/variant`.
"""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

from robench.errors import PluginError, unknown
from robench.registry import distributions
from robench.registry.kinds import KINDS
from robench.registry.sources import source_digest
from robench.text import same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from robench.registry.distributions import Release


OWN = "robench"
"""The distribution whose names need no qualification, whatever else is installed."""


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
    def spelling(self) -> str:
        """The one name it goes by in specs and records: its own, or the qualified one where its own means another."""
        return self.name if _meant(self.kind, self.name) == [self] else self.qualified

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

    Raises PluginError: unknown (with the nearest name), or registered by more than one distribution and not by robench.
    """
    distribution, _, short = name.strip().rpartition(":")
    short = short.partition("/")[0]
    matches = _meant(kind, short, distribution)
    if not matches:
        shown = (entry.qualified if distribution else entry.name for entry in entries(kind))
        raise unknown(kind, f"{distribution}:{short}" if distribution else short, shown, PluginError)
    if len(matches) > 1:
        choices = " and ".join(f"{entry.distribution}=={entry.version}" for entry in matches)
        forms = " or ".join(repr(entry.qualified) for entry in matches)
        raise PluginError(f"{kind}: {short!r} is registered by {choices}; write {forms}")
    return matches[0]


def _meant(kind: str, short: str, distribution: str = "") -> list[Entry]:
    """Return what a name may mean: of all that register it robench alone, where it does."""
    matches = [entry for entry in entries(kind) if same(entry.name, short)]
    if distribution:
        return [entry for entry in matches if same(entry.distribution, distribution)]
    return [entry for entry in matches if entry.distribution == OWN] or matches


def registers(kind: str, name: str) -> bool:
    """Say whether any distribution registers what `name` or `distribution:name` may stand for."""
    distribution, _, short = name.strip().rpartition(":")
    return bool(_meant(kind, short.partition("/")[0], distribution))


def canonical(kind: str, name: str) -> str:
    """Return the one spelling of all that mean a plugin, `Entry.spelling` and the variant; raises as `find`.

    Example:
        >>> canonical("method", "Robench:RigL"), canonical("model", "TIMM/resnet10t")
        ('rigl', 'timm/resnet10t')
    """
    variant = name.strip().partition("/")[2]
    spelling = find(kind, name).spelling
    return f"{spelling}/{variant}" if variant else spelling


def qualified_only() -> list[str]:
    """Say of each plugin whose own name means robench's how it is to be written."""
    hidden = [entry for kind in KINDS for entry in entries(kind) if entry.distribution != OWN]
    return [
        f"{entry.kind} {entry.name!r} means robench's; that of {entry.distribution} is written {entry.qualified!r}"
        for entry in hidden
        if _meant(entry.kind, entry.name)[0].distribution == OWN
    ]


def versions(used: "Iterable[tuple[str, str]]") -> dict[str, str]:
    """Return `kind:name -> distribution==version` of the plugins used."""
    found = (find(kind, name) for kind, name in used)
    return {f"{entry.kind}:{entry.spelling}": f"{entry.distribution}=={entry.version}" for entry in found}


def source_digests(used: "Iterable[str]") -> dict[str, str]:
    """Return `kind:name -> source digest` of plugins named so, as they are today."""
    return {key: find(*key.split(":", 1)).source_digest for key in used}


def changed_sources(recorded: "Mapping[str, str]") -> list[str]:
    """Return which of `kind:name -> source digest` have another source today."""
    now = source_digests(recorded)
    return [key for key, digest in recorded.items() if now[key] != digest]
