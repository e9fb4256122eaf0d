"""Files that come from outside, with what proves that they are the right ones."""

from dataclasses import dataclass

IMAGE_SUFFIXES = (".jpeg", ".jpg", ".png")
"""Endings, in lower case, of the files that count as images."""


def is_image(name: str) -> bool:
    """Say whether a file of this name counts as an image; hidden ones, as `._a.png`, do not.

    Example:
        >>> is_image("a.JPEG"), is_image("n1_boxes.txt"), is_image("._a.png")
        (True, False, False)
    """
    return name.lower().endswith(IMAGE_SUFFIXES) and name[0] != "."


@dataclass(frozen=True)
class File:
    """A file below the data root.

    Attributes:
        path: Relative and POSIX.
        digest: "md5:<hex>" or "sha256:<hex>", None where it is not published.
        size: In bytes, None where it is not published.
    """

    path: str
    digest: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Tree:
    """A folder of many images below the data root.

    Law: it counts as present when at least `files` image files lie in it, at any depth; other files are not counted.

    Attributes:
        path: Relative and POSIX.
        files: How many images at least.
        bytes: About what they take.
    """

    path: str
    files: int
    bytes: int | None = None


@dataclass(frozen=True)
class Download:
    """One file on the network and what it becomes below the data root.

    Law: a download counts as present when every one of `members` (of `file` itself where there are neither members nor
    `trees`) lies below the data root with the right digest, and every one of `trees` is there; the archive need not
    be kept. An archive (.tar, .tar.gz, .tgz, .zip) is unpacked when it has members or trees: what lies in it below a
    folder with the last name of a tree goes to that tree.

    Attributes:
        file: The file itself.
        mirrors: Addresses, tried in order.
        members: Files of the archive.
        trees: Folders of the archive.

    Example:
        >>> archive = File("set.tar", "md5:d41d8cd98f00b204e9800998ecf8427e", size=0)
        >>> Download(archive, ("https://example.org/set.tar",), trees=(Tree("sets/fog", files=50),)).trees[0].path
        'sets/fog'
    """

    file: File
    mirrors: tuple[str, ...]
    members: tuple[File, ...] = ()
    trees: tuple[Tree, ...] = ()
