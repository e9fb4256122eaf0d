"""Options read from signatures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import pytest

from robench.contracts import Fraction, PositiveInt, Sparsity
from robench.contracts.options import PresetOptions
from robench.errors import InputError
from robench.registry.options import describe, validate


@dataclass(kw_only=True)
class Parent:
    sparsity: Sparsity = 0.5


@dataclass(kw_only=True)
class Child(Parent):
    growth: Literal["random", "gradient"] = "random"
    interval: PositiveInt = 100


def build(num_classes: int, *, width: PositiveInt = 16, drop: Fraction = 0.0, flag: bool = False) -> None:
    """Take one positional argument that is no option."""


def test_fields_of_parents_and_children_are_listed_with_type_and_default() -> None:
    assert [(o.name, o.type, o.default) for o in describe(Child)] == [
        ("sparsity", "float >= 0, < 1", 0.5),
        ("growth", "random | gradient", "random"),
        ("interval", "int >= 1", 100),
    ]


def test_defaults_are_filled_in_and_text_is_read() -> None:
    assert validate("model x", build, {"width": "8"}) == {"width": 8, "drop": 0.0, "flag": False}


@pytest.mark.parametrize(
    ("target", "given", "message"),
    [
        (Child, {"sparsity": 1.2}, "method x: sparsity = 1.2 is not allowed: Input should be less than 1"),
        (Child, {"sparsity": -1}, "sparsity = -1 is not allowed: Input should be greater than or equal to 0"),
        (Child, {"sparsity": float("nan")}, "finite number"),
        (Child, {"growth": "grad"}, "growth = 'grad' is not allowed: Input should be 'random' or 'gradient'"),
        (Child, {"intervall": 3}, "method x option: unknown 'intervall'; did you mean 'interval'?"),
        (build, {"num_classes": 3}, "unknown 'num_classes'"),
        (build, {"width": "many"}, "valid integer"),
    ],
)
def test_wrong_options_are_named_in_one_line(
    target: Callable[..., object], given: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        validate("method x", target, given)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


class Chosen:
    presets: ClassVar = {"papers": PresetOptions("a paper", {"rate": 2.0, "mode": "slow"})}

    def __init__(self, *, rate: float = 1.0, mode: str = "fast") -> None:
        pass


def test_a_preset_stands_for_its_options_and_explicit_ones_win():
    assert validate("x", Chosen, {"preset": "papers"}) == {"rate": 2.0, "mode": "slow"}
    assert validate("x", Chosen, {"preset": "papers", "rate": 3.0}) == {"rate": 3.0, "mode": "slow"}
    assert validate("x", Chosen, {"preset": "Papers"}) == validate("x", Chosen, {"rate": 2.0, "mode": "slow"})


def test_an_unknown_preset_is_named():
    with pytest.raises(InputError, match="x preset: unknown 'paper'; did you mean 'papers'"):
        validate("x", Chosen, {"preset": "paper"})
