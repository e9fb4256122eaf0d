"""The command line called in the process of the tests: five seconds sooner than in one of its own."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

from robench.cli import main
from tests.helpers.distributions import seen

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
