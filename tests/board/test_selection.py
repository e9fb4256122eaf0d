"""Which runs a board is made of: names in any letter case, qualified or not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import robench
from robench.board.selection import recorded
from robench.errors import InputError
from robench.runs.store import Store
from tests.helpers.records import build, keep, make_record, make_rows, make_spec

THEIRS = {"method:alpha:rigl": "alpha==1.0"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("store")
    opened = Store(place)
    opened.open()
    for method in ("dense", "rigl", "small-dense"):
        keep(opened, make_record(method, 0, 0.5))
    keep(opened, make_record("dense", 0, 0.5, model="timm/resnet10t", versions={"model:timm": "robench==0.1.0"}))
    keep(opened, make_record("alpha:rigl", 0, 0.5, versions=THEIRS))
    return place


def methods(store: Path, **given: Any) -> set[str]:
    return {row.method for board in robench.leaderboard(store, **given) for row in board.rows}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"methods": "RigL"}, {"dense", "rigl"}),
        ({"methods": "robench:RIGL"}, {"dense", "rigl"}),
        ({"methods": "Alpha:RigL"}, {"dense", "alpha:rigl"}),
        ({"methods": ["Small_Dense"]}, {"dense", "small-dense"}),
        ({"models": "Robench:TIMM/ResNet10T"}, {"dense"}),
        ({"models": "CNN_small", "baseline": "robench:Small-Dense", "methods": "rigl"}, {"rigl", "small-dense"}),
        ({"suite": "Digits_C", "sparsity": "-0"}, {"dense"}),
        (
            {"sparsity": [0, np.float64(0.5)], "plugin": "ROBENCH==0.1.0"},
            {"dense", "rigl", "small-dense", "alpha:rigl"},
        ),
    ],
)
def test_names_are_read_in_any_letter_case_and_qualified(store: Path, given: dict[str, Any], found: set[str]) -> None:
    assert methods(store, **given) == found


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"methods": "riggl"}, "methods: unknown 'riggl'; did you mean 'rigl'?"),
        ({"methods": "beta:rigl"}, "methods: unknown 'beta:rigl'; known: alpha:rigl, dense, rigl"),
        ({"models": "mlp"}, "models: unknown 'mlp'"),
        ({"baseline": "denes"}, "baseline: unknown 'denes'; did you mean 'dense'?"),
        ({"baseline": ""}, "baseline: unknown ''"),
        ({"methods": ""}, "methods: it is empty"),
        ({"models": []}, "models: it is empty"),
        ({"suite": ","}, "suite: it is empty"),
        ({"plugin": ""}, "plugin: it is empty"),
        ({"sparsity": ""}, "sparsity: it is empty"),
        ({"sparsity": True}, "sparsity: True; expected a number, 0 or more"),
        ({"sparsity": [0.5, True]}, "sparsity: True; expected a number, 0 or more"),
        ({"sparsity": "half"}, "sparsity: could not convert"),
    ],
)
def test_what_no_run_has_is_named(store: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        robench.leaderboard(store, **given)
    assert str(caught.value).startswith(message)


def test_records_of_other_spellings_are_found_too() -> None:
    old = make_spec("robench:rigl", versions={"method:rigl": "robench==0.1.0"})
    assert recorded("methods", "rigl", [old, make_spec("rigl")]) == ["rigl", "robench:rigl"]
    theirs = make_spec("lottery", versions={"method:lottery": "my-lottery==2.0"})
    assert recorded("methods", "My_Lottery:lottery", [theirs]) == ["lottery"]


def test_a_baseline_is_read_like_any_name() -> None:
    (board,) = build(make_rows({"dense": [0.5, 0.6], "static": [0.4, 0.5]}), baseline="robench:STATIC")
    assert board.baseline == "static"
    assert [row.method for row in board.rows if row.difference] == ["dense"]
