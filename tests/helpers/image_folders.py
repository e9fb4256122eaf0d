"""Folders of images in the layout of torchvision's ImageFolder."""

from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("bird", "cat", "dog")


def lay(folder: Path, size: tuple[int, int] = (40, 36), *, each: int = 3) -> Path:
    """Write images of size (width, height): `each` of every class for training, two for testing."""
    rng = np.random.default_rng(0)
    for split, count in (("train", each), ("test", 2)):
        for label in CLASSES:
            (folder / split / label).mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / split / label / f"{number}.png")
    return folder
