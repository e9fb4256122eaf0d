"""The edge to files from outside: what is in them is read, or they are named in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from robench.download.checksums import is_html
from robench.errors import FOREIGN, DataError, RobenchError, first_line
from robench.text import printable, shown

_LONGEST = 200


@contextmanager
def reading(path: Path, kind: str) -> Iterator[None]:
    """Turn whatever a decoder raises into a DataError of one line that names the file.

    What decoders raise where bytes are wrong is written down nowhere, so it is not a list: everything but robench's own
    errors. `kind` is what the file should be, as "image".

    Example:
        >>> with reading(Path("a"), "number"):
        ...     int("ten")
        Traceback (most recent call last):
        ...
        robench.errors.DataError: a: not a readable number (ValueError: invalid literal for int() with base 10: 'ten')
    """
    try:
        yield
    except RobenchError:
        raise
    except FOREIGN as error:
        if isinstance(error, OSError) and error.errno:
            raise DataError(f"{shown(path)}: {error.strerror}") from None
        raise DataError(f"{shown(path)}: {_reason(path, kind, error)}") from None


def _reason(path: Path, kind: str, error: BaseException) -> str:
    try:
        page = is_html(path)
    except OSError:
        page = False
    return "an HTML page" if page else f"not a readable {kind} ({printable(first_line(error), _LONGEST)})"


def read_text(path: Path) -> str:
    """Return a UTF-8 text without its byte order mark; DataError for what is none."""
    with reading(path, "text"):
        return path.read_text(encoding="utf-8-sig")


def map_array(path: Path) -> np.memmap:
    """Map an .npy file, read-only; DataError for what is none, is cut short, or holds objects."""
    with reading(path, ".npy file"):
        array: np.memmap = np.lib.format.open_memmap(path, mode="r")
        return array
