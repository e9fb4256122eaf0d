"""`robench list`: names, without importing what robench ships; plugins of others are tried by `list plugins`."""

import json
import sys
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from robench.cli.options import STORE
from robench.errors import PluginError, unknown
from robench.registry import KINDS

if TYPE_CHECKING:
    from robench.registry import Entry
    from robench.runs.result import Result

FILES = ("spec", "recipe")
_OWN = "robench"


@click.command
@click.argument("kind", default="plugins")
@STORE
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(kind: str, store: Path | None, as_json: bool) -> None:
    """List methods, models, corruptions, datasets, suites, metrics, plugins (all of these), specs, recipes or runs.

    Of plugins, those of other packages are loaded: status ok or error, and what is wrong in one line.
    """
    rows = _rows(kind, store)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    lines = [[_cell(name, value) for name, value in row.items()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for cells in lines:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


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

    own = entry.distribution == _OWN
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
    from robench.runs.labels import run_labels
    from robench.runs.store import Store, default_root

    place = Store(store or default_root())
    found = scan(place)
    labels = run_labels([*((r.spec, r.defaults) for r in found.results), *((spec, {}) for spec in found.unfinished)])
    rows = [_ended(result, place.folder(result.id), labels[result.id]) for result in found.results]
    states = {spec.id: "unfinished" if spec.id in found.begun else "planned" for spec in found.unfinished}
    rows += [_row(run_id, state, labels[run_id]) for run_id, state in states.items()]
    for name, reason in found.damaged:
        click.echo(f"robench: {name}: {reason}", err=True)
    return sorted(rows, key=lambda row: (row["run"], row["id"]))


def _ended(result: "Result", folder: Path, label: str) -> dict[str, Any]:
    """One run with a result, and when its record was written into this store."""
    from robench.runs.folder import RECORD

    date = datetime.fromtimestamp((folder / RECORD).stat().st_mtime).astimezone().isoformat(timespec="minutes")
    row = _row(result.id, "failed" if result.failure else "finished", label)
    scores = {name: getattr(result.numbers, name, None) for name in ("clean_accuracy", "robust_accuracy")}
    return {**row, "date": date, **scores}


def _row(run_id: str, state: str, label: str) -> dict[str, Any]:
    none = dict.fromkeys(("date", "clean_accuracy", "robust_accuracy"))
    return {"id": run_id, "state": state, **none, "run": label}


def _cell(name: str, value: Any) -> str:
    """Text for people: accuracies in percent, dates without the zone."""
    if value is None:
        return ""
    if name == "date":
        return str(value)[:16].replace("T", " ")
    return f"{name.partition('_')[0]} {100 * value:.2f} %" if name.endswith("_accuracy") else str(value)
