"""Images batch by batch, decoded ahead by threads where they are files."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from robench.data.pictures import Pictures
from robench.environment import cores

Given = TypeVar("Given")
Made = TypeVar("Made")

Images = np.ndarray | Pictures
"""uint8 (N, H, W, C) in memory or in a file, or image files."""


def batches(images: Images, size: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the places and the pixels, uint8 (size or fewer, H, W, C), of one batch after another.

    Of image files at most three batches are in memory at a time.
    """
    places = [slice(start, min(start + size, len(images))) for start in range(0, len(images), size)]
    if isinstance(images, np.ndarray):
        yield from ((place, images[place]) for place in places)
        return
    decoded = in_order(images.decode, range(len(images)), ahead=2 * size)
    for place in places:
        yield place, np.stack([next(decoded) for _ in range(place.stop - place.start)])


def in_order(function: Callable[[Given], Made], given: Iterable[Given], *, ahead: int) -> Iterator[Made]:
    """Yield `function` of each of `given`, in order, worked on by a thread a core, at most `ahead` in advance.

    Decoding and resizing by Pillow run beside each other: they do not hold Python's lock.
    """
    waiting: deque[Future[Made]] = deque()
    pool = ThreadPoolExecutor(cores(), thread_name_prefix="robench-decode")
    try:
        for one in given:
            waiting.append(pool.submit(function, one))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
