"""The command line, in a process of its own or, five seconds sooner, in this one."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

from robench.cli import main

Done = subprocess.CompletedProcess[str]


def robench(environment: Mapping[str, str], *args: str) -> Done:
    """Run `robench` in a process of its own: needed where a distribution is installed for it, or it is killed."""
    command = [sys.executable, "-m", "robench", *args]
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=300, check=False)


def called(environment: Mapping[str, str], *args: str) -> Done:
    """Run `robench` here, where torch is imported already: the same arguments, environment, streams and exit code."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, dict(environment), clear=True),
        patch.object(sys, "argv", ["robench", *args]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return subprocess.CompletedProcess(["robench", *args], code, out.getvalue(), err.getvalue())
