"""The command line called in the process of the tests: five seconds sooner than in one of its own."""

import importlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from unittest.mock import patch

from robench import registry
from robench.cli import main

Done = subprocess.CompletedProcess[str]


def called(environment: Mapping[str, str], *args: str) -> Done:
    """Run `robench` here, where torch is imported already: the same arguments, environment, streams and exit code.

    Distributions in the folders of PYTHONPATH are seen for the time of the call.
    """
    out, err = io.StringIO(), io.StringIO()
    folders = [folder for folder in environment.get("PYTHONPATH", "").split(os.pathsep) if folder]
    with (
        patch.dict(os.environ, dict(environment), clear=True),
        patch.object(sys, "argv", ["robench", *args]),
        seen(folders),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return subprocess.CompletedProcess(["robench", *args], code, out.getvalue(), err.getvalue())


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
