"""Maps that a corruption gets beside the pixels: checked, cut along with the images, named where they are missing."""

from typing import Any

import numpy as np
import pytest

from robench import corrupt, registry
from robench.contracts import Corruption, Draws
from robench.errors import InputError
from tests.helpers.corruption_cases import patterns

COUNT = 70
IMAGES = patterns(COUNT, 32, 40)
DEPTH = np.arange(COUNT, dtype=np.float32)[:, None, None] + np.zeros((32, 40), np.float32)


def _painted(images: np.ndarray, level: Any, draws: Draws, depth: np.ndarray) -> np.ndarray:
    assert depth.dtype == np.float32
    painted = np.repeat(depth[..., None], 3, axis=3).astype(np.uint8)
    depth[:] = 0
    return painted


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    painter = Corruption("painter", "test", _painted, {"cifar": (1, 2, 3, 4, 5)}, "this file", maps=("depth",))
    monkeypatch.setattr(registry, "load", lambda kind, name: painter)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_each_image_gets_its_own_map(dtype: type) -> None:
    given = DEPTH.astype(dtype)
    result = corrupt(IMAGES, "painter", 1, maps={"depth": given, "normals": "not looked at"})
    np.testing.assert_array_equal(result[:, 3, 5, 1], np.arange(COUNT))
    np.testing.assert_array_equal(given, DEPTH)


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        (None, r"painter: needs a depth map of each image; give maps=\{'depth': float32 array \(70, 32, 40\)\}"),
        ({"dept": DEPTH}, "painter: needs a depth map"),
        ({"depth": DEPTH[:1]}, r"maps\['depth'\]: float32 \(1, 32, 40\); expected float32 of shape \(70, 32, 40"),
        ({"depth": DEPTH.astype(complex)}, r"maps\['depth'\]: complex128 .* expected float32"),
        ({"depth": DEPTH - 1}, r"maps\['depth'\]: has values that are negative or not finite"),
        ({"depth": DEPTH + np.inf}, r"maps\['depth'\]: has values that are negative or not finite"),
    ],
)
def test_wrong_maps_are_named(maps: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        corrupt(IMAGES, "painter", 1, maps=maps)
    assert "\n" not in str(caught.value)
