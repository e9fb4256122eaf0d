"""One file from one server: resumed where it stopped, given up when the server is hopeless."""

import http.client
import re
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from robench.download.checksums import is_html
from robench.progress import Report, preparing

BLOCK_BYTES = 1 << 18
LEAST_BYTES = 1 << 16
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP answers that may be different a moment later."""
HOPELESS = (socket.gaierror, ConnectionRefusedError, ssl.SSLCertVerificationError)


class MirrorError(Exception):
    """This server does not give the file; the text says why in a few words."""


class SlowError(MirrorError):
    """This server gives the file, but slower than asked."""


class _RetryError(Exception):
    def __init__(self, reason: str, wait_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Patience:
    """How long to put up with a server. `attempts` counts those in a row that brought less than 64 KiB.

    `least_bytes_per_second` is judged over `window_seconds`; `clock` and `sleep` are those of the `time` module.
    """

    attempts: int = 4
    timeout_seconds: float = 30.0
    longest_wait_seconds: float = 60.0
    least_bytes_per_second: float = 150_000.0
    window_seconds: float = 15.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def transfer(url: str, part: Path, size: int | None, patience: Patience, report: Report, *, hasty: bool) -> None:
    """Bring the bytes of `url` into `part`, which keeps what it already has.

    `size` is the size in bytes that the whole file must have, None where it is not known. With `hasty`, SlowError
    is raised when the server is slower than `patience` asks; the part is kept. Raises MirrorError when the server
    refuses, sends a web page or another size, or fails `patience.attempts` times in a row.
    """
    if size is not None and _size(part) > size:
        part.unlink()
    failures, furthest = 0, _size(part)
    while size is None or _size(part) != size:
        try:
            _attempt(url, part, size, patience, report, hasty)
            return
        except _RetryError as error:
            failures = 0 if _size(part) - furthest >= LEAST_BYTES else failures + 1
            furthest = max(furthest, _size(part))
            if failures >= patience.attempts:
                raise MirrorError(str(error)) from None
            backoff = 2.0**failures if failures else 0.0
            patience.sleep(min(max(backoff, error.wait_seconds), patience.longest_wait_seconds))


def _attempt(url: str, part: Path, size: int | None, patience: Patience, report: Report, hasty: bool) -> None:
    have = _size(part)
    with _open(url, part, size, patience) as answer:
        skip, stated = _agree(answer, have, size)
        total = size or stated
        _append(part, _blocks(answer, skip, patience, hasty), total, report)
    if _size(part) < total:
        if is_html(part):
            part.unlink()
            raise MirrorError("sends an HTML page instead of the file")
        raise _RetryError(f"connection closed after {_size(part):,} of {total:,} bytes")


def _open(url: str, part: Path, size: int | None, patience: Patience) -> http.client.HTTPResponse:
    have = _size(part)
    headers = {"User-Agent": "robench", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(url, headers=headers)
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=patience.timeout_seconds)
        return answer
    except urllib.error.HTTPError as error:
        _refused(error, part, size)
    except (OSError, http.client.HTTPException) as error:
        _failed(error)


def _refused(error: urllib.error.HTTPError, part: Path, size: int | None) -> NoReturn:
    with error:
        if error.code == 416 and size is not None:
            raise MirrorError(f"has less than {size:,} bytes, the size of the published file") from None
        if error.code == 416:
            part.unlink(missing_ok=True)
            raise _RetryError("the part on disk did not fit and was removed") from None
        reason = f"HTTP {error.code} {error.reason}"
        if error.code not in PASSING:
            raise MirrorError(reason) from None
        wait = error.headers.get("Retry-After", "")
        raise _RetryError(reason, float(wait) if wait.isdigit() else 0.0) from None


def _failed(error: OSError | http.client.HTTPException) -> NoReturn:
    reason = getattr(error, "reason", error)
    text = f"connection failed ({reason or type(reason).__name__})"
    raise (MirrorError if isinstance(reason, HOPELESS) else _RetryError)(text) from None


def _agree(answer: http.client.HTTPResponse, have: int, size: int | None) -> tuple[int, int]:
    """Return how many bytes of the answer are known already, and the size that the server states (0: none)."""
    if answer.headers.get_content_type() == "text/html":
        raise MirrorError("sends an HTML page instead of the file")
    length = answer.headers.get("Content-Length", "")
    stated = int(length) if length.isdigit() else 0
    if answer.status != 206:
        if size is not None and 0 < have == stated < size:  # it sent all that it has before, and would again
            raise MirrorError(f"has {stated:,} bytes, the published file has {size:,}")
        return have, stated
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip())
    if match is None or int(match[1]) != have:
        raise MirrorError("answers another range than asked")
    total = have + stated if match[2] == "*" else int(match[2])
    if size is not None and total != size:
        raise MirrorError(f"has {total:,} bytes, the published file has {size:,}")
    return 0, total


def _blocks(answer: http.client.HTTPResponse, skip: int, patience: Patience, hasty: bool) -> Iterator[bytes]:
    """Yield what comes, less the first `skip` bytes; SlowError when a window brought too little."""
    began, received = patience.clock(), 0
    while block := _read(answer):
        received += len(block)
        kept = block[skip:]
        skip = max(0, skip - len(block))
        if kept:
            yield kept
        seconds = patience.clock() - began
        if seconds >= patience.window_seconds:
            if hasty and received < patience.least_bytes_per_second * seconds:
                raise SlowError(f"only {received / seconds / 1000:.0f} kB/s")
            began, received = patience.clock(), 0


def _read(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read1(BLOCK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        _failed(error)


def _append(part: Path, blocks: Iterator[bytes], total: int, report: Report) -> None:
    done = _size(part)
    with part.open("ab") as file:
        for block in blocks:
            done += file.write(block)
            report(preparing(part.stem, done, total))
            if total and done >= total:
                break
    if total and done > total:
        part.unlink()
        raise MirrorError(f"sends more than {total:,} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
