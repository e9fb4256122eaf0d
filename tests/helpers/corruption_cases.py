"""Names, digests and images that the tests of the corruptions share."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from robench import registry
from robench.testing.corruption import patterns

__all__ = ["COMMON", "GOLDEN", "NAMES", "SIZES", "Root", "patterns", "statistics"]

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "corruptions.json").read_text())
NAMES = [entry.name for entry in registry.entries("corruption")]
COMMON = sorted({key.rpartition("_")[0] for key in GOLDEN["reference"]["cifar"]})
"""The 19 common corruptions."""

Root = Callable[[str], Path | None]
SIZES = {"cifar": 32, "tiny": 64, "imagenet": 224}
"""Preset -> side in pixels of the images that its levels are made for."""


def statistics(clean: np.ndarray, corrupted: np.ndarray) -> tuple[float, float]:
    """Return the mean absolute difference in grey levels and the mean PSNR in dB."""
    difference = corrupted.astype(float) - clean
    squares = np.maximum((difference**2).mean(axis=(1, 2, 3)), 1e-3)
    return float(np.abs(difference).mean()), float((10 * np.log10(255**2 / squares)).mean())
