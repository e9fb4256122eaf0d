"""Files that come from outside, with what proves that they are the right ones."""

from dataclasses import dataclass

IMAGE_SUFFIXES = (".jpeg", ".jpg", ".png")
"""Endings, in lower case, of the files that count as images."""


@dataclass(frozen=True)
class File:
    """A file below the data root: `path` is relative and POSIX; `digest` is `"md5:<hex>"` or `"sha256:<hex>"`.

    `size` in bytes, None where it is not published.
    """

    path: str
    digest: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Tree:
    """A folder of many files below the data root: `path` is relative and POSIX.

    Law: it counts as present when at least `files` files lie in it, at any depth; `bytes` is about what they take.
    """

    path: str
    files: int
    bytes: int | None = None


@dataclass(frozen=True)
class Download:
    """One file on the network and what it becomes below the data root.

    Law: a download counts as present when every one of `members` (of `file` itself where there are neither members nor
    `trees`) lies below the data root with the right digest, and every one of `trees` is there; the archive need not
    be kept. `mirrors` are tried in order. An archive (.tar, .tar.gz, .tgz, .zip) is unpacked when it has members or
    trees: what lies in it below a folder with the last name of a tree goes to that tree.
    """

    file: File
    mirrors: tuple[str, ...]
    members: tuple[File, ...] = ()
    trees: tuple[Tree, ...] = ()
