"""`robench run`: train, evaluate, rank."""

from typing import TYPE_CHECKING, Any

import click

from robench.cli.command import Command
from robench.cli.options import DEVICE, JOBS, STORE, grid_options
from robench.errors import InputError

if TYPE_CHECKING:
    from robench.execution.settings import Settings
    from robench.runs.spec import RunSpec
    from robench.study.estimate import Jobs


def _number(context: click.Context, option: click.Parameter, value: float) -> float:
    if value != value:
        raise click.BadParameter("nan is not in the range x>=0.")
    return value


WHERE = ("store", "data", "device", "checkpoint_seconds")
"""Options that say where and how to work; the others describe the grid."""


@click.command(
    cls=Command, example="robench run --suite cifar10c --methods dense,'rigl(drop_fraction=0.5)' --sparsity 0.1,0.5"
)
@grid_options
@STORE
@DEVICE
@JOBS
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
def command(dry_run: bool, as_json: bool, jobs: "Jobs", **given: Any) -> int:
    """Train, evaluate and rank.

    NAME is a spec that ships with robench (`robench list specs`). Without NAME, --spec and --suite the
    quickstart runs: real data, no download, about two minutes. Finished runs are not done again.

    Ctrl-C, SIGTERM, SIGHUP and SIGUSR1 save a checkpoint and stop; the same command continues there. A second one stops
    at once. The exit code is then 128 + the signal's number: 130 for Ctrl-C, 143 for SIGTERM.
    """
    from robench.cli.plan import show
    from robench.study.grid import grid_of
    from robench.study.plan import expand
    from robench.study.run import settings_of

    settings = settings_of(**{name: given.pop(name) for name in WHERE})
    grid = grid_of(**given)
    specs = expand(grid, data=settings.data)
    if as_json and len({spec.setting for spec in specs}) > 1:
        raise InputError("json: these runs make several boards; ask for one suite and recipe at a time")
    if dry_run:
        show(specs, settings.store, settings.data, settings.device, jobs, as_json)
        return 0
    return _done(specs, settings, jobs, grid.baseline, as_json)


def _done(specs: "list[RunSpec]", settings: "Settings", jobs: "Jobs", baseline: str | None, as_json: bool) -> int:
    """Do the runs, print the boards, and last where the results lie; return the exit code."""
    from robench.cli.display import Display
    from robench.report import REPORTS
    from robench.study.run import carry_out
    from robench.training.stopping import Stopped

    try:
        with Display(len(specs)) as display:
            finished = carry_out(specs, settings, display, jobs=jobs, baseline=baseline)
    except Stopped as stop:
        click.echo(f"robench: {stop}", err=True)
        return stop.exit_code
    if finished.boards:
        click.echo(REPORTS["json" if as_json else "table"](finished.boards))
    click.echo(f"results: {settings.store}", err=True)
    return 0 if finished.complete else 1
