import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "calibration.py"


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(SCRIPT))


@pytest.mark.parametrize(
    ("rate", "expected"), [(0.034, "conservative"), (0.035, "held"), (0.065, "held"), (0.066, "too liberal")]
)
def test_held_is_within_a_point_and_a_half(script, rate, expected):
    assert script["verdict"](rate) == expected


def test_prints_every_rate_and_fails_on_a_test_over_cells(script, capsys):
    script["show"](3, 20)
    printed = capsys.readouterr().out
    assert all(label in printed for label in [*script["HELD"], *script["SHOWN"]])
    assert printed.count("Games-Howell") == 4  # three rows: the ranking uses it for every k
    script["HELD"]["t-test over cells"] = "cells"
    assert not script["show"](3, 20)
