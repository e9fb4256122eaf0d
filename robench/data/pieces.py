"""Corrupting images piece by piece into the rows of one file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np

from robench.contracts import Suite
from robench.data.clean import Clean
from robench.data.workers import count, workers

PIECE_BYTES = 4 << 20

Work = Callable[[Path, str], Iterator[int]]
"""Called with the file to fill and a corruption; yields the number of images of each finished piece."""


@dataclass(frozen=True)
class Piece:
    """Images `start` to `stop` under one corruption and severity; their rows in the file `target` begin at `row`."""

    target: Path
    corruption: str
    severity: int
    start: int
    stop: int
    row: int


@final
@dataclass(frozen=True)
class Filler:
    """Fills the rows of a piece. `pixels` is the .npy file of the clean images."""

    suite: Suite
    root: Path
    pixels: Path

    def __call__(self, piece: Piece) -> int:
        """Corrupt one piece; returns the number of its images."""
        from robench.corruption import corrupt

        images = piece.stop - piece.start
        rows = np.load(piece.target, mmap_mode="r+")
        pixels = np.load(self.pixels, mmap_mode="r")  # mapped anew, so that a process keeps no more than a piece of it
        rows[piece.row : piece.row + images] = corrupt(
            np.ascontiguousarray(pixels[piece.start : piece.stop]),
            piece.corruption,
            piece.severity,
            preset=self.suite.preset,
            seed=self.suite.corruption_seed,
            stream="counter",
            first_index=piece.start,
            data=self.root,
        )
        return images


def split(suite: Suite, target: Path, corruption: str, images: int, image_bytes: int) -> Iterator[Piece]:
    """Cut the work on one file into pieces of about 4 MiB, severity by severity."""
    step = max(1, PIECE_BYTES // image_bytes)
    for block, severity in enumerate(suite.severities):
        for start in range(0, images, step):
            yield Piece(target, corruption, severity, start, min(start + step, images), block * images + start)


@contextmanager
def filling(folder: Path, clean: Clean, files: int, jobs: int | None) -> Iterator[Work]:
    """Give the function that fills one of `files` files with every severity of a corruption.

    `jobs` processes do it, None means one a core where there is enough to do to pay for it.
    """
    pixels = folder / ".clean.npy.tmp"
    with pixels.open("wb") as file:
        np.save(file, clean.pixels)
    images, image_bytes = len(clean.pixels), clean.pixels[0].nbytes
    processes = count(jobs, files * len(clean.suite.severities) * images * image_bytes)
    try:
        with workers(processes, Filler(clean.suite, clean.root, pixels)) as work:
            yield lambda target, name: work(split(clean.suite, target, name, images, image_bytes))
    finally:
        pixels.unlink()
