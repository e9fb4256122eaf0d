"""Write the package of a new plugin, from the templates beside this file."""

import ast
import builtins
import keyword
import re
import shutil
import uuid
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Any

from robench.contracts import API_VERSION
from robench.errors import InputError, unknown
from robench.registry.entry_points import entries
from robench.registry.kinds import KINDS
from robench.text import same

_TEMPLATES = Path(__file__).parent / "templates"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*([._-][A-Za-z0-9]+)*")
_FIELD = re.compile(r"\$\{?([a-z_]+)")
_LONGEST = 60
_POINT = '[project.entry-points."robench.${kind}s"]\n$name = "$module:$symbol"'
_POINTS = _POINT + '\n\n[project.entry-points."robench.suites"]\n$name-c = "$module:${symbol}_c"'
"""A dataset comes with a suite on it."""
_USE = {
    "method": "Train with it: `robench run --methods dense,$name`.",
    "model": "Train it: `robench run --models $name`.",
    "corruption": 'Use it: `robench.corrupt(images, "$name", severity=3)`.\n\n'
    "Put it on the board of any suite whose preset it has levels for, alone or with the suite's own:\n"
    "`robench run --suite digits-c --corruptions $name` or `--corruptions standard,$name`.",
    "dataset": "Train on it: `robench run --suite $name-c --data DIR`, DIR being the folder that $folder lies in.",
    "suite": "Rank on it: `robench run --suite $name`.",
}


def write(kind: str, name: str, folder: Path, facts: Mapping[str, Any] | None = None) -> list[Path]:
    """Write a distribution that registers `name`; return its files.

    `facts` are values that the template of the kind takes beside the name. `folder` comes into being whole or not at
    all. Raises InputError for an unknown kind, a name that is none, is taken, or makes no module name, and a folder
    that exists or has no parent.
    """
    if kind not in (known := [name for name, each in KINDS.items() if each.scaffoldable]):
        raise unknown("new", kind, known)
    contents = _contents(kind, name, check_name(kind, name), facts or {})
    if folder.exists() or folder.is_symlink():
        raise InputError(f"output: {folder} exists; name a folder that does not")
    if not folder.absolute().parent.is_dir():
        raise InputError(f"output: the folder {folder.absolute().parent} does not exist")
    temporary = folder.absolute().with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        for path, text in contents.items():
            (temporary / path).parent.mkdir(parents=True, exist_ok=True)
            (temporary / path).write_text(text, encoding="utf-8")
        temporary.rename(folder)
    except OSError as error:
        raise InputError(f"output: cannot write {folder}: {error.strerror}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return [folder / path for path in contents]


def check_name(kind: str, name: str) -> str:
    """Return the module name that a plugin's name makes; InputError where it cannot be one."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        shown = name if len(name) <= _LONGEST else name[:_LONGEST] + "..."
        rule = f"letters and digits, joined by single '-', '_' or '.', a letter first, up to {_LONGEST}"
        raise InputError(f"name: {shown!r} is not allowed: {rule}")
    module = re.sub(r"[._-]", "_", name.lower())
    symbol = _symbol(kind, module)
    for word in (module, symbol):
        if keyword.iskeyword(word):
            raise InputError(f"name: {name!r} makes {word!r}, a word of Python's own")
    if (found := find_spec(module)) and found.origin:
        raise InputError(f"name: {name!r} makes the module name {module!r}, which is taken")
    if symbol in _used(kind):
        raise InputError(f"name: {name!r} makes {symbol!r}, which the new module needs for something else")
    for entry in entries(kind):
        if same(entry.name, name):
            raise InputError(f"name: {kind} {entry.name!r} is registered by {entry.distribution}=={entry.version}")
    return module


def _symbol(kind: str, module: str) -> str:
    """Return what the plugin is called in its module: a class in capitals, a record as the module."""
    is_class = KINDS[kind].shown_by == "class"
    return "".join(part.capitalize() for part in module.split("_")) if is_class else module


def _used(kind: str) -> set[str]:
    """Return the names that modules of a kind take from elsewhere or define beside the plugin, and Python's own."""
    values = dict.fromkeys(_FIELD.findall(_template(f"{kind}/module.txt")), "0")
    tree = ast.parse(Template(_template(f"{kind}/module.txt")).substitute({**values, "symbol": "_"}))
    imports = (alias for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names)
    defined = (node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return {*dir(builtins), *(alias.asname or alias.name for alias in imports), *defined}


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _contents(kind: str, name: str, module: str, facts: Mapping[str, Any]) -> dict[Path, str]:
    """Return path below the folder -> text."""
    symbol = _symbol(kind, module)
    values = {**facts, "kind": kind, "name": name, "module": module, "symbol": symbol, "api": API_VERSION}
    points = _POINTS if KINDS[kind].from_images else _POINT
    for field, text in (("use", _USE[kind]), ("entry_points", points)):
        values[field] = Template(text).substitute(values)
    templates = {
        Path("pyproject.toml"): "pyproject.txt",
        Path("README.md"): "readme.txt",
        Path(f"{module}.py"): f"{kind}/module.txt",
        Path("tests", f"test_{module}.py"): f"{kind}/test.txt",
    }
    return {path: Template(_template(source)).substitute(values) for path, source in templates.items()}
