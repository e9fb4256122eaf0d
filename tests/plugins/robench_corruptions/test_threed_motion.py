"""The moving camera, against SciPy's shifts and scalings of a flat wall, and a scene with something behind."""

import numpy as np
import pytest
from scipy import ndimage

from robench import corrupt
from robench_corruptions.kernels.reprojection import exposed
from tests.helpers.corruption_cases import patterns

FRAMES = {"xy_motion_blur": (20, 30, 40, 50, 60), "z_motion_blur": (20, 25, 30, 35, 38)}
IMAGE = ndimage.gaussian_filter(patterns(1, 48, 64)[0] / 255, (1, 1, 0))
WALL = np.full((48, 64), 2.0)


@pytest.mark.parametrize("step", [(3.0, 0.0), (0.0, -2.0), (2.5, 1.25), (-0.3, 4.7)])
def test_a_wall_seen_from_aside_is_the_image_shifted(step: tuple[float, float]) -> None:
    seen = exposed(IMAGE, WALL, np.array([[2 * step[0], 2 * step[1], 0.0]]), margin=6)
    expected = ndimage.shift(IMAGE, (-step[1], -step[0], 0), order=1, mode="mirror")
    np.testing.assert_allclose(seen, expected, atol=1e-9)


@pytest.mark.parametrize("severity", range(1, 6))
def test_moving_ahead_of_a_wall_is_a_mean_of_enlargements(severity: int) -> None:
    frames = FRAMES["z_motion_blur"][severity - 1]
    views = []
    for t in range(frames):
        scale = 1 - t / 60 / 2
        centre = np.array([47 / 2, 63 / 2, 0])
        matrix = np.array([scale, scale, 1])
        views.append(ndimage.affine_transform(IMAGE, matrix, centre * (1 - matrix), order=1, mode="nearest"))
    images = (IMAGE[None] * 255).round().astype(np.uint8)
    result = corrupt(images, "z_motion_blur", severity, "imagenet", maps={"depth": WALL[None]})
    assert np.abs(result[0] - (np.mean(views, axis=0) * 255 - 0.5)).max() <= 1.01


@pytest.mark.parametrize("severity", range(1, 6))
def test_moving_aside_shifts_a_wall_by_an_eighth_of_the_shorter_side_over_sixty_frames(severity: int) -> None:
    frames = FRAMES["xy_motion_blur"][severity - 1]
    dot = np.zeros((6, 65, 65, 1), np.uint8)
    dot[:, 30:35, 30:35] = 255
    depth = np.full(dot.shape[:3], 5, np.float32)
    result = corrupt(dot, "xy_motion_blur", severity, "imagenet", maps={"depth": depth}).astype(float)
    y, x = (result.sum(axis=(axis, 3)) @ np.arange(65) / result.sum(axis=(1, 2, 3)) - 32 for axis in (2, 1))
    np.testing.assert_allclose(np.hypot(y, x), (frames - 1) / 2 / 60 * 65 / 8, rtol=0.02)
    assert len({round(float(angle), 3) for angle in np.arctan2(y, x)}) == 6


def test_what_stood_behind_comes_into_sight() -> None:
    image, depth = np.full((40, 60, 1), 0.25), np.full((40, 60), 10.0)
    image[10:30, 20:30], depth[10:30, 20:30] = 1.0, 1.0
    seen = exposed(image, depth, np.array([[6.0, 0.0, 0.0]]), margin=6)[..., 0]
    expected = np.full((40, 60), 0.25)
    expected[10:30, 14:24] = 1.0  # 6 pixels to the left at distance 1; the wall behind moves by 0.6 of one colour
    np.testing.assert_allclose(seen, expected, atol=1e-12)


def test_the_nearer_of_two_hides_the_other() -> None:
    image, depth = np.zeros((40, 60, 1)), np.full((40, 60), 9.0)
    image[:, 10:20], depth[:, 10:20] = 0.5, 3.0
    image[:, 40:50], depth[:, 40:50] = 1.0, 1.0
    ahead = exposed(image, depth, np.array([[24.0, 0.0, 0.0]]), margin=24)[..., 0]
    np.testing.assert_allclose(ahead[:, 18:24], 1.0)  # the near one, moved by 24; the far one moved by 8 to 2..12
    np.testing.assert_allclose(ahead[:, 4:10], 0.5)
