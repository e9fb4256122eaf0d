"""Motion blur along a line, value for value that of ImageMagick 6 at 16 bits a channel."""

import math

import numpy as np

from robench_corruptions.kernels.arrays import Bytes, Doubles, Indices
from robench_corruptions.kernels.compiled import compiled


def _offsets(taps: int, degrees: float) -> tuple[Indices, Indices]:
    """Return the row and column offset of each tap; they grow from tap to tap."""
    angle = math.pi * degrees / 180.0
    x, y = taps * math.cos(angle), taps * math.sin(angle)
    length = math.hypot(x, y)
    places = np.arange(taps)
    return tuple(np.ceil(places * end / length - 0.5).astype(np.int64) for end in (y, x))


@compiled
def _blend(wide: Doubles, rows: Indices, starts: Indices, weights: Doubles, out: Bytes) -> None:
    """Fill `out` (H, W * C) with the weighted sum of the lines of `wide` that begin at `rows` and `starts`."""
    height, width = out.shape
    total = np.empty(width)
    for y in range(height):
        total[:] = 0.0
        for i in range(weights.size):
            line = wide[min(max(y + rows[i], 0), height - 1), starts[i] :]
            weight = weights[i]
            for x in range(width):
                total[x] += weight * line[x]
        for x in range(width):
            out[y, x] = np.int64(min(total[x] + 0.5, 65535.0)) // 257


def streak(images: Bytes, radius: int, sigma: float, angles: Doubles) -> Bytes:
    """Draw every pixel of `images`, uint8 (N, H, W, C), out along `angles` (N,), degrees clockwise from the right.

    Half a Gaussian of `sigma` pixels over 2 * radius + 1 taps, edges clamped, rounded at 16 bits and then
    truncated to 8.
    """
    weights = np.exp(-(np.arange(2 * radius + 1) ** 2) / (2.0 * sigma * sigma)) / (math.sqrt(2 * math.pi) * sigma)
    weights /= sum(weights)
    height, width, channels = images.shape[1:]
    out = np.empty((len(images), height, width * channels), np.uint8)
    for image, angle, blended in zip(images, angles, out, strict=True):
        rows, columns = _offsets(weights.size, float(angle))
        reach = abs(int(columns[-1]))
        repeated = np.clip(np.arange(-reach, width + reach), 0, width - 1)
        wide = 257.0 * image[:, repeated].reshape(height, -1)
        _blend(wide, rows, (reach + columns) * channels, weights, blended)
    return out.reshape(images.shape)
