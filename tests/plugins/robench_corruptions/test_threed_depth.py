"""ImageNet-3DCC from a depth map, on scenes whose result is known: flat walls, two walls, and other units of depth."""

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from robench import corrupt
from tests.helpers.corruption_cases import patterns

DEPTH = ["near_focus", "far_focus", "fog_3d", "xy_motion_blur", "z_motion_blur"]
IMAGES = patterns(2, 48, 64)
WALL = np.full((2, 48, 64), 3, np.float32)
TWO_WALLS = np.where(np.arange(64) < 24, np.float32(2), np.float32(8)) + np.zeros((2, 48, 1), np.float32)


def _corrupted(name: str, depth: np.ndarray, severity: int = 3, images: np.ndarray = IMAGES, **options: Any) -> Any:
    return corrupt(images, name, severity, "imagenet", maps={"depth": depth}, **options)


@pytest.mark.parametrize("name", DEPTH)
def test_the_unit_of_depth_does_not_matter(name: str) -> None:
    depth = TWO_WALLS + np.linspace(0, 2, 48, dtype=np.float32)[:, None]
    np.testing.assert_array_equal(_corrupted(name, depth), _corrupted(name, depth * 4))


@pytest.mark.parametrize("name", ["near_focus", "far_focus"])
def test_a_wall_is_in_focus_everywhere(name: str) -> None:
    np.testing.assert_array_equal(_corrupted(name, WALL, 5), IMAGES)


@pytest.mark.parametrize("name", DEPTH)
def test_depth_may_be_zero(name: str) -> None:
    assert (_corrupted(name, np.zeros_like(WALL)) == IMAGES).all() == (name not in ("xy_motion_blur", "z_motion_blur"))


@pytest.mark.parametrize(("severity", "aperture"), list(zip(range(1, 6), (3, 4, 5, 6, 7), strict=True)))
def test_near_focus_blurs_the_far_wall_alone(severity: int, aperture: float) -> None:
    result = _corrupted("near_focus", TWO_WALLS, severity)
    np.testing.assert_array_equal(result[:, :, :24], IMAGES[:, :, :24])
    # The far wall alone, mirrored at the near one's edge where a blur of masked pixels differs: look further in.
    sigma = aperture * (1 - 2 / 8)
    expected = ndimage.gaussian_filter(IMAGES / 255, (0, sigma, sigma, 0), mode="nearest") * 255
    inside = slice(24 + int(4 * sigma) + 1, None)
    assert inside.start < 60
    assert np.abs(result[:, :, inside] - (expected[:, :, inside] - 0.5)).max() <= 0.5 + 1e-6


@pytest.mark.parametrize(("severity", "aperture"), list(zip(range(1, 6), (1.5, 2.5, 3.5, 4.5, 5.5), strict=True)))
def test_far_focus_blurs_the_near_wall_alone(severity: int, aperture: float) -> None:
    result = _corrupted("far_focus", TWO_WALLS, severity)
    sigma = aperture * (1 - 2 / 8)
    reach = int(4 * sigma + 0.5)
    np.testing.assert_array_equal(result[:, :, 24 + reach :], IMAGES[:, :, 24 + reach :])
    expected = ndimage.gaussian_filter(IMAGES / 255, (0, sigma, sigma, 0), mode="nearest") * 255
    inside = slice(0, 24 - reach)
    assert inside.stop > 0
    assert np.abs(result[:, :, inside] - (expected[:, :, inside] - 0.5)).max() <= 0.5 + 1e-6


def test_the_wall_behind_takes_no_colour_from_the_one_in_focus() -> None:
    images = np.where(np.arange(64)[:, None] < 24, 255, 40).astype(np.uint8) + np.zeros((2, 48, 1, 3), np.uint8)
    assert np.abs(_corrupted("near_focus", TWO_WALLS, 5, images).astype(int) - images).max() <= 1


@pytest.mark.parametrize("severity", range(1, 6))
def test_fog_takes_light_by_distance_towards_the_mean_colour_of_its_own_image(severity: int) -> None:
    result = _corrupted("fog_3d", TWO_WALLS, severity)
    passing = np.where(np.arange(64) < 24, np.exp(-severity / 4), np.exp(-severity))[:, None]
    mean = IMAGES.mean(axis=(1, 2), keepdims=True)
    expected = IMAGES * passing + mean * (1 - passing)
    assert np.abs(result - (expected - 0.5)).max() <= 0.5 + 1e-4
