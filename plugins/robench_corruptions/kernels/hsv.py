"""Hue, saturation and value, value for value those of scikit-image."""

import math

import numpy as np

from robench_corruptions.kernels.arrays import Bytes, Doubles
from robench_corruptions.kernels.compiled import compiled
from robench_corruptions.kernels.pixels import to_unit


@compiled
def _hue_saturation(red: float, green: float, blue: float, value: float) -> tuple[float, float]:
    """Return the hue in sixths of a turn and the saturation in [0, 1]."""
    spread = value - min(red, green, blue)
    if spread == 0.0:
        return 0.0, 0.0
    if blue == value:
        hue = 4.0 + (red - green) / spread
    elif green == value:
        hue = 2.0 + (blue - red) / spread
    else:
        hue = (green - blue) / spread
    hue /= 6.0
    return (hue - math.floor(hue)) * 6.0, spread / value


@compiled
def _rgb(hue: float, saturation: float, value: float) -> tuple[float, float, float]:
    sector = math.floor(hue)
    part = hue - sector
    p = value * (1.0 - saturation)
    q = value * (1.0 - part * saturation)
    t = value * (1.0 - (1.0 - part) * saturation)
    sector = int(sector) % 6
    if sector == 0:
        return value, t, p
    if sector == 1:
        return q, value, p
    if sector == 2:
        return p, value, t
    if sector == 3:
        return p, q, value
    if sector == 4:
        return t, p, value
    return value, p, q


@compiled
def _shifted(pixels: Doubles, gain: float, add_saturation: float, add_value: float) -> Doubles:
    out = np.empty_like(pixels)
    for i in range(pixels.shape[0]):
        red, green, blue = pixels[i, 0], pixels[i, 1], pixels[i, 2]
        value = max(red, green, blue)
        hue, saturation = _hue_saturation(red, green, blue, value)
        saturation = min(max(saturation * gain + add_saturation, 0.0), 1.0)
        red, green, blue = _rgb(hue, saturation, min(max(value + add_value, 0.0), 1.0))
        out[i, 0], out[i, 1], out[i, 2] = red, green, blue
    return out


def shifted(images: Bytes, gain: float, add_saturation: float, add_value: float) -> Doubles:
    """Return saturation times `gain` plus `add_saturation` and value plus `add_value`, both clipped to [0, 1].

    `images` is uint8 (N, H, W, 3), the result float64 in [0, 1].
    """
    return _shifted(to_unit(images).reshape(-1, 3), gain, add_saturation, add_value).reshape(images.shape)
