"""Which plugins there are: found by entry point, listed without an import, loaded one at a time."""

from robench.registry.entry_points import (
    OWN,
    Entry,
    canonical,
    changed_sources,
    entries,
    find,
    forget,
    qualified_only,
    registers,
    source_digests,
    versions,
)
from robench.registry.kinds import KINDS, Kind
from robench.registry.loading import construct, defaults, load, method

__all__ = [
    "KINDS",
    "OWN",
    "Entry",
    "Kind",
    "canonical",
    "changed_sources",
    "construct",
    "defaults",
    "entries",
    "find",
    "forget",
    "load",
    "method",
    "qualified_only",
    "registers",
    "source_digests",
    "versions",
]
