"""How fine a corruption is: the mean spatial frequency of what it changes in an image."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench import registry
from robench.contracts import Suite
from robench.corruption.images import corrupt
from robench.errors import RobenchError

_CROP = 200
_SEVERITY = 3
_SIDES = {"cifar": 32, "tiny": 64}
_LARGEST = 224


def frequencies(suite: str, corruptions: tuple[str, ...]) -> dict[str, float]:
    """Return the mean spatial frequency of the change, in cycles a pixel, of each corruption that can be made here.

    It is the centroid of the power spectrum of (corrupted - clean), DC included, at severity 3 over twelve crops of two
    photographs that scikit-learn ships, scaled to the suite's preset: 0 for a constant shift, about 0.38 for white
    noise. Corruptions that are not installed, or lack their files, are left out, as is all of an unknown suite.
    """
    try:
        preset = _preset(suite)
    except RobenchError:
        return {}
    clean = pictures(_SIDES.get(preset, _LARGEST))
    found = {}
    for name in corruptions:
        try:
            changed = corrupt(clean, name, _SEVERITY, preset=preset)
        except RobenchError:
            continue
        if not np.array_equal(changed, clean):
            found[name] = centroid(changed.astype(np.float64) - clean)
    return found


def _preset(suite: str) -> str:
    plugin: Suite = registry.load("suite", suite)
    return plugin.preset


def pictures(side: int) -> NDArray[np.uint8]:
    """Return twelve crops, uint8 (12, side, side, 3), of the photographs that come with scikit-learn."""
    from sklearn.datasets import load_sample_images

    crops = [
        photo[top : top + _CROP, left : left + _CROP]
        for photo in load_sample_images().images
        for top in (0, _CROP)
        for left in (0, _CROP, 2 * _CROP)
    ]
    return np.stack([np.asarray(Image.fromarray(crop).resize((side, side), Image.Resampling.BOX)) for crop in crops])


def centroid(change: NDArray[np.float64]) -> float:
    """Return the power-weighted mean radial frequency of `change` (N, H, W, C), in cycles a pixel, up to 0.71."""
    power = np.abs(np.fft.fft2(change, axes=(1, 2))) ** 2
    vertical, horizontal = np.fft.fftfreq(change.shape[1]), np.fft.fftfreq(change.shape[2])
    radius = np.hypot(vertical[:, None], horizontal[None, :])
    return float((power * radius[None, :, :, None]).sum() / power.sum())
