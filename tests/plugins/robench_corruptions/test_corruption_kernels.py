"""The compiled helpers against the libraries whose results they reproduce."""

import colorsys
import math

import numpy as np
import pytest
from scipy import ndimage

from robench_corruptions.kernels.elastic import displaced, random_field
from robench_corruptions.kernels.gaussian import smooth
from robench_corruptions.kernels.hsv import shifted
from robench_corruptions.kernels.streak import streak
from robench_corruptions.kernels.zoom import zoomed
from tests.helpers.corruption_cases import patterns


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sigma", [0.05, 0.4, 1.3, 6, 40])
@pytest.mark.parametrize(("truncate", "reflect"), [(4.0, False), (3.0, True)])
def test_smooth_is_scipys_gaussian_filter(sigma: float, truncate: float, reflect: bool, dtype: type) -> None:
    images = np.random.default_rng(0).random((2, 33, 47, 3)).astype(dtype)
    expected = ndimage.gaussian_filter(
        images, (0, sigma, sigma, 0), mode="reflect" if reflect else "nearest", truncate=truncate
    )
    result = smooth(images, sigma, truncate=truncate, reflect=reflect)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("factor", [1, 1.01, 1.11, 1.25, 1.75, 2.25, 4.5])
@pytest.mark.parametrize(("dtype", "channels"), [(np.float32, 3), (np.float64, 1)])
def test_zoomed_is_a_centre_crop_and_scipys_zoom(factor: float, dtype: type, channels: int) -> None:
    image = np.random.default_rng(0).random((33, 47, channels)).astype(dtype)
    crop = [math.ceil(side / factor) for side in image.shape[:2]]
    top, left = ((side - kept) // 2 for side, kept in zip(image.shape[:2], crop, strict=True))
    large = ndimage.zoom(image[top : top + crop[0], left : left + crop[1]], (factor, factor, 1), order=1)
    top, left = (large.shape[0] - 33) // 2, (large.shape[1] - 47) // 2
    expected = large[top : top + 33, left : left + 47]
    np.testing.assert_array_equal(zoomed(image[None], float(factor))[0], expected)


@pytest.mark.parametrize("alpha", [0.5, 5, 200])
def test_displaced_is_scipys_map_coordinates(alpha: float) -> None:
    random = np.random.default_rng(0)
    image = random.random((33, 47, 3), dtype=np.float32)
    field = random_field(random.uniform(-1, 1, (1, 2, 33, 47)), alpha, 0.5)
    y, x = np.mgrid[:33, :47]
    where = [y + field[0, 1].astype(float), x + field[0, 0].astype(float)]
    channels = [ndimage.map_coordinates(image[..., c], where, order=1, mode="reflect") for c in range(3)]
    expected = (np.clip(np.stack(channels, axis=2), 0, 1) * 255).astype(np.uint8)
    np.testing.assert_array_equal(displaced(image[None], field)[0], expected)


@pytest.mark.parametrize(("gain", "add_saturation", "add_value"), [(1, 0, 0), (1, 0, 0.3), (0.3, 0, 0), (5, 0.1, 0)])
def test_shifted_is_the_standard_librarys_hsv(gain: float, add_saturation: float, add_value: float) -> None:
    images = np.random.default_rng(0).integers(0, 256, (1, 33, 47, 3), dtype=np.uint8)
    images[0, :4] = images[0, :4, :, :1]
    expected = []
    for red, green, blue in images.reshape(-1, 3) / 255:
        hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
        saturation, value = min(saturation * gain + add_saturation, 1), min(value + add_value, 1)
        expected.append(colorsys.hsv_to_rgb(hue, saturation, value))
    result = shifted(images, gain, add_saturation, add_value).reshape(-1, 3)
    grey = (images.min(-1) == images.max(-1)).ravel()
    np.testing.assert_allclose(result[~grey], np.array(expected)[~grey], atol=1e-12)


def test_streak_along_the_row_is_a_one_sided_gaussian() -> None:
    images = patterns(1, 33, 47)
    weights = np.exp(-0.5 * (np.arange(17) / 3.0) ** 2)
    padded = np.pad(images[0].astype(float), ((0, 0), (0, 16), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 17, axis=1)
    expected = windows @ (weights / weights.sum())
    result = streak(images, 8, 3.0, np.zeros(1))[0]
    assert np.abs(result - np.floor(expected + 0.5 / 257)).max() <= 1
    assert (result == np.floor(expected + 0.5 / 257)).mean() > 0.999


def test_streak_turns_with_its_angle() -> None:
    images = patterns(1, 40, 40)
    right = streak(images, 8, 3.0, np.array([0.0]))
    up = streak(np.rot90(images, axes=(1, 2)), 8, 3.0, np.array([-90.0]))
    np.testing.assert_array_equal(np.rot90(right, axes=(1, 2)), up)
