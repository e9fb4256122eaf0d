"""Fetching against a local server: every way a download goes wrong ends with the right bytes or one clear line."""

import hashlib
import itertools
import os
import random
import socket
import subprocess
import sys
import threading
import time

import pytest

from robench.contracts import Download, File
from robench.download import checksums
from robench.download.fetch import ensure, faults
from robench.download.http import BLOCK_BYTES
from robench.errors import DataError
from tests.helpers.serving import HTML, Page, hurried, names

BODY = random.Random(0).randbytes(3 * BLOCK_BYTES + 1234)


def file_of(body, path="set/data.bin", size=True):
    return File(path, f"sha256:{hashlib.sha256(body).hexdigest()}", len(body) if size else None)


def fetched(download, root, **changes):
    ensure(download, root, patience=hurried(**changes))
    assert names(root) == [download.file.path]
    return (root / download.file.path).read_bytes()


@pytest.mark.parametrize("size", [True, False])
def test_a_file_is_fetched_once_and_then_known(server, tmp_path, size):
    download = Download(file_of(BODY, size=size), (server.url("a", Page(BODY)),))
    told = []
    ensure(download, tmp_path, told.append)
    assert (tmp_path / "set/data.bin").read_bytes() == BODY
    done = [message.done for message in told]
    assert done == sorted(done)
    assert (told[-1].label, told[-1].done, told[-1].total) == ("data.bin", len(BODY), len(BODY))
    ensure(download, tmp_path)
    assert len(server.asked) == 1


def test_a_part_is_continued(server, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/data.bin.part").write_bytes(BODY[:1000])
    assert fetched(Download(file_of(BODY), (server.url("a", Page(BODY)),)), tmp_path) == BODY
    assert server.asked == [("/a", "bytes=1000-")]


def test_a_server_that_ignores_ranges_adds_only_what_is_new(server, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/data.bin.part").write_bytes(BODY[:300_000])
    page = Page(BODY, ranges=False)
    assert fetched(Download(file_of(BODY), (server.url("a", page),)), tmp_path) == BODY


@pytest.mark.parametrize("part", [b"something else", BODY + b"too long", b"x" * len(BODY)])
def test_a_part_of_something_else_is_thrown_away(server, tmp_path, part):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/data.bin.part").write_bytes(part)
    assert fetched(Download(file_of(BODY), (server.url("a", Page(BODY)),)), tmp_path) == BODY


def test_a_part_that_is_too_long_for_a_file_of_unknown_size(server, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/data.bin.part").write_bytes(BODY + b"too long")
    download = Download(file_of(BODY, size=False), (server.url("a", Page(BODY)),))
    assert fetched(download, tmp_path) == BODY


def test_a_connection_that_breaks_again_and_again(server, tmp_path):
    page = Page(BODY, cuts=[100, 200_000, 1, 300_000])
    assert fetched(Download(file_of(BODY), (server.url("a", page),)), tmp_path) == BODY
    assert [asked for _, asked in server.asked][:3] == [None, "bytes=100-", "bytes=200100-"]


def test_a_server_that_hangs_is_left_and_asked_again(server, tmp_path):
    page = Page(BODY, cuts=[5000], go_on=threading.Event())
    download = Download(file_of(BODY), (server.url("a", page),))
    assert fetched(download, tmp_path, timeout_seconds=0.2) == BODY
    page.go_on.set()


@pytest.mark.parametrize("stated", [300_000, len(BODY) - 1, len(BODY) + 999])
def test_a_wrong_content_length_does_no_harm(server, tmp_path, stated):
    page = Page(BODY, stated_length=stated)
    assert fetched(Download(file_of(BODY), (server.url("a", page),)), tmp_path) == BODY


def test_a_server_without_ranges_that_has_another_file_is_left_after_one_answer(server, tmp_path):
    other = Page(BODY[:-3059], ranges=False)
    with pytest.raises(DataError, match=rf"has {len(BODY) - 3059:,} bytes, the published file has {len(BODY):,}"):
        ensure(Download(file_of(BODY), (server.url("a", other),)), tmp_path, patience=hurried())
    assert len(server.asked) == 2  # the second was refused at its head


def test_a_slow_server_is_left_for_the_next_which_continues(server, tmp_path):
    urls = server.url("slow", Page(BODY)), server.url("fast", Page(BODY))
    clock = itertools.chain([0.0, 60.0], itertools.repeat(60.0))
    assert fetched(Download(file_of(BODY), urls), tmp_path, clock=lambda: next(clock)) == BODY
    (first, start), (second, resumed) = server.asked
    assert (first, start, second) == ("/slow", None, "/fast")
    assert 0 < int(resumed.removeprefix("bytes=").removesuffix("-")) < len(BODY)


def test_when_all_are_slow_the_first_is_used_after_all(server, tmp_path):
    urls = server.url("one", Page(BODY)), server.url("two", Page(BODY))
    clock = itertools.count(0, 60)
    assert fetched(Download(file_of(BODY), urls), tmp_path, clock=lambda: next(clock)) == BODY
    assert [path for path, _ in server.asked] == ["/one", "/two", "/one"]


def test_a_busy_server_is_asked_again_after_the_time_it_names(server, tmp_path):
    page = Page(BODY, statuses=[503, 429], retry_after="7")
    waits = []
    assert fetched(Download(file_of(BODY), (server.url("a", page),)), tmp_path, sleep=waits.append) == BODY
    assert waits == [7.0, 7.0]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Page(HTML, kind="text/html; charset=utf-8"), "sends an HTML page"),
        (Page(HTML), "an HTML page"),
        (Page(BODY[:-5]), "has less than"),
        (Page(BODY, stated_length=10), "connection closed after"),
        (Page(BODY[:-5] + b"wrong"), "not the right bytes"),
        (Page(BODY + b"more"), "sends more than"),
        (Page(statuses=[404]), "HTTP 404"),
        (Page(statuses=[500] * 9), "HTTP 500"),
    ],
)
def test_a_bad_mirror_is_named_and_the_next_one_serves(server, tmp_path, bad, reason):
    broken, good = server.url("bad", bad), server.url("good", Page(BODY))
    with pytest.raises(DataError) as caught:
        ensure(Download(file_of(BODY), (broken,)), tmp_path, patience=hurried())
    assert reason in str(caught.value)
    assert not (tmp_path / "set/data.bin").exists()
    bad.statuses = [404] if bad.statuses else []
    assert fetched(Download(file_of(BODY), (broken, good)), tmp_path) == BODY


def test_when_every_mirror_fails_one_line_says_all(server, tmp_path, monkeypatch):
    resolve = socket.getaddrinfo

    def offline(host, *given, **named):
        if host == "no-such-host.invalid":
            raise socket.gaierror(-2, "Name or service not known")
        return resolve(host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    urls = f"{server.base}/gone", "http://127.0.0.1:1/closed", "http://no-such-host.invalid/x"
    with pytest.raises(DataError) as caught:
        ensure(Download(file_of(BODY), urls), tmp_path, patience=hurried())
    text = str(caught.value)
    assert "\n" not in text
    for part in ("set/data.bin (missing)", str(tmp_path), "HTTP 404", "127.0.0.1:1: connection failed", "--data"):
        assert part in text
    assert f"put http://no-such-host.invalid/x at {tmp_path / 'set/data.bin'}" in text
    assert len(server.asked) == 1


def test_the_mirror_of_the_environment_comes_first(server, tmp_path, monkeypatch):
    server.url("base/set/data.bin", Page(BODY))
    monkeypatch.setenv("ROBENCH_MIRROR", f"{server.base}/base/")
    assert fetched(Download(file_of(BODY), (server.url("a", Page(BODY)),)), tmp_path) == BODY
    assert [path for path, _ in server.asked] == ["/base/set/data.bin"]


def test_a_mirror_that_is_no_web_address_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBENCH_MIRROR", "/some/folder")
    with pytest.raises(DataError, match="ROBENCH_MIRROR: '/some/folder'"):
        ensure(Download(file_of(BODY), ()), tmp_path)


def test_a_full_disk_is_seen_before_the_first_byte(server, tmp_path):
    huge = File("set/data.bin", "sha256:00", 10**15)
    with pytest.raises(DataError, match=r"set/data.bin needs 1,000,000,000 MB of disk"):
        ensure(Download(huge, (server.url("a", Page(BODY)),)), tmp_path)
    assert server.asked == []


def test_a_root_that_cannot_be_written_is_one_line(server, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataError, match=r"set/data.bin \(missing\) is not below .* cannot be put there"):
        ensure(Download(file_of(BODY), (server.url("a", Page(BODY)),)), tmp_path / "file")


def test_an_unreadable_file_is_one_line(tmp_path):
    with pytest.raises(DataError, match=r"x \(not readable \(File name too long\)\)"):
        ensure(Download(file_of(BODY, "x" * 300), ()), tmp_path)


def test_a_page_is_seen_without_a_checksum_too(server, tmp_path):
    with pytest.raises(DataError, match="what it sent is an HTML page"):
        ensure(Download(File("a"), (server.url("a", Page(HTML)),)), tmp_path, patience=hurried())
    assert names(tmp_path) == []


def test_a_process_killed_in_the_middle_is_continued(server, tmp_path):
    half = 2 * BLOCK_BYTES
    page = Page(BODY, cuts=[half], go_on=threading.Event())
    file = file_of(BODY)
    url = server.url("a", page)
    code = f"""
from pathlib import Path
from robench.contracts import Download, File
from robench.download.fetch import ensure
ensure(Download({file!r}, ({url!r},)), Path({str(tmp_path)!r}))
"""
    part = tmp_path / "set/data.bin.part"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        while process.poll() is None and not (part.exists() and part.stat().st_size):
            time.sleep(0.01)
        process.kill()
    page.go_on.set()
    have = part.stat().st_size
    assert 0 < have <= half
    assert fetched(Download(file, (url,)), tmp_path) == BODY
    assert server.asked[-1] == ("/a", f"bytes={have}-")


def test_two_at_once_fetch_once(server, tmp_path):
    page = Page(BODY, cuts=[1000], go_on=threading.Event())
    download = Download(file_of(BODY), (server.url("a", page),))
    waiting = threading.Event()
    first = threading.Thread(target=ensure, args=(download, tmp_path), kwargs={"patience": hurried()})
    first.start()
    while not server.asked:
        time.sleep(0.01)
    second = threading.Thread(target=ensure, args=(download, tmp_path, lambda message: waiting.set()))
    second.start()
    assert waiting.wait(20)
    page.go_on.set()
    first.join()
    second.join()
    assert (tmp_path / "set/data.bin").read_bytes() == BODY
    assert len(server.asked) == 2  # the cut answer and its continuation


def test_a_file_is_hashed_once_until_it_changes(tmp_path, monkeypatch):
    path, file = tmp_path / "a", file_of(BODY, "a")
    path.write_bytes(BODY)
    download = Download(file, ())
    assert faults(download, tmp_path) == {}
    hashed = []
    compute = checksums.compute
    monkeypatch.setattr(checksums, "compute", lambda *given: hashed.append(given) or compute(*given))
    assert faults(download, tmp_path) == {}
    assert hashed == []
    assert faults(download, tmp_path, again=True) == {}
    assert len(hashed) == 1
    changed = BODY[:-1] + bytes([BODY[-1] ^ 1])
    path.write_bytes(changed)
    os.utime(path, ns=(1, 1))
    assert "differs" in faults(download, tmp_path)["a"]
