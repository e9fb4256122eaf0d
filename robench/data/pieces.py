"""Corrupting images piece by piece, in this process or by all cores with bounded memory."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robench.contracts import Suite
from robench.data.clean import Clean
from robench.device import cores
from robench.errors import RobenchError

PIECE_BYTES = 4 << 20
PARALLEL_IMAGES = 40_000
"""From so many images on, starting processes pays (about 2 seconds each)."""

Work = Callable[[Path, str], Iterator[int]]
"""Called with the file to fill and a corruption; yields the number of images of each finished piece."""


@dataclass(frozen=True)
class Piece:
    """Images `start` to `stop` under one corruption and severity; their rows in the file begin at `row`."""

    corruption: str
    severity: int
    start: int
    stop: int
    row: int


def split(suite: Suite, corruption: str, images: int, image_bytes: int) -> list[Piece]:
    """Cut the work on one file into pieces of about 4 MiB, severity by severity."""
    step = max(1, PIECE_BYTES // image_bytes)
    return [
        Piece(corruption, severity, start, min(start + step, images), block * images + start)
        for block, severity in enumerate(suite.severities)
        for start in range(0, images, step)
    ]


@contextmanager
def workers(folder: Path, clean: Clean, total: int, jobs: int | None) -> Iterator[Work]:
    """Give the function that fills one file with every severity of a corruption.

    `jobs` processes do it, None means one a core where `total` images are enough to pay for it. Raises
    RobenchError when one of them is killed.
    """
    count = jobs or (cores() if total >= PARALLEL_IMAGES else 1)
    if count == 1 or multiprocessing.current_process().daemon:
        yield lambda target, name: _one_by_one(clean, target, name)
        return
    pixels = folder / ".clean.npy.tmp"
    with pixels.open("wb") as file:
        np.save(file, clean.pixels)
    job = (clean.suite, clean.root, pixels)
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _start_worker, job)
    try:
        yield lambda target, name: _together(pool, clean, target, name)
    except BrokenProcessPool:
        died = "a process that generates images died (no memory left?)"
        raise RobenchError(f"{died}; the same command continues") from None
    finally:
        pool.shutdown(cancel_futures=True)
        pixels.unlink()


def _pieces(clean: Clean, name: str) -> list[Piece]:
    return split(clean.suite, name, len(clean.pixels), clean.pixels[0].nbytes)


def _one_by_one(clean: Clean, target: Path, name: str) -> Iterator[int]:
    for piece in _pieces(clean, name):
        yield _fill(clean.suite, clean.root, clean.pixels, target, piece)


def _together(pool: ProcessPoolExecutor, clean: Clean, target: Path, name: str) -> Iterator[int]:
    tasks = [pool.submit(_fill_in_worker, target, piece) for piece in _pieces(clean, name)]
    for task in as_completed(tasks):
        yield task.result()


def _fill(suite: Suite, root: Path, pixels: np.ndarray, target: Path, piece: Piece) -> int:
    from robench.corruption import corrupt

    count = piece.stop - piece.start
    rows = np.load(target, mmap_mode="r+")
    rows[piece.row : piece.row + count] = corrupt(
        np.ascontiguousarray(pixels[piece.start : piece.stop]),
        piece.corruption,
        piece.severity,
        preset=suite.preset,
        seed=suite.corruption_seed,
        stream="counter",
        first_index=piece.start,
        data=root,
    )
    return count


_job: tuple[Suite, Path, np.ndarray]


def _start_worker(suite: Suite, root: Path, pixels: Path) -> None:
    """Prepare a process: one thread, Ctrl-C is the parent's business, and no life after the parent."""
    global _job
    import cv2

    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _job = suite, root, np.load(pixels, mmap_mode="r")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _fill_in_worker(target: Path, piece: Piece) -> int:
    return _fill(*_job, target, piece)
