"""ImageNet-C-bar and CIFAR-10-C-bar: the legacy stream against the published code, byte for byte."""

import hashlib
import platform

import numpy as np
import pytest

from robench import corrupt, registry
from tests.helpers.bar_cases import GOLDEN, REFERENCE
from tests.helpers.corruption_cases import SIZES, patterns
from tests.helpers.synthetic_images import synthetic_images

OWN = [(preset, key) for preset, digests in GOLDEN["own"].items() for key in digests]
SAME_MACHINE = (platform.system(), platform.machine()) == ("Linux", "x86_64")

# The published csv files of both sets, in their order.
PUBLISHED = {
    "imagenet": "caustic_refraction inverse_sparkles sparkles perlin_noise blue_noise_sample plasma_noise "
    "checkerboard_cutout cocentric_sine_waves single_frequency_greyscale brownish_noise",
    "cifar": "blue_noise_sample checkerboard_cutout inverse_sparkles pinch_and_twirl ripple brownish_noise "
    "circular_motion_blur lines sparkles transverse_chromatic_abberation",
}


def _digest(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


@pytest.fixture(scope="module")
def clean() -> dict[str, np.ndarray]:
    """The images that the published code was given, made here: no folder of reference data is needed."""
    return {preset: synthetic_images(GOLDEN["images"][preset]["count"], SIZES[preset]) for preset in PUBLISHED}


@pytest.mark.parametrize("preset", PUBLISHED)
def test_the_images_are_those_of_the_reference(preset: str, clean: dict[str, np.ndarray]) -> None:
    assert _digest(clean[preset]) == GOLDEN["images"][preset]["sha256"]


@pytest.mark.parametrize("preset", PUBLISHED)
def test_both_sets_are_whole(preset: str) -> None:
    names = PUBLISHED[preset].split()
    assert {key.rpartition("_")[0] for key in GOLDEN["reference"][preset]} == set(names)
    assert all(preset in registry.load("corruption", name).presets for name in names)


@pytest.mark.parametrize(("preset", "key"), REFERENCE)
def test_legacy_stream_is_the_published_code(preset: str, key: str, clean: dict[str, np.ndarray]) -> None:
    name, severity = key.rsplit("_", 1)
    result = corrupt(clean[preset], name, int(severity), preset, stream="legacy")
    assert _digest(result) == GOLDEN["reference"][preset][key]


@pytest.mark.skipif(not SAME_MACHINE, reason="the digests were taken on x86-64 Linux")
@pytest.mark.parametrize(("preset", "key"), OWN)
def test_bytes_have_not_changed(preset: str, key: str) -> None:
    """The counter stream and other shapes are pinned here too."""
    name, severity, stream = key.rsplit("_", 2)
    images = patterns(*GOLDEN["own_shapes"][preset])
    assert _digest(corrupt(images, name, int(severity), preset, stream=stream)) == GOLDEN["own"][preset][key]
