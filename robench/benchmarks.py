"""Named specs and recipes: the YAML files of `benchmarks/`, beside the package in a checkout, inside it in a wheel."""

import re
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from robench.errors import InputError, unknown
from robench.text import pick

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
    meant = pick(name, names(kind))
    if meant is None:
        raise unknown(kind, name, names(kind))
    return read_yaml(_folder(kind) / f"{meant}.yaml")


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
    """YAML whose scalars mean what they look like.

    PyYAML follows YAML 1.1 and lets a later key win: there 010 is 8, 1:30 is 90, `on` is true and 1e-3 is text. Here a
    number is decimal, only true and false are truth values, `null`, `~` and nothing are none, and all else is text.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise ConstructorError(problem=f"{key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _float(text: str) -> float:
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


_SCALARS: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    "bool": ("true|false", "tf", lambda text: text == "true"),
    "int": (r"[-+]?[0-9]+", "-+0123456789", int),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=e))(e[-+]?[0-9]+)?|[-+]?\.inf|\.nan",
        "-+.0123456789",
        _float,
    ),
    "null": ("~|null|", "~n", lambda text: None),
}
"""Tag -> what a plain scalar of it looks like in lower case, how it may begin, and what makes a value of it."""


def _scalar(form: "re.Pattern[str]", make: Callable[[str], Any]) -> Callable[[yaml.SafeLoader, yaml.ScalarNode], Any]:
    def construct(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
        text = str(loader.construct_scalar(node))
        try:
            if form.match(text):  # always, but where a tag was written
                return make(text.lower())
        except ValueError:  # more digits than Python converts
            pass
        raise ConstructorError(problem=f"{text[:40]!r} is no such value", problem_mark=node.start_mark)

    return construct


_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}
_Loader.yaml_implicit_resolvers = {}
_Loader.yaml_constructors = {
    tag: build for tag, build in yaml.SafeLoader.yaml_constructors.items() if tag is None or tag in _PLAIN
}
for _kind, (_text, _first, _make) in _SCALARS.items():
    _tag, _form = f"tag:yaml.org,2002:{_kind}", re.compile(rf"(?:{_text})\Z", re.IGNORECASE | re.ASCII)
    _Loader.add_implicit_resolver(_tag, _form, [*_first, *_first.upper(), ""])
    _Loader.add_constructor(_tag, _scalar(_form, _make))
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"<<\Z"), ["<"])


def load_yaml(text: str) -> Any:
    """Return what `text` says; raises YAMLError, also for a key that stands twice and for endless nesting."""
    try:
        return yaml.load(text, _Loader)
    except RecursionError:
        raise yaml.YAMLError("nested too deeply") from None
