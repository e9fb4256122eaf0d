"""How fine a corruption is: the mean spatial frequency of what it changes in an image."""

import numpy as np
from numpy.typing import NDArray

from robench import registry
from robench.analysis.photographs import crops
from robench.contracts import Suite
from robench.corruption.images import corrupt
from robench.errors import RobenchError

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
    clean = crops(_SIDES.get(preset, _LARGEST))
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


def centroid(change: NDArray[np.float64]) -> float:
    """Return the power-weighted mean radial frequency of `change` (N, H, W, C), in cycles a pixel, up to 0.71."""
    power = np.abs(np.fft.fft2(change, axes=(1, 2))) ** 2
    vertical, horizontal = np.fft.fftfreq(change.shape[1]), np.fft.fftfreq(change.shape[2])
    radius = np.hypot(vertical[:, None], horizontal[None, :])
    return float((power * radius[None, :, :, None]).sum() / power.sum())
