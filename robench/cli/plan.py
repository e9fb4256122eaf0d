"""`robench plan`: what a run would do, and what it would take."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from robench.cli.command import Command
from robench.cli.options import DEVICE, JOBS, STORE, grid_options

if TYPE_CHECKING:
    from robench.runs.spec import RunSpec
    from robench.study.estimate import Jobs


@click.command(cls=Command, example="robench plan --suite cifar10c --methods dense,rigl --seeds 5")
@grid_options
@STORE
@DEVICE
@JOBS
@click.option("--json", "as_json", is_flag=True, help="Print the run specs and the numbers as JSON.")
def command(store: Path | None, data: Path | None, device: str, jobs: "Jobs", as_json: bool, **given: Any) -> None:
    """Say what `robench run` with the same options would do; nothing is trained or written.

    Time is estimated from a few steps of each model, made here and now; disk, missing data and the device are said.
    """
    from robench.download import root
    from robench.environment import resolve_device
    from robench.runs.store import default_root
    from robench.study.grid import grid_of
    from robench.study.plan import expand

    folder, where = root(data), resolve_device(device)
    show(expand(grid_of(**given), data=folder), store or default_root(), folder, where, jobs, as_json)


def show(specs: "list[RunSpec]", folder: Path, data: Path, device: str, jobs: "Jobs", as_json: bool) -> None:
    """Print each run with its id and whether the store in `folder` has it already, then what is to be expected."""
    from robench.runs.store import Store
    from robench.study.estimate import estimate
    from robench.study.naming import labelled

    store, labels = Store(folder), labelled(specs)
    rows = [{"id": spec.id, "state": store.state(spec), "spec": spec.model_dump(mode="json")} for spec in specs]
    todo = [spec for spec, row in zip(specs, rows, strict=True) if row["state"] != "finished"]
    expected = estimate(specs, todo, data=data, device=device, jobs=jobs)
    if as_json:
        click.echo(json.dumps({"runs": rows, "estimate": asdict(expected)}, indent=1))
        return
    for spec, row in zip(specs, rows, strict=True):
        click.echo(f"{row['id']}  {row['state']:<10}  {labels[spec.id]}")
    epochs, cells = specs[0].training.epochs, len(specs[0].cells)
    click.echo(
        f"{len(specs)} runs, {len(todo)} to do; {epochs} epochs, then {cells} corrupted cells ({specs[0].source})"
    )
    for line in expected.lines() if todo else ():
        click.echo(line)
