"""`robench list`: names, without importing what is listed; `list plugins --check` loads what others have written."""

import json
import sys
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from robench.cli import completion
from robench.cli.command import Command
from robench.cli.options import STORE, unused
from robench.errors import InputError, PluginError, unknown
from robench.registry import KINDS, OWN, qualified_only

if TYPE_CHECKING:
    from robench.registry import Entry
    from robench.runs.result import Result

FILES = ("spec", "recipe")
KNOWN = (*(f"{name}s" for name in KINDS), "plugins", *(f"{name}s" for name in FILES), "runs")


@click.command(cls=Command, example="robench list methods")
@click.argument("kind", default="plugins", shell_complete=completion.names(lambda context: KNOWN))
@click.option("--check", is_flag=True, help="Of plugins: load those of other packages, to see whether they work.")
@STORE
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(kind: str, check: bool, store: Path | None, as_json: bool) -> None:
    """List methods, models, corruptions, datasets, suites, metrics, plugins (all of these), specs, recipes or runs.

    KIND is plugins where it is not given. Of plugins a status is listed: built in; installed, and with --check ok;
    or error and, in one line, what is wrong. Distributions whose metadata cannot be read are there too.
    """
    if kind not in KNOWN:
        raise unknown("list", kind, KNOWN)
    if check and kind != "plugins":
        raise InputError(f"check: goes with plugins, not with {kind}")
    if kind != "runs":
        unused({"store": store}, f"goes with runs, not with {kind}")
    rows = _rows(kind, store, check)
    for line in qualified_only() if kind == "plugins" else ():
        click.echo(f"robench: {line}", err=True)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    lines = [[_cell(name, value) for name, value in row.items()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for cells in lines:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _rows(kind: str, store: Path | None, check: bool) -> list[dict[str, Any]]:
    if kind == "plugins":
        return [*(row for name in KINDS for row in _with_status(name, check)), *_unreadable()]
    if kind == "runs":
        return _runs(store)
    single = kind.removesuffix("s")
    return _files(single) if single in FILES else _plugins(single)


def _plugins(kind: str) -> list[dict[str, Any]]:
    from robench.registry import entries

    return [{"name": entry.name, "distribution": f"{entry.distribution}=={entry.version}"} for entry in entries(kind)]


def _with_status(kind: str, check: bool) -> list[dict[str, Any]]:
    from robench.registry import entries

    rows = zip(_plugins(kind), entries(kind), strict=True)
    return [{"kind": kind, **row, **_status(entry, check)} for row, entry in rows]


def _status(entry: "Entry", check: bool) -> dict[str, str]:
    """Say whether a plugin works, and if not why, as far as its metadata tell; with `check` load it."""
    from robench import registry

    own = entry.distribution == OWN
    try:
        registry.find(entry.kind, entry.name)
        if check and not own:
            with redirect_stdout(sys.stderr):
                registry.load(entry.kind, entry.qualified)
    except PluginError as error:
        return {"status": "error", "error": str(error)}
    return {"status": "built in" if own else "ok" if check else "installed", "error": ""}


def _unreadable() -> list[dict[str, str]]:
    from robench.registry import distributions

    return [
        {"kind": "", "name": "", "distribution": one.folder, "status": "error", "error": one.reason}
        for one in distributions.installed().unreadable
    ]


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
