"""A plugin as a person writes it: its name, with options in brackets."""

import json
import re
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
        if not value.strip():
            raise InputError(f"{written!r}: {name!r} has no value")
        try:
            options[name] = benchmarks.load_yaml(value)
        except yaml.YAMLError:
            raise InputError(f"{written!r}: cannot read the value of {name!r}") from None
    return options


def write_plugin(name: str, options: Mapping[str, Any]) -> str:
    """Write what `parse_plugin` reads, in one way: options sorted, text in quotes only where it needs them.

    Example:
        >>> write_plugin("set", {"drop": "sign", "drop_fraction": 0.5})
        'set(drop=sign, drop_fraction=0.5)'
    """
    parts = [f"{option}={_scalar(value)}" for option, value in sorted(options.items())]
    return f"{name}({', '.join(parts)})" if parts else name


def _scalar(value: Any) -> str:
    bare = isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w./-]*", value, re.ASCII)
    if bare and benchmarks.load_yaml(value) == value:
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)
