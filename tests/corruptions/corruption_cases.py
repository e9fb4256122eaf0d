"""Names, digests and images that the tests of the corruptions share."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from robench import registry

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "corruptions.json").read_text())
NAMES = [entry.name for entry in registry.entries("corruption")]
COMMON = sorted({key.rpartition("_")[0] for key in GOLDEN["reference"]["cifar"]})
"""The 19 common corruptions."""

Root = Callable[[str], Path | None]
SIZES = {"cifar": 32, "tiny": 64, "imagenet": 224}
"""Preset -> side in pixels of the images that its levels are made for."""


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
