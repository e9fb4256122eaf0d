"""Images and names that the tests of the corruptions share."""

import json
from pathlib import Path

import numpy as np
import pytest

from robench import registry

NAMES = [entry.name for entry in registry.entries("corruption")]
SHIPPED = [entry.name for entry in registry.entries("corruption") if entry.distribution == "robench"]
PRESETS = ("cifar", "tiny", "imagenet")
GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "corruptions.json").read_text())


def patterns(count: int, height: int, width: int) -> np.ndarray:
    """Return test images from whole-number arithmetic alone: slopes, stripes, squares, a coloured disk each."""
    y, x, c = np.ogrid[:height, :width, :3]
    images = []
    for i in range(count):
        slope = (5 * x + 3 * y * (c + 1) + 40 * i) % 256
        stripes = ((x + (i + 1) * y) // 5 % 2) * 190 + 20 * c
        squares = (x // 8 + y // 8) % 2
        inside = (x - width // 2) ** 2 + (y - height // 3) ** 2 < (min(height, width) // 4) ** 2
        image = np.where(squares == 1, slope, stripes)
        images.append(np.where(inside, (60 + 70 * c * (i + 1)) % 256, image))
    return np.stack(images).astype(np.uint8)


@pytest.fixture(scope="session")
def root(request: pytest.FixtureRequest) -> "RootOf":
    return RootOf(request)


class RootOf:
    """The data root for a corruption: it skips a test only where files are needed and nowhere to be had."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self.request = request

    def __call__(self, name: str) -> Path | None:
        return self.request.getfixturevalue("shared_data") if registry.load("corruption", name).assets else None
