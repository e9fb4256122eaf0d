"""Runs on this machine: one after the other in this process, or `jobs` at a time in processes of their own."""

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from robench.errors import StoreError
from robench.execution.settings import Settings
from robench.execution.worker import run_one
from robench.progress import Progress, Report
from robench.runs.spec import RunSpec
from robench.training import stopping
from robench.training.stopping import Stopped

_RETRY_SECONDS = 2.0
_LOOK_SECONDS = 0.2
"""A signal is looked for so often while no process has anything to say."""


def run(specs: Sequence[RunSpec], settings: Settings, report: Report, *, jobs: int = 1) -> None:
    """Carry out every run; return when each is finished, failed or skipped.

    A run that another process works on is put off to the end and then waited for. With `jobs` > 1 a process that dies
    (out of memory, killed) costs its run alone. Runs that fail are in the store; this raises nothing for them.
    A run starts when the one that it follows has ended. Raises Stopped where a signal asked to stop, when the runs at
    work, also those in other processes, have saved what they have.
    """
    for phase in phases(specs):
        if min(jobs, len(phase)) == 1:
            _serial(phase, settings, report)
        else:
            _parallel(phase, settings, report, min(jobs, len(phase)))


def phases(specs: Sequence[RunSpec]) -> list[list[RunSpec]]:
    """Split runs so that each stands in a later part than the one it follows; order within a part is kept."""
    known = {spec.id: spec for spec in specs}
    parts: dict[int, list[RunSpec]] = {}
    for spec in specs:
        depth, above = 0, spec
        while above.follows in known:
            depth, above = depth + 1, known[above.follows]
        parts.setdefault(depth, []).append(spec)
    return [parts[depth] for depth in sorted(parts)]


def _serial(specs: Sequence[RunSpec], settings: Settings, report: Report) -> None:
    queue = deque(specs)
    put_off: set[str] = set()
    while queue:
        stopping.check()
        spec = queue.popleft()
        if spec.id in put_off:
            time.sleep(_RETRY_SECONDS)
        outcome = _tell(spec, _safely(spec, settings, report), report)
        if outcome == "busy":
            put_off.add(spec.id)
            queue.append(spec)


def _safely(spec: RunSpec, settings: Settings, report: Report) -> str:
    """Do one run; a damaged run folder is that run's failure, not the end of the others."""
    try:
        return run_one(spec, settings, report)
    except StoreError as error:
        report(Progress(spec.id, spec.label, "failed", text=str(error)))
        return "failed"


def _tell(spec: RunSpec, outcome: str, report: Report) -> str:
    if outcome == "skipped":
        report(Progress(spec.id, spec.label, "skipped", text="already finished"))
    if outcome == "busy":
        report(Progress(spec.id, spec.label, "note", text="another process works on it"))
    return outcome


def _parallel(specs: Sequence[RunSpec], settings: Settings, report: Report, jobs: int) -> None:
    context = multiprocessing.get_context("spawn")
    queue = deque(specs)
    put_off: set[str] = set()
    crew = [_Hand(context, settings) for _ in range(jobs)]
    try:
        with stopping.patient():  # a message that is half read would be lost
            while queue or any(hand.spec for hand in crew):
                for hand in crew:
                    if not hand.spec and queue:
                        spec = queue.popleft()
                        hand.give(spec, pause=_RETRY_SECONDS if spec.id in put_off else 0.0)
                busy = {hand.pipe: hand for hand in crew if hand.spec}
                for pipe in wait(list(busy), timeout=_LOOK_SECONDS):
                    hand = busy[pipe]
                    given, message = hand.spec, hand.receive()
                    if isinstance(message, Progress):
                        report(message)
                    elif given and _tell(given, message, report) == "busy":
                        put_off.add(given.id)
                        queue.append(given)
                if (signum := stopping.asked()) is not None:
                    raise Stopped(signum, *_wound_up(crew, report))
    finally:
        for hand in crew:
            hand.dismiss()


def _wound_up(crew: "list[_Hand]", report: Report) -> list[str]:
    """Have every process save what it is doing and end; return where they stopped."""
    for hand in crew:
        hand.stop()
    return [place for hand in crew for place in hand.last_words(report)]


class _Hand:
    """One worker process and what it is working on."""

    def __init__(self, context: Any, settings: Settings) -> None:
        self._context, self._settings = context, settings
        self.spec: RunSpec | None = None
        self.places: tuple[str, ...] = ()
        self._hire()

    def _hire(self) -> None:
        self.pipe, other = self._context.Pipe()
        self._process = self._context.Process(target=_work, args=(other, self._settings), daemon=True)
        self._process.start()
        other.close()

    def give(self, spec: RunSpec, pause: float) -> None:
        self.spec = spec
        self.pipe.send((spec, pause))

    def receive(self) -> Progress | str:
        """Return a message, or the outcome of the run; a process that has ended is replaced and its run failed."""
        try:
            message: Progress | Stopped | str = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            return self._replaced("its process died")
        if isinstance(message, Stopped):
            if stopping.asked() is None:
                return self._replaced(str(message))
            self.places, self.spec = message.places, None
            return "stopped"
        if not isinstance(message, Progress):
            self.spec = None
        return message

    def _replaced(self, reason: str) -> Progress:
        self._process.join()
        code, spec = self._process.exitcode, self.spec
        self._hire()
        self.spec = None
        assert spec is not None
        return Progress(spec.id, spec.label, "failed", text=f"{reason} (exit code {code})")

    def stop(self) -> None:
        """Ask the process to save and to end."""
        self._process.terminate()

    def last_words(self, report: Report) -> tuple[str, ...]:
        """Wait for the end of what the process was doing; return where it stopped."""
        while self.spec:
            try:
                message = self.pipe.recv()
            except (EOFError, ConnectionResetError):
                break
            if isinstance(message, Progress):
                report(message)
            else:
                self.spec = None
            if isinstance(message, Stopped):
                self.places = message.places
        return self.places

    def dismiss(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _work(pipe: Connection, settings: Settings) -> None:
    """Serve runs until the parent goes away; then stop at once, the last checkpoint is what counts.

    A Ctrl-C reaches all processes of a terminal, but the parent alone heeds it and asks the others to stop.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def report(message: Progress | Stopped | str) -> None:
        try:
            pipe.send(message)
        except (BrokenPipeError, ConnectionResetError):
            os._exit(1)

    with stopping.heeding(hurry=False):
        try:
            while True:
                spec, pause = pipe.recv()
                time.sleep(pause)
                report(_safely(spec, settings, report))
        except Stopped as stop:
            report(stop)
        except (EOFError, ConnectionResetError):
            pass
        os._exit(0)
