"""Make installed distributions for tests: a module and real metadata in a folder for `sys.path`."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from robench import registry


def install(
    folder: Path, name: str, source: str, entry_points: dict[str, dict[str, str]], version: str = "1.0"
) -> None:
    """Lay out what pip would: `<name>.py` and `<name>-<version>.dist-info` with its entry points (group -> names)."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    sections = [
        "\n".join([f"[{group}]", *(f"{key} = {value}" for key, value in names.items())])
        for group, names in entry_points.items()
    ]
    (info / "entry_points.txt").write_text("\n\n".join(sections) + "\n")


@contextmanager
def seen(folders: list[str]) -> Iterator[None]:
    """Let what is installed in some folders be found; its modules are forgotten afterwards."""
    before = set(sys.modules)
    with patch.object(sys, "path", [*folders, *sys.path]):
        importlib.invalidate_caches()
        registry.forget()
        try:
            yield
        finally:
            registry.forget()
            for name in set(sys.modules) - before:
                file = getattr(sys.modules[name], "__file__", None) or ""
                if any(file.startswith(folder) for folder in folders):
                    del sys.modules[name]
