"""Compiled loops where there is no place to keep them."""

import numpy as np
import pytest
from numba.core.caching import CacheImpl

from robench_corruptions.kernels.compiled import compiled


def _total(values):
    total = 0.0
    for value in values:
        total += value
    return total


def test_compiled_code_is_kept() -> None:
    function = compiled(_total)
    assert function(np.arange(5.0)) == 10
    assert function.stats.cache_path


@pytest.mark.parametrize("places", [[], ["unwritable"]])
def test_without_a_place_to_keep_it_the_loop_is_compiled_all_the_same(
    places: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unwritable:
        @classmethod
        def from_function(cls, function: object, path: str) -> None:
            return None

    monkeypatch.setattr(CacheImpl, "_locator_classes", [Unwritable for _ in places])
    assert compiled(_total)(np.arange(5.0)) == 10
