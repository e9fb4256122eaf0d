"""Signals that ask to stop: heeded where the work is safe, and handled as before afterwards."""

import pickle
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from robench.training import stopping
from robench.training.stopping import Stopped


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Give every signal its usual handler: a job in the background ignores Ctrl-C."""
    before = {number: signal.getsignal(number) for number in stopping.SIGNALS}
    for number in stopping.SIGNALS:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def patiently(*numbers: int, hurry: bool = True, check: Callable[[], object] = lambda: None) -> None:
    """Be sent signals in patient work, and then look at something."""
    with stopping.heeding(hurry=hurry), stopping.patient():
        for number in numbers:
            signal.raise_signal(number)
        check()


@pytest.mark.parametrize("number", stopping.SIGNALS)
def test_a_signal_waits_while_work_is_patient(number: int) -> None:
    seen: list[int | None] = []
    with pytest.raises(Stopped) as stop:
        patiently(number, check=lambda: seen.append(stopping.asked()))
    assert (seen, stop.value.exit_code) == ([number], 128 + number)
    assert stopping.asked() is None


def test_elsewhere_it_stops_at_once() -> None:
    with stopping.heeding(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("hurry", [True, False])
def test_the_second_stops_at_once_unless_there_is_no_hurry(hurry: bool) -> None:
    reached: list[None] = []
    with pytest.raises(Stopped):
        patiently(signal.SIGTERM, signal.SIGINT, hurry=hurry, check=lambda: reached.append(None))
    assert bool(reached) == (not hurry)


def test_handlers_are_put_back_and_one_of_the_user_is_called_at_the_end() -> None:
    calls: list[int] = []
    during: list[list[int]] = []
    signal.signal(signal.SIGTERM, lambda number, frame: calls.append(number))
    before = {number: signal.getsignal(number) for number in stopping.SIGNALS}
    with pytest.raises(Stopped):
        patiently(signal.SIGTERM, check=lambda: during.append([*calls]))
    assert (during, calls) == ([[]], [signal.SIGTERM])
    assert {number: signal.getsignal(number) for number in stopping.SIGNALS} == before


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    patiently(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def test_another_thread_takes_no_signals() -> None:
    before = [signal.getsignal(number) for number in stopping.SIGNALS]
    seen = []

    def work() -> None:
        with stopping.heeding():
            seen.extend(signal.getsignal(number) for number in stopping.SIGNALS)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == before


def test_it_says_where_and_survives_the_way_between_processes() -> None:
    stop = pickle.loads(pickle.dumps(Stopped(15, "after step 3 of 8 of a", "after step 1 of 8 of b")))
    assert str(stop) == "stopped after step 3 of 8 of a, after step 1 of 8 of b; the same command continues there"
    assert (stop.exit_code, str(Stopped(2))[:8]) == (143, "stopped;")
    assert stopping.placed(ended := KeyboardInterrupt(), "here") is ended
