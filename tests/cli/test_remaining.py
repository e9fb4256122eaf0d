"""Time left: of all runs, and of what is prepared, by a clock of the test's own."""

import io

from rich.console import Console

from robench.cli.display import Display
from robench.cli.remaining import Remaining
from robench.progress import Progress, noting, preparing


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_the_estimate_counts_until_a_run_has_ended_then_what_was_done() -> None:
    clock = Clock()
    left = Remaining(clock)
    assert left.of_all() is None
    left.begin(4, 80.0)
    left.take(Progress("a", "a", "train", done=5, total=10))
    assert left.of_all() == 80.0 * (1 - 0.25 / 4)
    clock.seconds += 30
    left.take(Progress("a", "a", "finished"))
    assert left.of_all() == 30 * (4 - 1)
    left.take(Progress("b", "b", "evaluate", done=10, total=10))
    assert left.of_all() == 30 * (4 - 2) / 2


def test_what_is_prepared_has_a_time_from_the_second_message_on() -> None:
    clock = Clock()
    left = Remaining(clock)
    assert left.of_preparation(preparing("set", 100, 1000)) is None
    clock.seconds += 2
    assert left.of_preparation(preparing("set", 300, 1000)) == 7.0
    assert left.of_preparation(preparing("other", 5, 0)) is None


def test_skipped_runs_are_not_waited_for() -> None:
    text = io.StringIO()
    with Display(3, Console(file=text, width=200, color_system=None)) as display:
        display(Progress("a", "run a", "skipped", text="already finished"))
        display(noting("2 of 3 runs to do"))
        display(noting("", 50.0))
        display(Progress("b", "run b", "note", text="goes on after step 7 of 9"))
        display(Progress("b", "run b", "finished"))
        display(Progress("c", "run c", "finished"))
    assert text.getvalue().splitlines() == [
        "[1/3] run a skipped: already finished",
        "2 of 3 runs to do",
        "run b: goes on after step 7 of 9",
        "[2/3, about 0:00 left in all] run b finished",
        "[3/3] run c finished",
    ]
