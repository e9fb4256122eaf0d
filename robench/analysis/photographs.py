"""Two photographs that scikit-learn ships, a temple and a flower, as what corruptions are looked at on."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench.contracts import ImageSize, sides

_CROP = 200


def originals() -> list[NDArray[np.uint8]]:
    """Return both as they are, uint8 (427, 640, 3) each."""
    from sklearn.datasets import load_sample_images

    return list(load_sample_images().images)


def centres(size: ImageSize) -> NDArray[np.uint8]:
    """Return the largest part about the centre of each that has the shape of `size`, uint8 (2, height, width, 3)."""
    height, width = sides(size)
    found = []
    for picture in originals():
        high = min(picture.shape[0], picture.shape[1] * height // width)
        wide = min(picture.shape[1], picture.shape[0] * width // height)
        top, left = (picture.shape[0] - high) // 2, (picture.shape[1] - wide) // 2
        part = np.ascontiguousarray(picture[top : top + high, left : left + wide])
        found.append(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA))
    return np.stack(found).astype(np.uint8, copy=False)


def crops(side: int) -> NDArray[np.uint8]:
    """Return six parts of each, uint8 (12, side, side, 3), side by side from the upper left."""
    parts = [
        photo[top : top + _CROP, left : left + _CROP]
        for photo in originals()
        for top in (0, _CROP)
        for left in (0, _CROP, 2 * _CROP)
    ]
    return np.stack([np.asarray(Image.fromarray(part).resize((side, side), Image.Resampling.BOX)) for part in parts])
