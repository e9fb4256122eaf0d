"""Between bytes and the unit interval, as the published corruptions do it."""

import numpy as np

HENDRYCKS = "Hendrycks & Dietterich 2019, arXiv:1903.12261; code hendrycks/robustness 8190fe3"
"""Source of algorithms, order of random draws and severity tables of the 19 common corruptions."""

_UNIT = np.arange(256) / 255.0
_UNIT32 = np.arange(256, dtype=np.float32) / np.float32(255)


def to_unit(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as float64 in [0, 1]."""
    return _UNIT[images]


def to_unit32(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as float32 in [0, 1]."""
    return _UNIT32[images]


def to_bytes(unit: np.ndarray) -> np.ndarray:
    """Clip `unit` to [0, 1] in place and return it as uint8, truncated, not rounded.

    Truncation darkens by half a grey level; it is part of the published benchmark.
    """
    np.clip(unit, 0, 1, out=unit)
    unit *= 255
    return unit.astype(np.uint8)
