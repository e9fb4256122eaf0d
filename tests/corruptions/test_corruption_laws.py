"""The laws of the contract, over every registered corruption."""

import random
from itertools import product
from typing import Any

import numpy as np
import pytest
from corruption_cases import NAMES, SIZES, Root, patterns

from robench import corrupt, registry

pytestmark = pytest.mark.parametrize("name", NAMES)

EXTREMES = {
    "black": np.zeros((1, 32, 32, 3), np.uint8),
    "white": np.full((1, 32, 32, 3), 255, np.uint8),
    "constant": np.full((1, 32, 32, 3), 100, np.uint8),
}


def _corrupted(images: np.ndarray, name: str, severity: int, **options: Any) -> np.ndarray:
    """Corrupt by the first severity table that the corruption has."""
    return corrupt(images, name, severity, next(iter(registry.load("corruption", name).presets)), **options)


def test_each_preset_has_five_levels(name: str) -> None:
    presets = registry.load("corruption", name).presets
    assert presets
    assert set(presets) <= set(SIZES)
    assert all(len(levels) == 5 for levels in presets.values())


@pytest.mark.parametrize("shape", [(2, 32, 32), (2, 33, 47), (1, 48, 35)], ids=str)
def test_shape_and_dtype_stay_and_input_too(name: str, shape: tuple[int, int, int], root: Root) -> None:
    images = patterns(*shape)
    images.flags.writeable = False
    for preset, severity in product(registry.load("corruption", name).presets, range(1, 6)):
        result = corrupt(images, name, severity, preset, data=root(name))
        assert (result.shape, result.dtype) == (images.shape, np.uint8)
        assert result.flags.writeable
        assert (result != images).any()
    np.testing.assert_array_equal(images, patterns(*shape))


@pytest.mark.parametrize("kind", EXTREMES)
@pytest.mark.parametrize("severity", [1, 3, 5])
def test_flat_images_stay_finite(name: str, severity: int, kind: str, root: Root) -> None:
    images = EXTREMES[kind]
    np.testing.assert_array_equal(
        _corrupted(images, name, severity, data=root(name)), _corrupted(images, name, severity, data=root(name))
    )


def test_global_random_states_are_left_alone(name: str, root: Root) -> None:
    before, before_python = np.random.get_state(), random.getstate()
    for stream in ("counter", "legacy"):
        _corrupted(patterns(2, 32, 32), name, 3, stream=stream, data=root(name))
    after = np.random.get_state()
    assert random.getstate() == before_python
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_bytes_depend_on_the_place_alone(name: str, root: Root) -> None:
    images = patterns(50, 32, 32)
    whole = _corrupted(images, name, 4, seed=7, data=root(name))
    for start, stop in [(43, 50), (0, 1), (1, 43)]:
        part = _corrupted(images[start:stop], name, 4, seed=7, data=root(name), first_index=start)
        np.testing.assert_array_equal(part, whole[start:stop])
    other_neighbours = np.concatenate([images[:1], 255 - images[1:]])
    np.testing.assert_array_equal(_corrupted(other_neighbours, name, 4, seed=7, data=root(name))[0], whole[0])


def test_memory_order_of_the_input_does_not_matter(name: str, root: Root) -> None:
    images = patterns(3, 32, 40)
    strange = np.asfortranarray(images[::-1])[::-1]
    np.testing.assert_array_equal(
        _corrupted(strange, name, 2, data=root(name)), _corrupted(images, name, 2, data=root(name))
    )


def test_grey_is_the_green_of_equal_channels(name: str, root: Root) -> None:
    grey = patterns(2, 33, 47)[..., :1]
    coloured = _corrupted(np.repeat(grey, 3, axis=3), name, 3, data=root(name))
    np.testing.assert_array_equal(_corrupted(grey, name, 3, data=root(name)), coloured[..., 1:2])


def test_no_images_give_no_images(name: str, root: Root) -> None:
    assert _corrupted(patterns(1, 32, 32)[:0], name, 3, data=root(name)).shape == (0, 32, 32, 3)
