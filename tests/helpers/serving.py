"""A web server on this machine that behaves as badly as it is told to."""

import contextlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from robench.download.http import Patience

HTML = b"<!DOCTYPE html><html><body>quota exceeded</body></html>"


@dataclass
class Page:
    """How one path is served. `statuses` and `cuts` are used up, one an answer."""

    body: bytes = b""
    kind: str = "application/octet-stream"
    ranges: bool = True
    statuses: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    stated_length: int | None = None
    retry_after: str | None = None
    go_on: threading.Event | None = None


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages = {}
        self.asked = []

    def url(self, path: str, page: Page) -> str:
        self.pages[f"/{path}"] = page
        return f"{self.base}/{path}"

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format, *args):
        pass

    def do_GET(self):
        with contextlib.suppress(ConnectionError):  # the client may leave early
            self._answer()

    def _answer(self) -> None:
        page, asked = self.server.pages.get(self.path), self.headers.get("Range")
        self.server.asked.append((self.path, asked))
        if page is None or page.statuses:
            self.send_response(page.statuses.pop(0) if page else 404)
            if page and page.retry_after:
                self.send_header("Retry-After", page.retry_after)
            self.end_headers()
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and page.ranges else 0
        if start and start >= len(page.body):
            self.send_response(416)
            self.end_headers()
            return
        self._send(page, start)

    def _send(self, page: Page, start: int) -> None:
        rest = page.body[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(page.body) - 1}/{len(page.body)}")
        self.send_header("Content-Type", page.kind)
        length = len(rest) if page.stated_length is None else page.stated_length
        self.send_header("Content-Length", str(length))
        self.end_headers()
        cut = page.cuts.pop(0) if page.cuts else len(rest)
        self.wfile.write(rest[:cut])
        self.wfile.flush()
        if page.go_on and cut < len(rest):
            page.go_on.wait(20)


def hurried(**changes):
    """Patience that never sleeps."""
    return Patience(**{"sleep": lambda seconds: None, "timeout_seconds": 5.0, **changes})


def names(folder):
    """Every file below a folder but the locks."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return sorted(str(path.relative_to(folder)) for path in files)
