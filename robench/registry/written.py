"""A plugin as a person writes it: its name, with options in brackets."""

from collections.abc import Mapping
from typing import Any

import yaml

from robench import benchmarks
from robench.errors import InputError
from robench.text import split_names

NamedOptions = tuple[str, dict[str, Any]]


def parse_plugin(written: str | Mapping[str, Any]) -> NamedOptions:
    """Read `name`, `name(option=value, ...)` or `{name: {option: value}}`; values are YAML scalars or lists."""
    if isinstance(written, str):
        name, bracket, rest = written.strip().partition("(")
        if bracket and not rest.endswith(")"):
            raise InputError(f"{written!r}: the bracket is not closed")
        return name.strip(), _arguments(written, rest.removesuffix(")"))
    ((name, options),) = written.items()
    return str(name), dict(options or {})


def _arguments(written: str, text: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for part in split_names(text):
        name, equals, value = part.partition("=")
        if not equals:
            raise InputError(f"{written!r}: {part!r} is not option=value")
        if (name := name.strip()) in options:
            raise InputError(f"{written!r}: {name!r} stands twice")
        try:
            options[name] = benchmarks.load_yaml(value)
        except yaml.YAMLError:
            raise InputError(f"{written!r}: cannot read the value of {name!r}") from None
    return options
