"""Named specs and recipes: the YAML files of `benchmarks/`, beside the package in a checkout, inside it in a wheel."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from robench.errors import InputError, unknown

QUICKSTART = "quickstart"


def folder() -> Path:
    """Return the folder of the named specs; its `recipes/` holds the recipes."""
    package = Path(__file__).parent
    installed = package / "_benchmarks"
    return installed if installed.is_dir() else package.parent / "benchmarks"


def names(kind: str) -> list[str]:
    """List the names of a kind, "spec" or "recipe"."""
    return sorted(path.stem for path in _folder(kind).glob("*.yaml"))


def named(kind: str, name: str) -> dict[str, Any]:
    """Return the fields of a named spec or recipe; InputError with the nearest name where there is none."""
    if name not in names(kind):
        raise unknown(kind, name, names(kind))
    return read_yaml(_folder(kind) / f"{name}.yaml")


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; InputError in one line where it is none."""
    try:
        values = load_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InputError(f"{path}: not YAML{where}: {getattr(error, 'problem', error)}") from None
    if not isinstance(values, dict):
        raise InputError(f"{path}: a mapping of fields is expected, not {type(values).__name__}")
    if other := [key for key in values if not isinstance(key, str)]:
        raise InputError(f"{path}: the name of a field is text, not {other[0]!r}")
    return values


def _folder(kind: str) -> Path:
    return folder() / "recipes" if kind == "recipe" else folder()


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which by itself lets a later key win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise ConstructorError(problem=f"{key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_yaml(text: str) -> Any:
    """Return what `text` says; raises YAMLError, also for a key that stands twice and for endless nesting."""
    try:
        return yaml.load(text, _Loader)
    except RecursionError:
        raise yaml.YAMLError("nested too deeply") from None
