"""Which cases of a table are left to the thorough run, `pytest -m thorough`."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest


def thoroughly(cases: Iterable[Any], always: Sequence[Any] = ()) -> list[Any]:
    """Mark all cases but those of `always`, the hardest, for the thorough run; a case may be a tuple of values."""
    return [
        case
        if case in always
        else pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.thorough)
        for case in cases
    ]
