"""Pixelate and defocus blur without Pillow and OpenCV, against Pillow and OpenCV."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from robench_corruptions.kernels import disk
from robench_corruptions.kernels.box import box_resized
from robench_corruptions.standard import blur
from robench_corruptions.standard.blur import defocus_blur
from robench_corruptions.standard.digital import pixelate
from tests.helpers.corruption_cases import patterns

LEVELS = sorted({level for levels in defocus_blur.presets.values() for level in levels})
FLAT = np.stack([np.full((40, 40, 3), level, np.uint8) for level in (0, 1, 5, 10, 127, 254, 255)])


def _noise(seed: int, count: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 99))
def test_a_box_is_pillows(side: int, new: int, seed: int) -> None:
    (image,) = images = _noise(seed, 1, side, side)
    expected = Image.fromarray(image).resize((new, new), Image.Resampling.BOX)
    np.testing.assert_array_equal(box_resized(images, new, new)[0], expected)


@given(st.integers(32, 200), st.integers(0, 12), st.floats(0.2, 0.95))
def test_pixelate_is_pillows_square_or_not(side: int, further: int, scale: float) -> None:
    (image,) = images = _noise(side, 1, side, side + further // 4)
    size = image.shape[1], image.shape[0]
    small = Image.fromarray(image).resize([int(each * scale) for each in size], Image.Resampling.BOX)
    expected = small.resize(size, Image.Resampling.BOX)
    np.testing.assert_array_equal(pixelate.function(images, scale, iter(())), [expected])


def _by_opencv(images: np.ndarray, level: tuple[float, float]) -> np.ndarray:
    kernel = blur._disk(*level)
    filtered = np.stack([cv2.filter2D(image / 255.0, -1, kernel) for image in images])
    return (np.clip(filtered, 0, 1) * 255).astype(np.uint8)


@pytest.mark.parametrize("level", LEVELS)
def test_defocus_is_opencvs_filter(level: tuple[float, float]) -> None:
    for images in (_noise(1, 2, 33, 47), _noise(2, 1, 32, 32), patterns(2, 48, 35), FLAT):
        np.testing.assert_array_equal(defocus_blur.function(images, level, iter(())), _by_opencv(images, level))


@given(st.sampled_from(LEVELS), st.integers(32, 70), st.integers(32, 70), st.integers(0, 99))
def test_defocus_is_opencvs_filter_at_any_size(level: tuple[float, float], height: int, width: int, seed: int) -> None:
    images = _noise(seed, 1, height, width)
    np.testing.assert_array_equal(defocus_blur.function(images, level, iter(())), _by_opencv(images, level))


def test_most_levels_go_by_direct_sums() -> None:
    direct = [level for level in LEVELS if blur._taps(*level, 3)]
    assert [level for level in LEVELS if level not in direct] == [(8, 0.5), (10, 0.5)]


def test_an_image_in_doubt_is_named_and_no_other() -> None:
    """Weights that sum to 1 exactly leave one colour on a whole number, which a transform may miss by a bit."""
    kernel = np.zeros((17, 17), np.float32)
    kernel[7:10, 7:10] = np.outer([0.25, 0.5, 0.25], [0.25, 0.5, 0.25])
    images = np.stack(
        [np.full((32, 32, 3), 0, np.uint8), np.full((32, 32, 3), 7, np.uint8), np.zeros((32, 32, 3), np.uint8)]
    )
    out, doubtful = disk.averaged(images, disk.taps(kernel, 3))
    assert doubtful.tolist() == [1]
    np.testing.assert_array_equal(out, images)


def test_images_in_doubt_are_left_to_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    level, images = (3, 0.1), _noise(3, 3, 40, 40)
    expected, asked = _by_opencv(images, level), []

    def doubting(images: np.ndarray, taps: disk.Taps) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros_like(images), np.array([0, 2])

    def filtered(images: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        asked.append(len(images))
        return by_opencv(images, kernel)

    by_opencv = blur._filtered
    monkeypatch.setattr(blur, "averaged", doubting)
    monkeypatch.setattr(blur, "_filtered", filtered)
    result = defocus_blur.function(images, level, iter(()))
    assert asked == [2]
    np.testing.assert_array_equal(result[[0, 2]], expected[[0, 2]])
    assert not result[1].any()
