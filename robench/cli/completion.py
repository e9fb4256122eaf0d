"""Names that the shell completes, also after a comma; no plugin is imported to find them."""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def names(known: Callable[[click.Context], Iterable[str]]) -> Complete:
    """Complete one of some names; what stands before the last comma is kept."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        kept, comma, start = incomplete.rpartition(",")
        return [CompletionItem(kept + comma + name) for name in known(context) if name.startswith(start)]

    return complete


def plugins(kind: str, *more: str) -> Complete:
    """Complete registered names of a kind, and `more`."""
    return names(lambda context: [*more, *registered(kind)])


def files(kind: str) -> Complete:
    """Complete the specs or recipes that ship with robench."""
    return names(lambda context: shipped(kind))


def folders(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete folders, which shells do themselves."""
    return [CompletionItem(incomplete, type="dir")]


def registered(kind: str) -> list[str]:
    """Return the names of a kind, none for what is no kind."""
    from robench.registry import KINDS, entries

    return [entry.name for entry in entries(kind)] if kind in KINDS else []


def shipped(kind: str) -> list[str]:
    """Return the names of the specs or recipes that ship with robench."""
    from robench.benchmarks import names

    return names(kind)
