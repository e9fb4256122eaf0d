"""`robench list`: names, without importing a plugin."""

import json
from pathlib import Path
from typing import Any

import click

from robench.cli.options import STORE
from robench.errors import unknown

PLUGINS = ("method", "model", "corruption", "dataset", "suite")
FILES = ("spec", "recipe")


@click.command
@click.argument("kind", default="plugins")
@STORE
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(kind: str, store: Path | None, as_json: bool) -> None:
    """List methods, models, corruptions, datasets, suites, plugins (all of these), specs, recipes or runs."""
    rows = _rows(kind, store)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    widths = [max(len(str(row[key])) for row in rows) for key in rows[0]] if rows else []
    for row in rows:
        cells = [str(value).ljust(width) for value, width in zip(row.values(), widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _rows(kind: str, store: Path | None) -> list[dict[str, Any]]:
    known = {**{f"{name}s": (name,) for name in PLUGINS}, "plugins": PLUGINS}
    if kind in known:
        return [row for name in known[kind] for row in _plugins(name, kind == "plugins")]
    if kind in (files := {f"{name}s": name for name in FILES}):
        return _files(files[kind])
    if kind == "runs":
        return _runs(store)
    raise unknown("list", kind, [*known, *files, "runs"])


def _plugins(kind: str, with_kind: bool) -> list[dict[str, Any]]:
    from robench.registry import entries

    first = {"kind": kind} if with_kind else {}
    return [{**first, "name": e.name, "distribution": f"{e.distribution}=={e.version}"} for e in entries(kind)]


def _files(kind: str) -> list[dict[str, Any]]:
    from robench.resources import named, names

    note = {"spec": "description", "recipe": "source"}[kind]
    return [{"name": name, note: named(kind, name).get(note, "")} for name in names(kind)]


def _runs(store: Path | None) -> list[dict[str, Any]]:
    from robench.store import Store, default_root

    scan = Store(store or default_root()).scan()
    rows = [{"id": r.id, "state": r.status, "run": r.spec.label} for r in scan.records]
    rows += [{"id": spec.id, "state": "unfinished", "run": spec.label} for spec in scan.unfinished]
    for name, reason in scan.damaged:
        click.echo(f"robench: {name}: {reason}", err=True)
    return sorted(rows, key=lambda row: (row["run"], row["id"]))
