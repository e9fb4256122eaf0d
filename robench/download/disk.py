"""Room on the disk, and one process at a time."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from robench.errors import DataError
from robench.progress import Report, preparing

RESERVE_BYTES = 64 << 20


def require_space(folder: Path, what: str, needed_bytes: int) -> None:
    """Raise DataError when the file system of `folder` has no room for so many bytes and a small reserve."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if needed_bytes > 0 and free < needed_bytes + RESERVE_BYTES:
        asked, kept, left = (f"{size / 1e6:,.0f} MB" for size in (needed_bytes, RESERVE_BYTES, free))
        raise DataError(f"{what} needs {asked} of disk and a reserve of {kept} in {folder}, {left} are free")


@contextmanager
def alone(lock_file: Path, report: Report) -> Iterator[None]:
    """Hold a lock between processes; tell when another one has it, and wait."""
    lock = FileLock(lock_file)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        report(preparing("waiting for another process", 0, 0))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Make the folder of a generated set; raises DataError where it, or what is then done in it, cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise DataError(f"cannot write the generated set to {folder}: {reason}") from error
