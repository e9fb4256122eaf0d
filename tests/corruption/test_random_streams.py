"""The two random streams: which corruptions are random, and that both give the same distribution."""

from pathlib import Path

import numpy as np
import pytest

from robench import corrupt
from tests.helpers.corruption_cases import COMMON, Root, patterns, statistics

TWENTY = [*COMMON, "frost_procedural"]

# The handbook of the reference code lists these as drawing no number.
DETERMINISTIC = {
    "defocus_blur",
    "zoom_blur",
    "brightness",
    "contrast",
    "pixelate",
    "jpeg_compression",
    "gaussian_blur",
    "saturate",
}


@pytest.mark.parametrize("name", TWENTY)
def test_images_of_a_set_are_corrupted_differently(name: str, root_of: Root) -> None:
    twins = np.repeat(patterns(1, 32, 32), 6, axis=0)
    for stream in ("counter", "legacy"):
        different = len({image.tobytes() for image in corrupt(twins, name, 3, stream=stream, data=root_of(name))})
        assert (different == 1) == (name in DETERMINISTIC)


@pytest.mark.parametrize("name", sorted(set(TWENTY) - DETERMINISTIC))
def test_seed_and_severity_choose_the_numbers(name: str, root_of: Root) -> None:
    images = patterns(4, 32, 32)
    one, same, other = (corrupt(images, name, 3, seed=seed, data=root_of(name)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


@pytest.mark.parametrize("severity", range(1, 6))
@pytest.mark.parametrize("name", sorted(DETERMINISTIC))
def test_without_draws_both_streams_are_one(name: str, severity: int) -> None:
    images = patterns(3, 32, 32)
    counter, legacy = (corrupt(images, name, severity, stream=stream) for stream in ("counter", "legacy"))
    np.testing.assert_array_equal(counter, legacy)


@pytest.mark.parametrize("severity", range(1, 6))
@pytest.mark.parametrize("name", sorted(set(TWENTY) - DETERMINISTIC))
def test_both_streams_corrupt_alike(name: str, severity: int, photographs: np.ndarray, root_of: Root) -> None:
    results = (
        corrupt(photographs, name, severity, stream=stream, data=root_of(name)) for stream in ("counter", "legacy")
    )
    (counter, counter_psnr), (legacy, legacy_psnr) = (statistics(photographs, result) for result in results)
    assert counter == pytest.approx(legacy, rel=0.04)
    assert counter_psnr == pytest.approx(legacy_psnr, abs=0.3)


@pytest.mark.parametrize("severity", [1, 5])
def test_drawn_ice_resembles_the_photographs(severity: int, photographs: np.ndarray, shared_data: Path) -> None:
    real = corrupt(photographs, "frost", severity, data=shared_data)
    drawn = corrupt(photographs, "frost_procedural", severity)
    (real_difference, _), (drawn_difference, _) = (statistics(photographs, each) for each in (real, drawn))
    assert drawn_difference == pytest.approx(real_difference, rel=0.1)
    assert drawn.std(axis=(1, 2)).mean() == pytest.approx(real.std(axis=(1, 2)).mean(), rel=0.1)
