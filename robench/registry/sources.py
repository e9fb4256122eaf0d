"""The source that a plugin is made of: its module and, transitively, the modules of its own top package it imports.

Read from the files, nothing is imported: a digest of code must not depend on running it. What a module of another
package does is told by that distribution's version; what is imported under a computed name is not seen.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path


def source_digest(module: str) -> str:
    """Return the SHA-256 of the source of `module`, as `package.part`, and of all it imports from its top package.

    The packages on the way count too, for an import runs them. Empty where the module has no source file.

    Example:
        >>> len(source_digest("robench.registry.sources"))
        64
        >>> source_digest("no_such_package.part")
        ''
    """
    found = _reached(module)
    if module not in found:
        return ""
    digest = hashlib.sha256()
    for name in sorted(found):
        content = found[name]
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _reached(module: str) -> dict[str, bytes]:
    """Return module -> content of its file, for `module` and what it reaches within its top package."""
    top = module.partition(".")[0]
    spec = find_spec(top)  # of a name without a dot: looks for the file, imports nothing
    if spec is None:
        return {}
    folders = [Path(place) for place in spec.submodule_search_locations or ()]
    waiting, found, looked = [module], dict[str, bytes](), set[str]()
    while waiting:
        name = waiting.pop()
        if name in looked:
            continue
        looked.add(name)
        path = Path(spec.origin or "") if name == top else _file(folders, name.split(".")[1:])
        if "." in name:
            waiting.append(name.rpartition(".")[0])
        if path is not None and path.suffix == ".py" and path.is_file():
            found[name] = path.read_bytes()
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            waiting += [one for one in _imported(found[name], package) if one.partition(".")[0] == top]
    return found


def _file(folders: list[Path], parts: list[str]) -> Path | None:
    """Return the file of the module `parts` below the folders of its top package, None where there is none."""
    for folder in folders:
        place = folder.joinpath(*parts)
        for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
            if path.is_file():
                return path
    return None


@lru_cache(maxsize=1024)
def _imported(source: bytes, package: str) -> tuple[str, ...]:
    """Return what a file of `package` may import, wherever it does; some names are no modules, but values in one."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ()
    return tuple(dict.fromkeys(name for node in ast.walk(tree) for name in _names(node, package)))


def _names(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parents = package.split(".")
        # one dot is the package itself, each further one its parent
        base = parents[: len(parents) - node.level + 1] if node.level else []
        module = ".".join([*base, *([node.module] if node.module else [])])
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)
