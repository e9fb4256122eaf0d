"""Where files of the user lie: places they name, and those below their home where they name none."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from robench.errors import InputError


def expanded(field: str, place: Path | str) -> Path:
    """Return the path with a tilde replaced by the home directory; InputError for an empty one or an unknown home."""
    if not str(place).strip():
        raise InputError(f"{field}: it is empty")
    try:
        return Path(place).expanduser()
    except RuntimeError:
        raise InputError(f"{field}: {str(place)!r}: whose home that is cannot be found out; set HOME") from None


def of_environment(variable: str) -> Path | None:
    """Return the path in an environment variable, None where it is not set or empty."""
    text = os.environ.get(variable)
    return expanded(variable, text) if text else None


def below_home(variable: str, default: Callable[[], Path]) -> Path:
    """Return the path in `variable`, else the platform's `default`; InputError where that needs an unknown home."""
    if (given := of_environment(variable)) is not None:
        return given
    with contextlib.suppress(RuntimeError):  # of platformdirs; older ones leave the tilde, a folder of that name
        if (place := default()).is_absolute():
            return place
    raise InputError(f"{variable}: it is not set, and there is no home directory to take its place; set it, or HOME")


def tilde(path: Path) -> str:
    """Show a path below the home directory with a tilde, where there is one."""
    try:
        return str(Path("~") / path.resolve().relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)
