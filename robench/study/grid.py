"""A study as a person writes it: a grid of runs in YAML, on the command line or in Python."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Len
from pydantic import (
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
    return [value] if isinstance(value, int | float | dict) else value


def _corruptions(value: Any) -> Any:
    if value in ("standard", "all"):
        return value
    names = _many(value)
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise ValueError("standard, all, or names are expected")
    return names


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


Many = BeforeValidator(_many)
Written = Annotated[str | dict[str, dict[str, Any] | None], BeforeValidator(_written)]


class GridSpec(Frozen):
    """A study as a person writes it: every model x method x sparsity x seed.

    `methods` and `models` are names with options in brackets, `rigl(drop_fraction=0.5)`, or `{name: {option: value}}`;
    without them the suite's own are taken. `corruptions` is "standard", "all" or a list of names. `recipe` None takes
    the model's own; `training` overrides single fields of it. `seeds` runs seeds 0 .. seeds - 1.
    A list of one needs no brackets, and lists may be text with commas.
    """

    suite: Annotated[Names, Many]
    methods: Annotated[tuple[Written, ...], Len(min_length=1), Many] | None = None
    models: Annotated[tuple[Written, ...], Len(min_length=1), Many] | None = None
    sparsity: Annotated[tuple[Sparsity, ...], Len(min_length=1), Many] = (0.5,)
    seeds: Count = 3
    baseline: str | None = None
    recipe: str | None = None
    training: dict[str, Any] = Field(default_factory=dict)
    train_limit: Count | None = None
    test_limit: Count | None = None
    corruptions: Annotated[Literal["standard", "all"] | Names, BeforeValidator(_corruptions)] = "standard"
    severities: Annotated[tuple[Severity, ...], Len(min_length=1), Many] | None = None
    description: str = ""


def unique(values: Iterable[Any]) -> tuple[Any, ...]:
    """Drop repeats, keep order."""
    return tuple(dict.fromkeys(values))


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
