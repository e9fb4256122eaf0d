"""Stop means save: a signal that asks a study to stop is heeded where its work is safe."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import final

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1") if hasattr(signal, name))
"""Ctrl-C, the end of a job, a terminal that is closed, and what schedulers are told to send before they take a job."""


@final
class Stopped(KeyboardInterrupt):
    """A signal has asked to stop, and what can be kept is saved. `places` say where, one text a run.

    Example:
        >>> str(Stopped(15, "after step 812 of 4000 of digits-c mlp dense seed 0"))
        'stopped after step 812 of 4000 of digits-c mlp dense seed 0; the same command continues there'
    """

    def __init__(self, signum: int, *places: str) -> None:
        super().__init__(signum, *places)
        self.signum, self.places = signum, places

    def __str__(self) -> str:
        if not self.places:
            return "stopped; finished runs and saved work are kept, the same command goes on with them"
        return f"stopped {', '.join(self.places)}; the same command continues there"

    @property
    def exit_code(self) -> int:
        """128 + the signal's number, as shells say it: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self.signum


@final
class _State:
    asked: int | None = None
    patient = False
    hurry = True


_state = _State()


@contextmanager
def heeding(*, hurry: bool = True) -> Iterator[None]:
    """Take the signals that ask to stop; afterwards they are handled as before.

    A signal raises Stopped, at once or, inside `patient`, where the work asks for it; with `hurry` the second one does
    so at once. Signals that are ignored stay ignored. A handler that the caller has set is called at the end. Outside
    the main thread, where Python allows no handlers, nothing is taken.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.getsignal(number) for number in SIGNALS}
    former = {number: handler for number, handler in former.items() if handler not in (signal.SIG_IGN, None)}
    _state.asked, _state.hurry = None, hurry
    for number in former:
        signal.signal(number, _ask)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        asked, _state.asked = _state.asked, None
        if asked is not None and former[asked] not in (signal.SIG_DFL, signal.default_int_handler):
            signal.raise_signal(asked)


@contextmanager
def patient() -> Iterator[None]:
    """Let a signal wait inside: the work looks for it with `asked`. One that came is raised at the end."""
    before, _state.patient = _state.patient, True
    try:
        yield
    finally:
        _state.patient = before
    if not before:
        check()


def asked() -> int | None:
    """Return the number of the signal that has asked to stop, None where none has."""
    return _state.asked


def check() -> None:
    """Raise Stopped where a signal has asked for it."""
    if _state.asked is not None:
        raise Stopped(_state.asked)


def placed(error: KeyboardInterrupt, place: str) -> KeyboardInterrupt:
    """Return the error to raise on, which says where it stopped; a KeyboardInterrupt of others stays as it is."""
    return Stopped(error.signum, place) if isinstance(error, Stopped) else error


def _ask(number: int, frame: FrameType | None) -> None:
    again, _state.asked = _state.asked is not None, number
    if _state.hurry if again else not _state.patient:
        raise Stopped(number)
