"""Progress of runs, and of fetching and making data, on stderr: live bars on a terminal, plain lines elsewhere."""

import re
import time
from dataclasses import replace
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TaskID, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bars
from rich.table import Column

from robench.cli.remaining import Remaining
from robench.progress import Progress

_PLAIN_SECONDS = 10.0
_WIDE = 100
_OUTSIDE_BRACKETS = re.compile(r" (?![^()]*\))")
_FINAL = ("finished", "failed", "skipped")


class Display:
    """A context that takes `Progress` messages of any number of runs at once; `total` runs are to be ended."""

    def __init__(self, total: int = 0, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._total = total
        self._done = 0
        self._live = self._console.is_terminal
        self._tasks: dict[str, TaskID] = {}
        self._printed: dict[str, float] = {}
        self._remaining = Remaining()
        self._wide = self._console.width >= _WIDE
        self._bars = Bars(*_columns(self._wide), console=self._console, expand=True, disable=not self._live)
        self._runs = self._bars.add_task("runs", total=total, detail="", visible=total > 0)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def __call__(self, message: Progress) -> None:
        """Show one message."""
        self._remaining.take(message)
        if message.phase == "prepare":
            message = replace(message, seconds_left=self._remaining.of_preparation(message))
        if message.phase in _FINAL:
            self._finish(message)
        elif message.phase == "note":
            self._note(message)
        elif self._live:
            self._move(message)
        elif message.phase == "prepare":
            self._tell_tenths(message)
        elif time.monotonic() - self._printed.get(message.id, -_PLAIN_SECONDS) >= _PLAIN_SECONDS:
            self._printed[message.id] = time.monotonic()
            self._print(f"{message.label}: {message.phase} {message.done}/{message.total} {detail(message)}".rstrip())

    def _note(self, message: Progress) -> None:
        """Print what a message says; one about all runs may tell that they begin and how long they are expected."""
        if message.text:
            self._print(f"{message.label}: {message.text}" if message.label else message.text)
        if message.seconds_left is not None:
            self._remaining.begin(self._total - self._done, message.seconds_left)

    def _tell_tenths(self, message: Progress) -> None:
        """Print each tenth of what is fetched or made once, or that it began where its size is not known."""
        tenth = 10 * message.done // message.total if message.total else 0
        if tenth > self._printed.get(message.id, -1):
            self._printed[message.id] = tenth
            left = detail(message) if tenth < 10 else ""
            share = f"{message.label}: {10 * tenth} %{f', {left}' if left else ''}"
            self._print(share if message.total else message.label)

    def _finish(self, message: Progress) -> None:
        self._done += 1
        if message.id in self._tasks:
            self._bars.remove_task(self._tasks.pop(message.id))
        self._bars.update(self._runs, completed=self._done, detail=self._left())
        reason = f": {message.text}" if message.text else ""
        left = f", {self._left()}" if self._left() and self._done < self._total and not self._live else ""
        self._print(f"[{self._done}/{self._total}{left}] {message.label} {message.phase}{reason}")

    def _left(self) -> str:
        """Return about how long all runs will take, empty where that is not known."""
        seconds = self._remaining.of_all()
        return "" if seconds is None else f"about {_clock(seconds)} left in all"

    def _move(self, message: Progress) -> None:
        if message.id not in self._tasks:
            self._tasks[message.id] = self._bars.add_task(self._name(message), detail="")
        if message.phase == "prepare" and message.done == message.total > 0:
            self._bars.remove_task(self._tasks.pop(message.id))
            return
        self._bars.update(
            self._tasks[message.id],
            description=f"{self._name(message)} {message.phase}",
            completed=message.done,
            total=message.total or None,
            detail=detail(message),
        )
        self._bars.update(self._runs, detail=self._left())

    def _name(self, message: Progress) -> str:
        """Return the label; on a narrow terminal what tells runs apart: method, sparsity and seed."""
        words = _OUTSIDE_BRACKETS.split(message.label)
        return message.label if self._wide or len(words) < 4 else " ".join(words[2:])

    def _print(self, line: str) -> None:
        self._console.print(escape(line), highlight=False, soft_wrap=True)


def _columns(wide: bool) -> list[ProgressColumn]:
    fixed = Column(no_wrap=True)
    name = TextColumn("{task.description}", markup=False, table_column=fixed)
    rest = TextColumn("{task.fields[detail]}", markup=False, style="dim", table_column=Column(no_wrap=True, ratio=1))
    if not wide:
        return [name, TaskProgressColumn(table_column=fixed), rest]
    return [name, BarColumn(bar_width=12, table_column=fixed), MofNCompleteColumn(table_column=fixed), rest]


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
        parts.append(f"topology updates {message.updates}")
    return ", ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
