"""How long it will take: all runs of a study, and each thing that is prepared for them."""

import time
from collections.abc import Callable
from typing import final

from robench.progress import Progress

_TRAINING = 0.5
"""Share of a run that its training counts as; runs that have ended tell more than those at work."""


@final
class Remaining:
    """Takes messages and gives seconds: by the estimate until a run has ended, then by what has been done so far."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._parts: dict[str, float] = {}
        self._ended, self._runs, self._expected, self._began = 0, 0, 0.0, 0.0
        self._prepared: dict[str, tuple[float, int]] = {}

    def begin(self, runs: int, expected_seconds: float) -> None:
        """Begin with so many runs, which are expected to take so long."""
        self._runs, self._expected, self._began = runs, expected_seconds, self._now()

    def take(self, message: Progress) -> None:
        """Take note of how far a run is."""
        share = message.done / message.total if message.total else 0.0
        if message.phase == "train":
            self._parts[message.id] = _TRAINING * share
        elif message.phase == "evaluate":
            self._parts[message.id] = _TRAINING + (1 - _TRAINING) * share
        elif message.phase in ("finished", "failed") and self._runs:
            self._parts.pop(message.id, None)
            self._ended += 1

    def of_all(self) -> float | None:
        """Return the seconds until all runs have ended, None before they begin."""
        if not self._runs:
            return None
        done = min(1.0, (self._ended + sum(self._parts.values())) / self._runs)
        return (self._now() - self._began) * (1 / done - 1) if self._ended else self._expected * (1 - done)

    def of_preparation(self, message: Progress) -> float | None:
        """Return the seconds until something is fetched or made, None where its size or speed is not known yet."""
        began, first = self._prepared.setdefault(message.id, (self._now(), message.done))
        fresh = message.done - first
        if not message.total or fresh <= 0:
            return None
        return (self._now() - began) / fresh * (message.total - message.done)
