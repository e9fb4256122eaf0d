"""Digests of what images hold: looked at, not declared.

The digest of a split covers the class, name and bytes of every image, or, of images in memory, all pixels and labels.
Files are read once; while name, size, time of change and inode of all of them stay as they were, the digest is
remembered, so what keeps all four of these is not noticed.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from robench import atomic
from robench.contracts import Dataset
from robench.data.image_files import in_order
from robench.download.outside import reading
from robench.download.roots import cache
from robench.errors import DataError
from robench.progress import Report, preparing, silent

PREFIX = "content-sha256:"
"""A dataset whose `digest` begins so is compared with its images before every study."""
SAMPLE = 1000
"""So many training images, spread evenly, stand for those of sets that declare a digest of another kind."""

Named = Sequence[tuple[str, Path]]
"""`<class>/<image>` and the file of each image."""


def digest(splits: dict[str, str]) -> str:
    """Return the digest of a dataset from those of its splits, in the form that `Dataset.digest` takes."""
    lines = "".join(f"{split} {found}\n" for split, found in sorted(splits.items()))
    return f"{PREFIX}{hashlib.sha256(lines.encode()).hexdigest()}"


def of_files(files: Named, what: str = "images", report: Report = silent) -> str:
    """Return the digest of a split as 64 hexadecimal digits; `report` counts images; DataError for an unreadable one.

    Order does not count, nor where the folders of the classes lie.
    """
    state = _state(files)
    stamp = cache() / "content" / f"{state[:32]}.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        return str(json.loads(stamp.read_text(encoding="utf-8"))[state])
    found = hashlib.sha256(b"".join(sorted(_lines(files, what, report)))).hexdigest()
    with contextlib.suppress(OSError):
        stamp.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(stamp, json.dumps({state: found}))
    return found


def of_arrays(images: np.ndarray, labels: np.ndarray) -> str:
    """Return the digest of a split that is held in memory."""
    found = hashlib.sha256(f"{images.dtype} {images.shape} {labels.dtype}".encode())
    found.update(np.ascontiguousarray(images).data)
    found.update(np.ascontiguousarray(labels).data)
    return found.hexdigest()


def named(dataset: Dataset, root: Path, names: Sequence[str], labels: np.ndarray) -> Named:
    """Return the files of a split as they are hashed."""
    classes = dataset.label_names
    return [
        (f"{classes[label]}/{PurePosixPath(name).name}", root / name) for name, label in zip(names, labels, strict=True)
    ]


def evenly(files: Named, most: int = SAMPLE) -> Named:
    """Return at most so many files, spread evenly."""
    places = np.linspace(0, len(files) - 1, min(most, len(files))).astype(int)
    return [files[place] for place in places]


def _state(files: Named) -> str:
    """Hash where the files lie and what the file system says of each."""
    found = hashlib.sha256()
    for name, path in files:
        with reading(path, "file"):
            status = os.stat(path)
        line = (name, str(path.absolute()), status.st_size, status.st_mtime_ns, status.st_ino)
        found.update(os.fsencode("\0".join(map(str, line))) + b"\n")
    return found.hexdigest()


def _lines(files: Named, what: str, report: Report) -> Iterator[bytes]:
    digests = in_order(_sha256, [path for _, path in files], ahead=64)
    for done, ((name, _), found) in enumerate(zip(files, digests, strict=True), start=1):
        if done % 500 == 0 or done == len(files):
            report(preparing(f"looking at {what}", done, len(files)))
        yield os.fsencode(f"{name}\0{found}\n")


def _sha256(path: Path) -> str:
    with reading(path, "file"):
        return atomic.sha256(path)


def require_declared(dataset: Dataset, found: str) -> None:
    """Raise DataError where a dataset declares another digest of its content than was found."""
    if dataset.digest.startswith(PREFIX) and dataset.digest != found:
        raise DataError(
            f"{dataset.name}: its images are not those of its digest: {found} was found, {dataset.digest} is declared; "
            f"put the files back, or give the changed set the new digest (`robench data digest {dataset.name}`)"
        )
