"""Files that come from outside, with what proves that they are the right ones."""

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file below the data root: `path` is relative and POSIX; `digest` is `"md5:<hex>"` or `"sha256:<hex>"`.

    `size` in bytes, None where it is not published.
    """

    path: str
    digest: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Download:
    """One file on the network and what it becomes below the data root.

    Law: a download counts as present when every one of `members` (of `file` itself where there are none) lies
    below the data root with the right digest; the archive need not be kept. `mirrors` are tried in order.
    An archive (.tar, .tar.gz, .tgz, .zip) is unpacked when it has members.
    """

    file: File
    mirrors: tuple[str, ...]
    members: tuple[File, ...] = ()
