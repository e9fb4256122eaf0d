"""Making corrupted sets: whole files or none, by one process at a time, continued after a kill."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import final

import numpy as np

from robench import atomic
from robench.contracts import Dataset, Suite
from robench.data.generation import cache
from robench.data.generation.workers import count, workers
from robench.download.disk import alone, require_space, writable
from robench.progress import Report, preparing


@dataclass(frozen=True)
class Clean:
    """The first test images, `pixels` uint8 (N, H, W, C) and `labels` int64 (N,), and what is done to them.

    `root` is the data root, where the files lie that some corruptions need.
    """

    suite: Suite
    dataset: Dataset
    root: Path
    pixels: np.ndarray
    labels: np.ndarray

    @property
    def stacked_shape(self) -> tuple[int, ...]:
        """Shape of one corruption's file: the severities one after another."""
        return (len(self.suite.severities) * len(self.pixels), *self.pixels.shape[1:])


PIECE_BYTES = 4 << 20

Work = Callable[[Path, str], Iterator[int]]
"""Called with the file to fill and a corruption; yields the number of images of each finished piece."""


@dataclass(frozen=True)
class RowsPiece:
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

    def __call__(self, piece: RowsPiece) -> int:
        """Corrupt one piece; returns the number of its images."""
        from robench.corruption.images import corrupt

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


def split(suite: Suite, target: Path, corruption: str, images: int, image_bytes: int) -> Iterator[RowsPiece]:
    """Cut the work on one file into pieces of about 4 MiB, severity by severity."""
    step = max(1, PIECE_BYTES // image_bytes)
    for block, severity in enumerate(suite.severities):
        for start in range(0, images, step):
            yield RowsPiece(target, corruption, severity, start, min(start + step, images), block * images + start)


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


def complete(folder: Path, clean: Clean, recipes: Mapping[str, str], report: Report, jobs: int | None = None) -> None:
    """Make the files of `recipes` (corruption -> recipe) that are not ready in `folder`, and the labels.

    `report` counts images. Of two processes one makes the files and the other waits for them; after a kill,
    finished files stay. Raises DataError where the disk has no room or cannot be written.
    """
    if not _missing(folder, recipes):
        return
    with writable(folder), alone(folder / ".lock", report):
        for leftover in folder.glob(".*.tmp"):
            leftover.unlink()
        names = _missing(folder, recipes)
        require_space(folder, clean.suite.name, len(names) * prod(clean.stacked_shape))
        _write_labels(folder, clean)
        done, total = 0, len(names) * clean.stacked_shape[0]
        with filling(folder, clean, len(names), jobs) as work:
            for name in names:
                for count in _make(folder, clean, name, work):
                    done += count
                    report(preparing(clean.suite.name, done, total))
                cache.add(folder, name, recipes[name])


def _missing(folder: Path, recipes: Mapping[str, str]) -> list[str]:
    return [name for name, recipe in recipes.items() if not cache.ready(folder, name, recipe)]


def _make(folder: Path, clean: Clean, name: str, work: Work) -> Iterator[int]:
    """Write one file; yields the number of images of each finished piece."""
    with atomic.replacing(folder / f"{name}.npy") as temporary:
        np.lib.format.open_memmap(temporary, mode="w+", dtype=np.uint8, shape=clean.stacked_shape).flush()
        yield from work(temporary, name)


def _write_labels(folder: Path, clean: Clean) -> None:
    recipe = clean.dataset.digest
    if cache.ready(folder, cache.LABELS, recipe):
        return
    small = np.uint8 if len(clean.dataset.label_names) <= 256 else np.int64
    with atomic.replacing(folder / f"{cache.LABELS}.npy") as temporary, temporary.open("wb") as file:
        np.save(file, np.tile(clean.labels, len(clean.suite.severities)).astype(small))
    cache.add(folder, cache.LABELS, recipe)
