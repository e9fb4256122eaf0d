"""A study as a person writes it: a grid of runs in YAML, on the command line or in Python."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Len
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
)

from robench import benchmarks
from robench.contracts.options import Sparsity
from robench.errors import InputError, unknown
from robench.runs.spec import Count, Names, Severity
from robench.schema import Frozen, checked
from robench.text import split_names


def _many(value: Any) -> Any:
    """Let a list of one be written without brackets, and several as text with commas."""
    if isinstance(value, str):
        return split_names(value)
    if isinstance(value, list | tuple):
        return [item.strip() if isinstance(item, str) else item for item in value]
    return [value] if isinstance(value, int | float | dict) else value


def _corruptions(value: Any) -> Any:
    names = _many(value)
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError("standard, all, or names are expected")
    return names


def _seeds(value: Any) -> Any:
    """Read a number K as the seeds 0 .. K - 1; a list, or text with a comma, is those seeds themselves."""
    if isinstance(value, str) and "," not in value:
        value = int(value) if value.strip().isdecimal() else value
    elif isinstance(value, str):
        value = split_names(value)
    if isinstance(value, list | tuple):
        return value
    if not isinstance(value, int | float) or value != int(value) or not 1 <= value <= _MOST_SEEDS:
        raise ValueError(f"a number of seeds, 1 to {_MOST_SEEDS}, or a list of them is expected, such as 0,1,2 or 7,")
    return range(int(value))


def _written(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((name, options),) = value.items()
        if isinstance(name, str) and (options is None or (isinstance(options, dict) and all(map(_is_text, options)))):
            return value
    raise ValueError("a name is expected, or one name with its options, {name: {option: value}}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _rising(value: tuple[int, ...]) -> tuple[int, ...]:
    """Put numbers whose order means nothing into one order, each once."""
    return tuple(sorted(set(value)))


_MOST_SEEDS = 1_000_000
Many = BeforeValidator(_many)
Rising = AfterValidator(_rising)
Written = Annotated[str | dict[str, dict[str, Any] | None], BeforeValidator(_written)]


Seed = Annotated[int, Ge(0)]


class GridSpec(Frozen):
    """A study as a person writes it: every model x method x sparsity x seed.

    `methods` and `models` are names with options in brackets, `rigl(drop_fraction=0.5)`, or `{name: {option: value}}`;
    without them the suite's own are taken. `corruptions` are names, "standard" and "all" standing for the suite's own;
    a name that is not among those is any corruption that has levels for the suite's preset. `recipe` None takes the
    model's own; `training` overrides single fields of it. `seeds` is a number K for the seeds 0 .. K - 1, or a list of
    seeds, in text with a comma: `7,` is seed 7 alone. Other lists of one need no brackets, and lists may be text with
    commas. The order of seeds, corruptions and severities means nothing. `threads` are those of one run; it changes how
    sums are rounded and is part of the id.
    """

    suite: Annotated[Names, Many]
    methods: Annotated[tuple[Written, ...], Len(min_length=1), Many] | None = None
    models: Annotated[tuple[Written, ...], Len(min_length=1), Many] | None = None
    sparsity: Annotated[tuple[Sparsity, ...], Len(min_length=1), Many] = (0.5,)
    seeds: Annotated[tuple[Seed, ...], Len(min_length=1), BeforeValidator(_seeds), Rising] = (0, 1, 2)
    baseline: str | None = None
    recipe: str | None = None
    training: dict[str, Any] = Field(default_factory=dict)
    train_limit: Count | None = None
    test_limit: Count | None = None
    corruptions: Annotated[Names, BeforeValidator(_corruptions)] = ("standard",)
    severities: Annotated[tuple[Severity, ...], Len(min_length=1), Many, Rising] | None = None
    threads: Count = 1
    description: str = ""


def read_grid(values: Mapping[str, Any], origin: str) -> GridSpec:
    """Check the fields of a grid; `origin` (a file's name) opens the error message."""
    known = GridSpec.model_fields
    for name in values:
        if name not in known:
            raise unknown(f"{origin}: field", str(name), known)
    return checked(origin, GridSpec, values)


def grid_of(
    name: str | None = None, spec: Path | str | None = None, *, epochs: int | str | None = None, **given: Any
) -> GridSpec:
    """Return the grid of a named spec, a file, or the quickstart, with the fields given put over its own.

    Without a name, a file and a suite it is the quickstart. Fields that are None are not given.

    Args:
        name: A spec that ships with robench (`robench list specs`).
        spec: A YAML file with fields of `GridSpec`.
        epochs: Put over the recipe's.
        given: Fields of `GridSpec`.

    Raises:
        InputError: A name, a field or a value is wrong, in one line.

    Example:
        >>> grid_of(suite="digits-c", methods="dense,rigl(drop_fraction=0.5)", seeds=1).methods
        ('dense', 'rigl(drop_fraction=0.5)')
    """
    if name is not None and spec is not None:
        raise InputError("spec: give a name or --spec FILE, not both")
    fields: dict[str, Any] = {}
    origin = "options"
    if spec is not None:
        fields, origin = benchmarks.read_yaml(Path(spec)), str(spec)
    elif name is not None:
        fields, origin = benchmarks.named("spec", name), name
    elif given.get("suite") is None:
        fields, origin = benchmarks.named("spec", benchmarks.QUICKSTART), benchmarks.QUICKSTART
    changes = {field: value for field, value in given.items() if value is not None}
    training = fields.get("training", {})
    if epochs is not None and isinstance(training, dict):
        changes["training"] = {**training, "epochs": epochs}
    return read_grid({**fields, **changes}, origin)
