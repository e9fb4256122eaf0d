"""`robench run`: train, evaluate, rank."""

from typing import Any

import click

from robench.cli.command import Command
from robench.cli.options import STORE, grid_options
from robench.errors import InputError


def _number(context: click.Context, option: click.Parameter, value: float) -> float:
    if value != value:
        raise click.BadParameter("nan is not in the range x>=0.")
    return value


WHERE = ("store", "data", "device", "jobs", "checkpoint_seconds")
"""Options that say where and how to work; the others describe the grid."""


@click.command(
    cls=Command, example="robench run --suite cifar10c --methods dense,'rigl(drop_fraction=0.5)' --sparsity 0.1,0.5"
)
@grid_options
@STORE
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Runs at the same time.")
@click.option(
    "--checkpoint-seconds",
    type=click.FloatRange(min=0),
    default=30.0,
    callback=_number,
    show_default=True,
    help="Time between two checkpoints of a run: the work that a kill can lose.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan, start nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the board as JSON.")
def command(dry_run: bool, as_json: bool, **given: Any) -> int:
    """Train, evaluate and rank.

    NAME is a spec that ships with robench (`robench list specs`). Without NAME, --spec and --suite the
    quickstart runs: real data, no download, about two minutes. Finished runs are not done again.
    """
    from robench.cli.display import Display
    from robench.cli.plan import show
    from robench.report import REPORTS
    from robench.study.grid import grid_of
    from robench.study.plan import expand
    from robench.study.run import carry_out, settings_of

    where = {name: given.pop(name) for name in WHERE}
    settings, grid = settings_of(**where), grid_of(**given)
    specs = expand(grid, data=settings.data)
    if as_json and len({spec.setting for spec in specs}) > 1:
        raise InputError("json: these runs make several boards; ask for one suite and recipe at a time")
    if dry_run:
        show(specs, settings.store, as_json)
        return 0
    with Display(len(specs)) as display:
        finished = carry_out(specs, settings, display, jobs=where["jobs"], baseline=grid.baseline)
    if finished.boards:
        click.echo(REPORTS["json" if as_json else "table"](finished.boards))
    return 0 if finished.complete else 1
