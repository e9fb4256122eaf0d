"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def _named(context: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    """Refuse the empty text that an unset shell variable leaves: as a path it would be the working directory."""
    if value == "":
        raise click.BadParameter("it is empty")
    return None if value is None else Path(value).expanduser()


class _Jobs(click.ParamType[int | str]):
    name = "auto or number"

    def convert(self, value: object, option: click.Parameter | None, context: click.Context | None) -> int | str:
        """Return "auto" or a number of at least 1."""
        if value == "auto" or (isinstance(value, int) and value >= 1):
            return value if isinstance(value, int) else "auto"
        if not str(value).strip().isdecimal() or int(str(value)) < 1:
            self.fail(f"{value} is neither auto nor a number of at least 1.", option, context)
        return int(str(value))


JOBS = click.option(
    "--jobs",
    type=_Jobs(),
    default="auto",
    show_default=True,
    metavar="auto|N",
    help="Runs at the same time; auto: one a core, as far as memory and work go, one on a GPU.",
)
DEVICE = click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")
STORE = click.option("--store", callback=_named, metavar="DIRECTORY", help="Folder of the runs [ROBENCH_STORE].")
DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the data sets [ROBENCH_DATA].",
)
GRID = (
    click.argument("name", required=False),
    click.option("--spec", type=click.Path(path_type=Path), help="A YAML file with the fields below."),
    click.option("--suite", help="Suites, separated by commas."),
    click.option("--methods", help="Methods, options in brackets: set,'rigl(drop_fraction=0.5)'; else the suite's."),
    click.option("--models", help="Models; else the suite's."),
    click.option("--sparsity", help="Shares of weights that are 0, each in [0, 1): 0.1,0.5."),
    click.option("--seeds", help="Number of networks for each row, or which seeds: 0,1,2; one of them: 7,."),
    click.option("--epochs", help="Epochs, instead of the recipe's."),
    click.option("--recipe", help="Training recipe, instead of the model's own."),
    click.option("--train-limit", help="Use only the first N training images."),
    click.option("--test-limit", help="Use only the first N test images."),
    click.option("--corruptions", help="standard, all, or names, of others than the suite's too."),
    click.option("--severities", help="Severities, 1 to 5: 1,3,5."),
    click.option(
        "--threads", help="Threads of a run on a CPU, 1 unless given; part of its id, as they change rounding."
    ),
    click.option("--baseline", help="Method the others are compared with, instead of the suite's."),
    DATA,
)


def grid_options(command: Command) -> Command:
    """Add the options that describe a grid of runs."""
    for option in reversed(GRID):
        command = option(command)
    return command
