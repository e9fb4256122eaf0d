"""Work in pieces, in this process or by a process a core, with bounded memory."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from robench.environment import cores
from robench.errors import RobenchError

PARALLEL_BYTES = 120_000_000
"""From so many bytes of images on, starting processes pays (about 2 seconds each)."""

Piece = TypeVar("Piece")
Task = Callable[[Any], int]
"""Does one piece and returns the number of images in it; goes to another process by pickle."""


def count(jobs: int | None, image_bytes: int) -> int:
    """Return how many processes to use for so many bytes of images; a daemon may not start any."""
    if multiprocessing.current_process().daemon:
        return 1
    return jobs or (cores() if image_bytes >= PARALLEL_BYTES else 1)


@contextmanager
def workers(processes: int, task: Task) -> Iterator[Callable[[Iterable[Any]], Iterator[int]]]:
    """Give the function that does pieces and yields what `task` returns for each, in any order.

    Raises RobenchError when a process is killed.
    """
    if processes == 1:
        yield lambda pieces: map(task, pieces)
        return
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _start, (task,))
    try:
        yield lambda pieces: _together(pool, iter(pieces), 4 * processes)
    except BrokenProcessPool:
        died = "a process that generates images died (no memory left?)"
        raise RobenchError(f"{died}; the same command continues") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _together(pool: ProcessPoolExecutor, pieces: Iterator[Any], ahead: int) -> Iterator[int]:
    running: set[Future[int]] = {pool.submit(_work, piece) for piece in islice(pieces, ahead)}
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        running |= {pool.submit(_work, piece) for piece in islice(pieces, len(done))}
        yield from (future.result() for future in done)


_task: Task


def _start(task: Task) -> None:
    """Prepare a process: one thread, Ctrl-C is the parent's business, and no life after the parent."""
    global _task
    import cv2

    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _task = task


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(piece: Any) -> int:
    return _task(piece)
