"""The legacy stream against the published code, byte for byte."""

import hashlib
import platform
from pathlib import Path

import cv2
import numpy as np
import PIL
import pytest

from robench import corrupt
from tests.helpers.corruption_cases import GOLDEN, SIZES, Root, patterns
from tests.helpers.synthetic_images import synthetic_images

REFERENCE = [(preset, key) for preset in SIZES for key in GOLDEN["reference"][preset]]
OWN = [(preset, key) for preset in SIZES for key in GOLDEN["own"][preset]]

# These go through OpenCV or libjpeg-turbo, whose builds differ in the last bit.
BY_BUILD = {"jpeg_compression", "elastic_transform", "frost", "frost_procedural", "defocus_blur", "spatter"}
SAME_BUILD = {"opencv": cv2.__version__, "pillow": PIL.__version__} == GOLDEN["build"]
SAME_MACHINE = (platform.system(), platform.machine()) == ("Linux", "x86_64")


def _digest(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


@pytest.fixture(scope="module")
def clean() -> dict[str, np.ndarray]:
    """The images that the published code was given, made here: no folder of reference data is needed."""
    return {preset: synthetic_images(GOLDEN["images"][preset]["count"], size) for preset, size in SIZES.items()}


@pytest.mark.parametrize("preset", SIZES)
def test_the_images_are_those_of_the_reference(preset: str, clean: dict[str, np.ndarray]) -> None:
    assert _digest(clean[preset]) == GOLDEN["images"][preset]["sha256"]


@pytest.mark.parametrize(("preset", "key"), REFERENCE)
def test_legacy_stream_is_the_published_code(
    preset: str, key: str, clean: dict[str, np.ndarray], root_of: Root, request: pytest.FixtureRequest
) -> None:
    name, severity = key.rsplit("_", 1)
    result = corrupt(clean[preset], name, int(severity), preset, stream="legacy", data=root_of(name))
    if _digest(result) == GOLDEN["reference"][preset][key]:
        return
    assert name in BY_BUILD
    assert not SAME_BUILD
    folder: Path = request.getfixturevalue("shared")
    with np.load(folder / "golden" / f"golden_{SIZES[preset]}.npz") as arrays:
        if key in arrays:  # of the largest size only severities 3 and 5 are kept
            distance = np.abs(result.astype(int) - arrays[key])
            assert distance.max() <= 1
            assert (distance > 0).mean() <= 0.001


@pytest.mark.skipif(not SAME_MACHINE, reason="the digests were taken on x86-64 Linux")
@pytest.mark.parametrize(("preset", "key"), OWN)
def test_bytes_have_not_changed(preset: str, key: str) -> None:
    """The counter stream and other shapes are pinned here too."""
    name, severity, stream = key.rsplit("_", 2)
    if name in BY_BUILD and not SAME_BUILD:
        pytest.skip("another build of OpenCV or Pillow")
    images = patterns(*GOLDEN["own_shapes"][preset])
    assert _digest(corrupt(images, name, int(severity), preset, stream=stream)) == GOLDEN["own"][preset][key]
