"""Archives: only the wanted files come out, and none when the archive holds anything unsafe."""

import stat
import tarfile
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from robench.errors import FOREIGN, DataError, RobenchError, first_line
from robench.progress import Report, preparing, silent

REPORT_MEMBERS = 25_000


def unpack(
    archive: Path, folder: Path, wanted: Collection[str], trees: Collection[str] = (), report: Report = silent
) -> None:
    """Write the members named in `wanted` (POSIX paths) of a .tar, .tar.gz, .tgz or .zip below `folder`.

    What lies in the archive below a folder with the last name of one of `trees` goes to that tree: `noise/fog/1/a` to
    `SET/fog/1/a` for the tree `SET/fog`. Raises DataError for an archive that is broken, lacks a wanted member, or has
    a member with an absolute path, with "..", or that is a link or device; the caller throws `folder` away then. Raises
    OSError where `folder` cannot be written.
    """
    members = _zipped if archive.name.endswith(".zip") else _tarred
    places = {PurePosixPath(tree).name: tree for tree in trees}
    found = set()
    try:
        for done, (name, content) in enumerate(members(archive)):
            path = _safe(archive, name)
            place = path if path in wanted else _in_tree(path, places)
            if place is not None and content is not None:
                found.add(path)
                _write(content, folder / place)
            if done % REPORT_MEMBERS == 0:
                report(preparing(f"unpacking {archive.name}: {done:,} files", 0, 0))
    except RobenchError:
        raise
    except _DiskError as error:
        raise error.reason from None
    except FOREIGN as error:  # what the readers of archives raise where bytes are wrong is not written down anywhere
        raise DataError(f"{archive.name}: broken archive ({first_line(error)})") from None
    if absent := sorted(set(wanted) - found):
        raise DataError(f"{archive.name}: the archive does not hold {', '.join(absent)}")


def _in_tree(path: str, places: Mapping[str, str]) -> str | None:
    """Return where a member belongs whose path leads through a tree."""
    parts = PurePosixPath(path).parts
    depth = next((depth for depth, part in enumerate(parts[:-1]) if part in places), None)
    return None if depth is None else "/".join((places[parts[depth]], *parts[depth + 1 :]))


class _DiskError(Exception):
    """It was not the archive: a file could not be written."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(str(reason))
        self.reason = reason


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _DiskError(error) from None


def _write(content: IO[bytes], target: Path) -> None:
    with _writing():
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.open("wb")
    with file:
        while block := content.read(1 << 20):
            with _writing():
                file.write(block)


def _tarred(archive: Path) -> Iterator[tuple[str, IO[bytes] | None]]:
    """Yield name and content of each member; the content of a folder is None."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if not (member.isfile() or member.isdir()):
                raise _link(archive, member.name)
            yield member.name, tar.extractfile(member)


def _zipped(archive: Path) -> Iterator[tuple[str, IO[bytes] | None]]:
    with zipfile.ZipFile(archive) as bundle:
        for member in bundle.infolist():
            if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _link(archive, member.filename)
            if member.is_dir():
                yield member.filename, None
                continue
            with bundle.open(member) as content:
                yield member.filename, content


def _link(archive: Path, name: str) -> DataError:
    return DataError(f"{archive.name}: {name!r} is a link or device, nothing was unpacked")


def _safe(archive: Path, name: str) -> str:
    """Return the normal form of a member's path; raises DataError where it could leave the folder."""
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    if posix.is_absolute() or windows.root or windows.drive or ".." in windows.parts:
        raise DataError(f"{archive.name}: {name!r} leads out of the folder, nothing was unpacked")
    return str(posix)
