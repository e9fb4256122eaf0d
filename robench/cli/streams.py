"""Standard output and standard error as they may be found: closed, or in an encoding that lacks letters."""

import io
import os
import sys

_CANNOT_FAIL = ("replace", "backslashreplace", "xmlcharrefreplace", "namereplace", "ignore")


def open_all() -> None:
    """Make both streams such that to print never fails for want of a stream or a letter.

    One that the caller has closed leads nowhere, and its number is taken, lest a file opened later gets it. A letter
    that an encoding lacks is replaced.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors not in _CANNOT_FAIL:
            stream.reconfigure(errors="replace")


def _nowhere() -> io.TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")
