"""The tree of errors that robench raises on purpose.

Each carries one line a user can act on. The command line prints that line and exits with `exit_code`.
"""

import difflib
import re
from collections.abc import Iterable

_NEAR = 0.7
"""The least likeness of a name that is suggested: `leaderbord` finds `leaderboard`, but `clean` not `plan`."""
_SHOWN = 50
"""So many known names are listed; a family of models has above a thousand."""


class RobenchError(Exception):
    """Base of every deliberate error."""

    exit_code = 1


class InputError(RobenchError, ValueError):
    """Something asked for is not possible: a name, a value, a file or a folder. Nothing was started."""

    exit_code = 2


class PluginError(InputError):
    """A plugin is missing, ambiguous, broken, or breaks its contract."""


class DataError(InputError):
    """Data is missing, truncated, or not what its checksum says."""


class StoreError(RobenchError):
    """A run folder cannot be written, or what it holds is not what was written."""


class DivergedError(RobenchError):
    """The loss became NaN or infinite; `step` counts optimiser steps from 0."""

    def __init__(self, step: int, loss: float) -> None:
        super().__init__(f"loss became {loss} at step {step}")
        self.step = step


FOREIGN = (Exception, SystemExit)
"""What code of third parties may raise that must not end robench; caught only at the edges to it, and reported."""


def first_line(error: BaseException) -> str:
    """Return the kind of an error and the first line of its message."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def unknown(field: str, value: str, known: Iterable[str], error: type[InputError] = InputError) -> InputError:
    """Build the error for a name that does not exist, with the nearest known one."""
    names = sorted(known)
    near = difflib.get_close_matches(value, names, n=1, cutoff=_NEAR) or _longer(value, names)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names[:_SHOWN]) or 'none'}{more}"
    return error(f"{field}: unknown {value!r}; {hint}")


def _longer(value: str, names: list[str]) -> list[str]:
    """Return the shortest name of which `value` is a word, if any: `cnn` stands for `cnn-small`."""
    words = {name: re.split(r"[\W_]+", name.lower()) for name in names}
    known = (name for name in names if value and (name.startswith(value) or value in words[name]))
    return sorted(known, key=len)[:1]
