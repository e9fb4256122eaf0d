"""YAML as robench reads it: what looks like a decimal number is that number, and nothing else becomes one."""

import contextlib
import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from robench import benchmarks


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 10), ("-0", 0), ("+7", 7), ("0", 0),
        (".5", 0.5), ("5.", 5.0), ("1e-3", 0.001), ("1E3", 1000.0), ("1.5e3", 1500.0), ("-.inf", -math.inf),
        ("true", True), ("FALSE", False), ("~", None), ("null", None), ("", None),
        ("1:30", "1:30"), ("1_000", "1_000"), ("0x10", "0x10"), ("0o17", "0o17"), ("0b1", "0b1"), ("1e", "1e"),
        ("2026-01-01", "2026-01-01"), ("yes", "yes"), ("no", "no"), ("on", "on"), ("Off", "Off"), ("=", "="),
        ("'010'", "010"), ("!!str 010", "010"), ("!!int 010", 10), ("٣", "٣"),
        ("{a: &x {b: 1}, c: {<<: *x}}", {"a": {"b": 1}, "c": {"b": 1}}),
    ],
)  # fmt: skip
def test_scalars_are_what_they_look_like(text: str, value: Any) -> None:
    found = benchmarks.load_yaml(text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    "text", ["!!int 1:30", "!!int 0x10", "!!float x", "!!bool on", "!!timestamp x", "!!set {a}", "!x 5", "9" * 5000]
)
def test_a_tag_or_a_number_that_cannot_be_is_no_yaml(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        benchmarks.load_yaml(text)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_as_python_writes_them_are_read_back(number: float) -> None:
    found = benchmarks.load_yaml(repr(number))
    assert (type(found), found) == (type(number), number)


@given(st.text(max_size=40))
def test_any_text_is_read_or_is_no_yaml(text: str) -> None:
    with contextlib.suppress(yaml.YAMLError):
        benchmarks.load_yaml(text)
