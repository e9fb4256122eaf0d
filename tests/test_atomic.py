"""What a user names is written, whatever it is; nothing that is no file is ever replaced by one."""

import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from robench.atomic import write_named
from robench.errors import InputError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_and_one_that_is_there_are_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "board.md"
    write_named("output", path, b"first")
    path.chmod(0o640)
    write_named("output", path, b"2nd")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode), names(tmp_path)) == (b"2nd", 0o640, ["board.md"])


@pytest.mark.parametrize("target", ["target", "below/target", "absent"])
def test_a_link_is_written_through(tmp_path: Path, target: str) -> None:
    (tmp_path / "below").mkdir()
    if target != "absent":
        (tmp_path / target).write_text("old")
    (tmp_path / "middle").symlink_to(target)
    (tmp_path / "link").symlink_to(tmp_path / "middle")
    write_named("output", tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "middle").readlink() == Path(target)
    assert (tmp_path / target).read_bytes() == b"new"


@pytest.mark.parametrize("through_link", [False, True])
def test_a_pipe_is_written_to(tmp_path: Path, through_link: bool) -> None:
    pipe, link, read = tmp_path / "pipe", tmp_path / "link", []
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_named("output", link if through_link else pipe, b"board\n")
    reader.join()
    assert read == [b"board\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["link", "pipe"]


def test_what_this_process_has_open_is_written_on_where_it_stands(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb", buffering=0) as file:
        file.write(b"before\n")
        (tmp_path / "like-stdout").symlink_to(f"/proc/self/fd/{file.fileno()}")
        write_named("output", tmp_path / "like-stdout", b"board\n")
        write_named("output", Path(f"/dev/fd/{file.fileno()}"), b"again\n")
        file.write(b"after\n")
    assert (tmp_path / "log").read_bytes() == b"before\nboard\nagain\nafter\n"
    assert (tmp_path / "like-stdout").is_symlink()


def test_what_cannot_be_written_is_one_line_and_stays(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "to-folder").symlink_to("folder")
    (tmp_path / "circle").symlink_to("circle")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        before = names(tmp_path)
        for name in ("", ".", "/", "..", "folder", "to-folder", "circle", "socket", "absent/board", "a\0b", "n" * 300):
            path = Path(name) if name in ("", ".", "/", "..") else tmp_path / name
            with pytest.raises(InputError, match=r"^output: cannot write") as caught:
                write_named("output", path, b"new")
            assert "\n" not in str(caught.value)
        assert stat.S_ISSOCK((tmp_path / "socket").stat().st_mode)
    assert names(tmp_path) == before


def test_a_file_that_may_not_be_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda place, mode: False)  # for root the system never says so
    with pytest.raises(InputError, match="Permission denied"):
        write_named("output", path, b"new")
    assert path.read_text() == "old"
