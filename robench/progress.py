"""What a run tells while it works; executors pass it on, the command line draws it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Progress:
    """One message about the run `id`. `done` and `total` count optimiser steps in "train", cells in "evaluate", and
    bytes or images in "prepare" (data; total 0 = not known).

    `loss` is the mean since the last message, `images_per_second` the speed of this run, `seconds_left` the
    estimate for this phase, of a "note" for all runs, `updates` the number of topology updates so far; `text` is a
    reason, or what a "note" says; `label` is empty where that is about no single run.
    """

    id: str
    label: str
    phase: Literal["note", "prepare", "train", "evaluate", "finished", "failed", "skipped"]
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


def silent(message: Progress) -> None:
    """Tell nothing."""


def noting(text: str, seconds_left: float | None = None) -> Progress:
    """Return the message that is about the study as a whole."""
    return Progress("", "", "note", text=text, seconds_left=seconds_left)


def preparing(what: str, done: int, total: int) -> Progress:
    """Return the message that `what` is being fetched, checked or made: `done` of `total` bytes or images."""
    return Progress(f"data {what}", what, "prepare", done=done, total=total)
