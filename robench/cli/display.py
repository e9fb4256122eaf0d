"""Progress of a study on stderr: live bars on a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from robench.progress import Progress

_PLAIN_SECONDS = 10.0
_FINAL = ("finished", "failed", "skipped")


class Display:
    """A context that takes `Progress` messages of any number of runs at once."""

    def __init__(self, total: int, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._total = total
        self._done = 0
        self._live = self._console.is_terminal
        self._tasks: dict[str, TaskID] = {}
        self._printed: dict[str, float] = {}
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=12),
            MofNCompleteColumn(),
            TextColumn("{task.fields[detail]}", markup=False, style="dim"),
            console=self._console,
            disable=not self._live,
        )
        self._runs = self._bars.add_task("runs", total=total, detail="")

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def __call__(self, message: Progress) -> None:
        """Show one message."""
        if message.phase in _FINAL:
            self._finish(message)
        elif message.phase == "waiting":
            self._print(f"{message.label}: {message.text}")
        elif self._live:
            self._move(message)
        elif time.monotonic() - self._printed.get(message.id, -_PLAIN_SECONDS) >= _PLAIN_SECONDS:
            self._printed[message.id] = time.monotonic()
            self._print(f"{message.label}: {message.phase} {message.done}/{message.total} {detail(message)}")

    def _finish(self, message: Progress) -> None:
        self._done += 1
        if message.id in self._tasks:
            self._bars.remove_task(self._tasks.pop(message.id))
        self._bars.update(self._runs, completed=self._done)
        reason = f": {message.text}" if message.text else ""
        self._print(f"[{self._done}/{self._total}] {message.label} {message.phase}{reason}")

    def _move(self, message: Progress) -> None:
        if message.id not in self._tasks:
            self._tasks[message.id] = self._bars.add_task(message.label, detail="")
        if message.phase == "prepare" and message.done == message.total:
            self._bars.remove_task(self._tasks.pop(message.id))
            return
        self._bars.update(
            self._tasks[message.id],
            description=f"{message.label} {message.phase}",
            completed=message.done,
            total=message.total or None,
            detail=detail(message),
        )

    def _print(self, line: str) -> None:
        self._console.print(escape(line), highlight=False, soft_wrap=True)


def detail(message: Progress) -> str:
    """Return what is known beside the count: time left, epoch, loss, speed, topology updates; most wanted first."""
    parts = []
    if message.seconds_left is not None:
        parts.append(f"{_clock(message.seconds_left)} left")
    if message.epochs:
        parts.append(f"epoch {message.epoch}/{message.epochs}")
    if message.loss is not None:
        parts.append(f"loss {message.loss:.3f}")
    if message.images_per_second is not None:
        parts.append(f"{message.images_per_second:,.0f} images/s")
    if message.updates:
        parts.append(f"{message.updates} updates")
    return ", ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
