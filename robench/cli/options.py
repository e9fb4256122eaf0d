"""Options that several commands share, and their way into a grid."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from robench.errors import InputError

if TYPE_CHECKING:
    from robench.study.grid import GridSpec

Command = TypeVar("Command", bound=Callable[..., Any])


def _named(context: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    """Refuse the empty text that an unset shell variable leaves: as a path it would be the working directory."""
    if value == "":
        raise click.BadParameter("it is empty")
    return None if value is None else Path(value).expanduser()


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
    click.option("--seeds", help="Number of networks for each row."),
    click.option("--epochs", help="Epochs, instead of the recipe's."),
    click.option("--recipe", help="Training recipe, instead of the model's own."),
    click.option("--train-limit", help="Use only the first N training images."),
    click.option("--test-limit", help="Use only the first N test images."),
    click.option("--corruptions", help="standard, all, or names."),
    click.option("--severities", help="Severities, 1 to 5: 1,3,5."),
    click.option("--baseline", help="Method the others are compared with, instead of the suite's."),
    DATA,
)


def grid_options(command: Command) -> Command:
    """Add the options that describe a grid of runs."""
    for option in reversed(GRID):
        command = option(command)
    return command


def grid_of(given: Mapping[str, Any]) -> "GridSpec":
    """Return the grid of a named spec, a file, or the quickstart, with the options given put over its fields.

    Without a name, a file and a suite it is the quickstart.
    """
    from robench import benchmarks
    from robench.study.grid import read_grid

    name, path = given["name"], given["spec"]
    if name is not None and path is not None:
        raise InputError("spec: give a name or --spec FILE, not both")
    fields: dict[str, Any] = {}
    origin = "options"
    if path is not None:
        fields, origin = benchmarks.read_yaml(path), str(path)
    elif name is not None:
        fields, origin = benchmarks.named("spec", name), name
    elif given["suite"] is None:
        fields, origin = benchmarks.named("spec", benchmarks.QUICKSTART), benchmarks.QUICKSTART
    return read_grid({**fields, **_overrides(given, fields)}, origin)


def _overrides(given: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "suite",
        "methods",
        "models",
        "sparsity",
        "seeds",
        "recipe",
        "train_limit",
        "test_limit",
        "corruptions",
        "severities",
        "baseline",
    )
    changes = {name: given[name] for name in names if given[name] is not None}
    training = fields.get("training", {})
    if given["epochs"] is not None and isinstance(training, dict):
        changes["training"] = {**training, "epochs": given["epochs"]}
    return changes
