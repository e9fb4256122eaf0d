"""Corruptions with one fault each: the check that names the broken law finds it, and the sound one passes all."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from robench.contracts import Corruption, Draws
from robench.testing import corruption as kit

CALLS: list[int] = []


def _corruption(function: Callable[..., Any], **changed: Any) -> Corruption:
    fields: dict[str, Any] = {"presets": {"tiny": (10, 20, 30, 40, 50)}, "maps": ("depth",)} | changed
    return Corruption("planted", "test", function, reference="this file", **fields)


def sound(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    noise = np.stack([source.normal(0, level, images.shape[1:]) for source in draws])
    return np.clip(images + noise * depth[..., None], 0, 255).astype(np.uint8)


def sound_without_draws(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    return np.clip(images + level * depth[..., None], level, 255 - level).astype(np.uint8)


def wrong_dtype(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    return images + np.float32(level)


def transposes_images_that_are_not_square(images: np.ndarray, level: int, draws: Draws, depth: Any) -> np.ndarray:
    return np.ascontiguousarray(255 - images.transpose(0, 2, 1, 3))


def does_nothing(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    return images.copy()


def writes_in_place(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    images[:, ::2] = 255 - level
    return images.copy()


def writes_to_its_map(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    depth /= depth.max()
    return 255 - images


def divides_by_zero(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    low, high = images.min(axis=(1, 2, 3), keepdims=True), images.max(axis=(1, 2, 3), keepdims=True)
    return ((images.astype(float) - low) / (high.astype(float) - low) * level).astype(np.uint8)


def counts_its_calls(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    CALLS.append(level)
    return images ^ np.uint8(1 + len(CALLS) % 100)


def depends_on_the_place_in_the_batch(images: np.ndarray, level: int, draws: Draws, depth: Any) -> np.ndarray:
    return images ^ np.arange(1, len(images) + 1, dtype=np.uint8)[:, None, None, None]


def leaks_its_neighbours(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    mean = images.mean(axis=(0, 1, 2))
    return ((images + level / 10 * mean) / (1 + level / 10)).astype(np.uint8)


def leaks_the_depth_of_its_neighbours(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    return (images * (depth / (depth.sum(axis=0) * level))[..., None]).astype(np.uint8)


def gathers_its_sources_first(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    noise = np.stack([source.normal(0, level, images.shape[1:]) for source in list(draws)])
    return np.clip(images + noise, 0, 255).astype(np.uint8)


def shares_one_source(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    return np.clip(images + next(draws).normal(0, level, images.shape), 0, 255).astype(np.uint8)


def uses_numpys_global_state(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    return np.clip(images + np.random.normal(0, level, images.shape), 0, 255).astype(np.uint8)


def uses_pythons_global_state(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    return images ^ np.uint8(random.randrange(1, 256))


def reseeds_the_global_state(images: np.ndarray, level: int, draws: Draws, depth: np.ndarray) -> np.ndarray:
    np.random.seed(level)
    return np.clip(images + np.random.normal(0, level, images.shape), 0, 255).astype(np.uint8)


def broken_laws(corruption: Corruption) -> set[str]:
    """Return the names of the checks that fail; an exception of another kind is a fault of the check."""
    broken = {}
    for check in kit.CHECKS:
        try:
            check(corruption, None)
        except AssertionError as error:
            broken[check.__name__] = str(error)
    assert not any("\n" in seen for seen in broken.values())
    return set(broken)


@pytest.mark.parametrize("function", [sound, sound_without_draws])
def test_a_sound_corruption_passes_every_check(function: Callable[..., Any]) -> None:
    assert broken_laws(_corruption(function)) == set()


@pytest.mark.parametrize(
    ("function", "law"),
    [
        (wrong_dtype, "bytes_and_shape"),
        (transposes_images_that_are_not_square, "bytes_and_shape"),
        (does_nothing, "bytes_and_shape"),
        (writes_in_place, "arguments_kept"),
        (writes_to_its_map, "arguments_kept"),
        (divides_by_zero, "flat_images"),
        (counts_its_calls, "repeatable"),
        (depends_on_the_place_in_the_batch, "any_batch_and_order"),
        (leaks_its_neighbours, "no_neighbours"),
        (leaks_the_depth_of_its_neighbours, "no_neighbours"),
        (gathers_its_sources_first, "draws_in_turn"),
        (shares_one_source, "draws_in_turn"),
        (uses_numpys_global_state, "no_global_random_state"),
        (uses_pythons_global_state, "no_global_random_state"),
        (reseeds_the_global_state, "no_global_random_state"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_fault_is_caught_by_the_check_that_names_its_law(function: Callable[..., Any], law: str) -> None:
    check = {check.__name__: check for check in kit.CHECKS}[law]
    with pytest.raises(AssertionError):
        check(_corruption(function), None)


@pytest.mark.parametrize(
    ("function", "alone"),
    [
        (does_nothing, "bytes_and_shape"),
        (writes_in_place, "arguments_kept"),
        (divides_by_zero, "flat_images"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_fault_of_one_kind_breaks_one_law(function: Callable[..., Any], alone: str) -> None:
    assert broken_laws(_corruption(function)) == {alone}


@pytest.mark.parametrize(
    "presets",
    [{}, {"cifar": (1, 2, 3, 4)}, {"cifar": (1, 2, 3, 3, 4)}, {"huge": (1, 2, 3, 4, 5)}],
    ids=["none", "four levels", "twins", "unknown preset"],
)
def test_wrong_tables_are_caught(presets: Any) -> None:
    with pytest.raises(AssertionError, match=r"preset|levels of"):
        kit.five_levels(_corruption(sound, presets=presets))


def test_checks_have_a_law_each() -> None:
    laws = [(check.__doc__ or "").partition("\n")[0] for check in kit.CHECKS]
    assert all(law.endswith(".") for law in laws)
    assert len(set(laws)) == len(laws)
