"""Is this file the right one? Hashed once, then remembered by path, size and time of change."""

import contextlib
import hashlib
import json
import os
from pathlib import Path

from robench import atomic
from robench.contracts import File
from robench.download.roots import cache


def fault(path: Path, file: File, *, again: bool = False) -> str | None:
    """Say in a few words what is wrong with the file at `path`; None when it is what `file` declares.

    A digest that was found right before is not computed a second time while size and modification time stay the
    same, unless `again` is true.
    """
    try:
        return _fault(path, file, again)
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except OSError as error:
        return f"not readable ({error.strerror})"


def _fault(path: Path, file: File, again: bool) -> str | None:
    size = path.stat().st_size
    if not path.is_file():
        return "not a file"
    if file.size is not None and size != file.size:
        return "an HTML page" if is_html(path) else f"{size:,} bytes instead of {file.size:,}"
    if file.digest is None:
        return "an HTML page" if is_html(path) else None
    if not again and sealed(path, file.digest):
        return None
    if compute(path, algorithm(file.digest)) != file.digest:
        return "an HTML page" if is_html(path) else f"not the right bytes (its {algorithm(file.digest)} differs)"
    seal(path, file.digest)
    return None


def algorithm(digest: str) -> str:
    """Return "md5" or "sha256" of `"md5:<hex>"` or `"sha256:<hex>"`."""
    return digest.partition(":")[0]


def compute(path: Path, name: str) -> str:
    """Return `"<algorithm>:<hex>"` of the file's bytes."""
    with path.open("rb") as file:
        return f"{name}:{hashlib.file_digest(file, name).hexdigest()}"


def is_html(path: Path) -> bool:
    """Say whether the file starts like a web page, as an error page does that was saved under another name."""
    with path.open("rb") as file:
        start = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


def seal(path: Path, digest: str) -> None:
    """Remember that the file as it lies there now has this digest; without a writable cache nothing is kept."""
    with contextlib.suppress(OSError):
        stamp = _stamp(path)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(stamp, json.dumps(_state(path, digest)))


def sealed(path: Path, digest: str) -> bool:
    """Say whether the file is unchanged since it was found to have this digest."""
    try:
        return bool(json.loads(_stamp(path).read_text(encoding="utf-8")) == _state(path, digest))
    except (OSError, ValueError):
        return False


def _stamp(path: Path) -> Path:
    return cache() / "verified" / f"{hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]}.json"


def _state(path: Path, digest: str) -> dict[str, str | int]:
    status = path.stat()
    return {
        "path": str(path.resolve()),
        "size": status.st_size,
        "modified_ns": status.st_mtime_ns,
        "inode": status.st_ino,
        "digest": digest,
    }
