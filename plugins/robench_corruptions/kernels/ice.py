"""Drawn textures of ice, for frost without anything to fetch."""

from functools import cache

import cv2
import numpy as np

from robench_corruptions.kernels.arrays import Bytes, Doubles
from robench_corruptions.kernels.gaussian import smooth

_HEIGHT, _WIDTH = 480, 640
_STARS = 700
_NEEDLES = 14

_COLOURS = (
    ((78, 149, 166), (27, 17, 15)),
    ((201, 205, 214), (21, 22, 23)),
    ((201, 205, 214), (21, 22, 23)),
    ((138, 153, 165), (28, 28, 30)),
    ((112, 123, 135), (44, 43, 42)),
)
"""Mean and standard deviation of red, green and blue of the five published photographs."""


def _needles(source: np.random.RandomState) -> Doubles:
    """Return stars of straight crystals in random directions, float64 (H, W, 1), 0 to 255."""
    canvas = np.zeros((_HEIGHT, _WIDTH), np.uint8)
    for _ in range(_STARS):
        centre = source.random_sample(2) * (_WIDTH, _HEIGHT)
        angles = source.uniform(0, 2 * np.pi, _NEEDLES)
        lengths = source.exponential(14, _NEEDLES) + 3
        tips = centre + lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        for tip, brightness in zip(tips, source.randint(40, 256, _NEEDLES), strict=True):
            start, end = centre.astype(int).tolist(), tip.astype(int).tolist()
            cv2.line(canvas, start, end, int(brightness), 1 + int(brightness) % 2, cv2.LINE_8)
    return canvas[..., None].astype(np.float64)


def _clouds(source: np.random.RandomState) -> Doubles:
    """Return smooth noise of equal strength at scales of 1, 4, 16 and 64 pixels, float64 (H, W, 1)."""
    total = np.zeros((_HEIGHT, _WIDTH, 1))
    for sigma in (1, 4, 16, 64):
        total += sigma * smooth(source.normal(0, 1, (1, _HEIGHT, _WIDTH, 1)), sigma, reflect=True)[0]
    return total


@cache
def drawn_ice(number: int) -> Bytes:
    """Return one of five textures, uint8 RGB (480, 640, 3), the same one always."""
    mean, deviation = _COLOURS[number]
    source = np.random.RandomState(number)
    ice = _needles(source) / 60 + 2.2 * _clouds(source)
    ice -= ice.mean()
    ice /= ice.std()
    return np.clip(np.array(mean) + ice * deviation, 0, 255).astype(np.uint8)
