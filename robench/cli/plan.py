"""`robench plan`: what a run would do."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from robench.cli.options import STORE, grid_options

if TYPE_CHECKING:
    from robench.runs.spec import RunSpec


@click.command
@grid_options
@STORE
@click.option("--json", "as_json", is_flag=True, help="Print the run specs as JSON.")
def command(store: Path | None, data: Path | None, as_json: bool, **given: Any) -> None:
    """Say what `robench run` with the same options would do; nothing is trained or written."""
    from robench.download import root
    from robench.runs.store import default_root
    from robench.study.grid import grid_of
    from robench.study.plan import expand

    show(expand(grid_of(**given), data=root(data)), store or default_root(), as_json)


def show(specs: "list[RunSpec]", folder: Path, as_json: bool) -> None:
    """Print each run with its id and whether the store in `folder` has it already."""
    from robench.runs.store import Store
    from robench.study.naming import labelled

    store, labels = Store(folder), labelled(specs)
    rows = [{"id": spec.id, "state": store.state(spec), "spec": spec.model_dump(mode="json")} for spec in specs]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for spec, row in zip(specs, rows, strict=True):
        click.echo(f"{row['id']}  {row['state']:<10}  {labels[spec.id]}")
    to_do = sum(row["state"] != "finished" for row in rows)
    epochs, cells = specs[0].training.epochs, len(specs[0].cells)
    click.echo(f"{len(specs)} runs, {to_do} to do; {epochs} epochs, then {cells} corrupted cells ({specs[0].source})")
