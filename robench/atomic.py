"""Files that are either whole or absent, also after a power cut."""

import contextlib
import hashlib
import os
import shutil
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

from robench.errors import InputError

_MOST_LINKS = 40
"""As many links on the way to a file as Linux follows."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder; on success it is synced and renamed to `path`, else removed."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a UTF-8 file atomically."""
    write_bytes(path, content.encode())


def write_named(field: str, path: Path, content: bytes) -> None:
    """Write where a user said, without ever taking the place of what is no file.

    A file is replaced whole and keeps its permissions. A link stays: what it points to is written. A pipe, a device
    and what this process has open (`/dev/stdout`, `/dev/fd/3`) are written to.

    Raises InputError, in one line that begins with `field`, for a folder, a file that may not be written, and whatever
    else the system refuses.
    """
    try:
        place = _place(path)
        mode = (os.fstat(place) if isinstance(place, int) else _stat(place)).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(0, "it is a folder; the name of a file is expected")
        if isinstance(place, int) or not stat.S_ISREG(mode):
            _pour(os.dup(place) if isinstance(place, int) else os.open(place, os.O_WRONLY), content)
        else:
            _replace(place, content)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise InputError(f"{field}: cannot write {path}: {getattr(error, 'strerror', None) or error}") from None


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _place(path: Path) -> Path | int:
    """Follow links to what they point to; return the number of an open file where the system's links lead to one."""
    for _ in range(_MOST_LINKS):
        folder = os.path.realpath(path.parent)
        if folder in (f"/proc/{os.getpid()}/fd", "/dev/fd") and path.name.isdecimal():
            return int(path.name)
        if not path.is_symlink():
            return path
        path = Path(folder, path.readlink())
    return path  # to read it fails with the system's own words


def _stat(path: Path) -> os.stat_result:
    """Return what is known of a path; of one where nothing is yet, what a new file would be."""
    try:
        return path.stat()
    except FileNotFoundError:
        return os.stat_result((stat.S_IFREG, *[0] * 9))


def _replace(path: Path, content: bytes) -> None:
    if path.exists() and not os.access(path, os.W_OK):  # a rename would not ask
        raise PermissionError(0, "Permission denied")
    with replacing(path) as temporary:
        temporary.write_bytes(content)
        if path.exists():
            shutil.copymode(path, temporary)


def _pour(handle: int, content: bytes) -> None:
    with open(handle, "wb") as file:
        file.write(content)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
