"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from robench.cli import completion
from robench.errors import InputError
from robench.places import expanded

Function = TypeVar("Function", bound=Callable[..., Any])


def _named(context: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    return None if value is None else expanded(option.name or "", value)


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


def _folder(context: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    place = _named(context, option, value)
    if place is not None and not place.is_dir():
        raise InputError(f"{option.name}: {value!r} is no folder that exists")
    return place


STORE = click.option(
    "--store",
    callback=_named,
    metavar="DIRECTORY",
    show_default="ROBENCH_STORE, else the user's data folder",
    help="Folder of the runs.",
    shell_complete=completion.folders,
)
DATA = click.option(
    "--data",
    callback=_folder,
    metavar="DIRECTORY",
    show_default="ROBENCH_DATA, else the user's cache",
    help="Folder of the data sets.",
    shell_complete=completion.folders,
)


def unused(given: dict[str, Any], why: str) -> None:
    """Raise InputError for the first option that is given and would be ignored, `why` being the reason."""
    for name, value in given.items():
        if value is not None:
            raise InputError(f"{name.replace('_', '-')}: {why}")


GRID = (
    click.argument("name", required=False, shell_complete=completion.files("spec")),
    click.option(
        "--spec", type=click.Path(path_type=Path), help="A YAML file with the fields below, in place of NAME."
    ),
    click.option(
        "--suite",
        show_default="the quickstart's",
        help="Suites, separated by commas.",
        shell_complete=completion.plugins("suite"),
    ),
    click.option(
        "--methods",
        show_default="the suite's",
        help="Methods, options in brackets: set,'rigl(drop_fraction=0.5)'.",
        shell_complete=completion.plugins("method"),
    ),
    click.option(
        "--models",
        show_default="the suite's",
        help="Models, options in brackets.",
        shell_complete=completion.plugins("model"),
    ),
    click.option("--sparsity", show_default="0.5", help="Shares of weights that are 0, each in [0, 1): 0.1,0.5."),
    click.option(
        "--seeds", show_default="3", help="Number of networks for each row, or which seeds: 0,1,2; one of them: 7,."
    ),
    click.option("--epochs", show_default="the recipe's", help="Passes over the training images."),
    click.option(
        "--recipe",
        show_default="the model's",
        help="Training recipe (`robench list recipes`).",
        shell_complete=completion.files("recipe"),
    ),
    click.option("--train-limit", show_default="all", help="Use only the first N training images."),
    click.option("--test-limit", show_default="all", help="Use only the first N test images."),
    click.option(
        "--corruptions",
        show_default="standard",
        help="standard, all, or names, of others than the suite's too.",
        shell_complete=completion.plugins("corruption", "standard", "all"),
    ),
    click.option("--severities", show_default="the suite's", help="Severities, 1 to 5: 1,3,5."),
    click.option(
        "--threads", show_default="1", help="Threads of a run on a CPU; part of its id, as they change rounding."
    ),
    click.option(
        "--baseline",
        show_default="the suite's",
        help="Method the others are compared with.",
        shell_complete=completion.plugins("method"),
    ),
    DATA,
)


def grid_options(command: Function) -> Function:
    """Add the options that describe a grid of runs."""
    for option in reversed(GRID):
        command = option(command)
    return command
