"""Values from outside: one value for what is equal, and no truth value for a number."""

import math
from typing import Any

import numpy as np
import pytest

from robench.errors import InputError
from robench.schema import Frozen, checked, real, whole


class Values(Frozen):
    share: float = 0.5
    shares: tuple[float, ...] = ()
    count: int = 1
    either: int | float = 1
    anything: Any = None
    flag: bool = False


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"share": -0.0}, {"share": 0}),
        ({"share": "-0"}, {"share": 0.0}),
        ({"share": "5e-1"}, {"share": 0.5}),
        ({"shares": [-0.0, "1"]}, {"shares": (0, 1.0)}),
        ({"count": 3.0}, {"count": "3"}),
        ({"either": 2.0}, {"either": 2}),
        ({"anything": {"x": [1.0, -0.0]}}, {"anything": {"x": [1, 0]}}),
        ({"share": np.float64(0.25), "count": np.int64(2)}, {"share": 0.25, "count": 2}),
        ({"shares": np.array([0.25, 0.5])}, {"shares": [0.25, 0.5]}),
    ],
)
def test_what_is_equal_is_written_equally(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = (checked("test", Values, given).model_dump_json() for given in (one, other))
    assert first == second
    assert "-0" not in first


@pytest.mark.parametrize("value", [1e300, -1e22, 0.1, 5e-324])
def test_other_numbers_stay_what_they_are(value: float) -> None:
    assert checked("test", Values, {"share": value}).share == value


def test_a_float_stays_a_float_where_only_that_is_allowed() -> None:
    assert type(checked("test", Values, {"share": 1}).share) is float


@pytest.mark.parametrize("given", [{"share": True}, {"count": False}, {"shares": [0.5, True]}, {"shares": (True,)}])
def test_true_and_false_are_no_numbers(given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"test: \w+ = .* is not allowed: true and false are no numbers"):
        checked("test", Values, given)


def test_truth_values_are_allowed_where_they_are_meant() -> None:
    found = checked("test", Values, {"flag": True, "anything": {"x": [True]}})
    assert (found.flag, found.anything) == (True, {"x": [True]})


def test_single_numbers() -> None:
    assert (whole("n", np.int64(3), 1, 5), real("x", np.float32(0.5), 0), real("x", 0, 0)) == (3, 0.5, 0.0)
    for value in (True, np.True_, 1.5, "1", None, 0, 6):
        with pytest.raises(InputError, match=r"n: .*; expected a whole number from 1 to 5"):
            whole("n", value, 1, 5)
    for other in (True, np.True_, math.nan, "1", None, -1):
        with pytest.raises(InputError, match=r"x: .*; expected a number, 0 or more"):
            real("x", other, 0)
