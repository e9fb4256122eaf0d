"""`robench list`: names, without importing what robench ships; plugins of others are tried by `list plugins`."""

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from robench.cli.options import STORE
from robench.errors import PluginError, unknown
from robench.registry import KINDS, OWN, qualified_only

if TYPE_CHECKING:
    from robench.registry import Entry

FILES = ("spec", "recipe")


@click.command
@click.argument("kind", default="plugins")
@STORE
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(kind: str, store: Path | None, as_json: bool) -> None:
    """List methods, models, corruptions, datasets, suites, metrics, plugins (all of these), specs, recipes or runs.

    Of plugins, those of other packages are loaded: status ok or error, and what is wrong in one line.
    """
    rows = _rows(kind, store)
    for line in qualified_only() if kind == "plugins" else ():
        click.echo(f"robench: {line}", err=True)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    widths = [max(len(str(row[key])) for row in rows) for key in rows[0]] if rows else []
    for row in rows:
        cells = [str(value).ljust(width) for value, width in zip(row.values(), widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _rows(kind: str, store: Path | None) -> list[dict[str, Any]]:
    known = {**{f"{name}s": (name,) for name in KINDS}, "plugins": tuple(KINDS)}
    if kind in known:
        return [row for name in known[kind] for row in _plugins(name, kind == "plugins")]
    if kind in (files := {f"{name}s": name for name in FILES}):
        return _files(files[kind])
    if kind == "runs":
        return _runs(store)
    raise unknown("list", kind, [*known, *files, "runs"])


def _plugins(kind: str, with_kind: bool) -> list[dict[str, Any]]:
    from robench.registry import entries

    names = [{"name": entry.name, "distribution": f"{entry.distribution}=={entry.version}"} for entry in entries(kind)]
    if not with_kind:
        return names
    return [{"kind": kind, **row, **_status(entry)} for row, entry in zip(names, entries(kind), strict=True)]


def _status(entry: "Entry") -> dict[str, str]:
    """Say whether a plugin works, and if not why; one that robench ships is not loaded: listing stays light."""
    from robench import registry

    own = entry.distribution == OWN
    try:
        registry.find(entry.kind, entry.name)
        if not own:
            with redirect_stdout(sys.stderr):
                registry.load(entry.kind, entry.qualified)
    except PluginError as error:
        return {"status": "error", "error": str(error)}
    return {"status": "built in" if own else "ok", "error": ""}


def _files(kind: str) -> list[dict[str, Any]]:
    from robench.benchmarks import named, names

    note = {"spec": "description", "recipe": "source"}[kind]
    return [{"name": name, note: named(kind, name).get(note, "")} for name in names(kind)]


def _runs(store: Path | None) -> list[dict[str, Any]]:
    from robench.runs.index import scan
    from robench.runs.store import Store, default_root

    found = scan(Store(store or default_root()))
    rows = [{"id": r.id, "state": "failed" if r.failure else "finished", "run": r.spec.label} for r in found.results]
    rows += [{"id": spec.id, "state": "unfinished", "run": spec.label} for spec in found.unfinished]
    for name, reason in found.damaged:
        click.echo(f"robench: {name}: {reason}", err=True)
    return sorted(rows, key=lambda row: (row["run"], row["id"]))
