"""What a run tells while it works; executors pass it on, the command line draws it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Progress:
    """One message about the run `id`. `done` and `total` count optimiser steps in "train", cells in "evaluate", and
    bytes or images in "prepare" (data; total 0 = not known).

    `loss` is the mean since the last message, `images_per_second` the speed of this run, `seconds_left` the
    estimate for this phase, `updates` the number of topology updates so far; `text` is a reason.
    """

    id: str
    label: str
    phase: Literal["waiting", "prepare", "train", "evaluate", "finished", "failed", "skipped"]
    done: int = 0
    total: int = 0
    epoch: int = 0
    epochs: int = 0
    loss: float | None = None
    images_per_second: float | None = None
    seconds_left: float | None = None
    updates: int = 0
    text: str = ""


Report = Callable[[Progress], None]


Tick = Callable[[str, int, int], None]
"""Called as `tick(what, done, total)` with bytes or images; `total` is 0 where it is not known."""


def silent(what: str, done: int, total: int) -> None:
    """Tell nothing."""
