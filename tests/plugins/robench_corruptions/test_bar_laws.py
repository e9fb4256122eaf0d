"""What each corruption of C-bar means: which pixels it may touch, and how it grows with severity."""

import numpy as np
import pytest

from robench import corrupt
from tests.helpers.bar_cases import FIRST_PRESET
from tests.helpers.corruption_cases import patterns, statistics

DETERMINISTIC = {"circular_motion_blur"}
IMAGES = patterns(6, 40, 56)


def _corrupted(images: np.ndarray, name: str, severity: int, **options: str | int) -> np.ndarray:
    return corrupt(images, name, severity, FIRST_PRESET[name], **options)


@pytest.mark.parametrize("name", FIRST_PRESET)
@pytest.mark.parametrize("stream", ["counter", "legacy"])
def test_images_of_a_set_are_corrupted_differently(name: str, stream: str) -> None:
    twins = np.repeat(IMAGES[:1], 6, axis=0)
    different = {image.tobytes() for image in _corrupted(twins, name, 3, stream=stream)}
    assert (len(different) == 1) == (name in DETERMINISTIC)


@pytest.mark.parametrize("name", sorted(set(FIRST_PRESET) - DETERMINISTIC))
def test_the_seed_chooses_the_numbers(name: str) -> None:
    one, same, other = (_corrupted(IMAGES, name, 3, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


@pytest.mark.parametrize(("name", "cover"), [("blue_noise_sample", 0), ("checkerboard_cutout", 128)])
def test_covers_hide_or_leave_and_grow(name: str, cover: int) -> None:
    hidden = []
    for severity in (1, 3, 5):
        result = _corrupted(IMAGES, name, severity, stream="legacy")
        covered = (result == cover).all(axis=3)
        np.testing.assert_array_equal(result[~covered], IMAGES[~covered])
        hidden.append(covered)
    assert (hidden[0] <= hidden[1]).all()
    assert (hidden[1] <= hidden[2]).all()
    assert hidden[0].sum() < hidden[1].sum() < hidden[2].sum()


def test_lines_pull_towards_grey() -> None:
    result, clean = (array.astype(int) for array in (_corrupted(IMAGES, "lines", 5), IMAGES))
    assert (np.abs(result - 128) <= np.abs(clean - 128) + 1).all()
    assert (result != clean).any()


def test_sparkles_only_brighten() -> None:
    for name in ("sparkles", "inverse_sparkles"):
        result = _corrupted(IMAGES, name, 3)
        assert (result >= IMAGES.astype(int) - 1).all()  # -1: truncation
        assert (result > IMAGES).any()


def test_a_star_keeps_the_image_at_its_centre() -> None:
    kept = (_corrupted(IMAGES, "inverse_sparkles", 5) == IMAGES).all(axis=3).mean(axis=(1, 2))
    assert (kept > 0.02).all()
    assert (kept < 0.5).all()


@pytest.mark.parametrize("name", ["pinch_and_twirl", "ripple"])
def test_warps_of_one_colour_keep_it_inside(name: str) -> None:
    flat = np.full((4, 48, 48, 3), 100, np.uint8)
    inside = _corrupted(flat, name, 5)[:, 4:-4, 4:-4]
    assert set(np.unique(inside)) <= {99, 100}


def test_twirls_stay_in_their_circles() -> None:
    images = patterns(3, 36, 36)
    result = _corrupted(images, "pinch_and_twirl", 5)
    y, x = np.mgrid[:36, :36] % 12 - 6
    outside = np.hypot(y, x) > 6
    np.testing.assert_array_equal(result[:, outside], images[:, outside])
    assert (result[:, ~outside] != images[:, ~outside]).any()


def test_circular_motion_turns_with_the_image() -> None:
    images = patterns(2, 40, 40)
    turned = np.rot90(_corrupted(images, "circular_motion_blur", 3), axes=(1, 2))
    other = _corrupted(np.rot90(images, axes=(1, 2)), "circular_motion_blur", 3)
    distance = np.abs(turned.astype(int) - other)
    assert distance.max() <= 1
    assert (distance > 0).mean() < 1e-3


def test_circular_motion_spares_the_centre_most() -> None:
    changed = np.abs(_corrupted(IMAGES, "circular_motion_blur", 3).astype(int) - IMAGES).mean(axis=(0, 3))
    rim = np.concatenate([changed[0], changed[-1], changed[:, 0], changed[:, -1]]).mean()
    assert changed[18:22, 26:30].mean() < rim


def test_the_lens_leaves_one_colour_in_place() -> None:
    """One channel keeps its size and is only smoothed: (1, 4, 1) / 6 along both sides."""
    result = _corrupted(IMAGES, "transverse_chromatic_abberation", 5, stream="legacy")
    along = sum(
        weight * np.pad(IMAGES.astype(float), ((0, 0), (0, 0), (1, 1), (0, 0)), "reflect")[:, :, i : i + 56]
        for i, weight in enumerate((1 / 6, 4 / 6, 1 / 6))
    )
    both = sum(
        weight * np.pad(along, ((0, 0), (1, 1), (0, 0), (0, 0)), "reflect")[:, i : i + 40]
        for i, weight in enumerate((1 / 6, 4 / 6, 1 / 6))
    )
    in_place = (np.abs(result - both) <= 0.5 + 1e-9).all(axis=(1, 2))
    assert (in_place.sum(axis=1) == 1).all()


@pytest.mark.parametrize("name", sorted(set(FIRST_PRESET) - DETERMINISTIC))
def test_both_streams_corrupt_alike(name: str, photographs: np.ndarray) -> None:
    results = (_corrupted(photographs, name, 3, stream=stream) for stream in ("counter", "legacy"))
    (counter, counter_psnr), (legacy, legacy_psnr) = (statistics(photographs, result) for result in results)
    assert counter == pytest.approx(legacy, rel=0.04)
    assert counter_psnr == pytest.approx(legacy_psnr, abs=0.3)
